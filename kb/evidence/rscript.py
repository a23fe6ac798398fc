"""An estimate as an R script: the data inline, the model in metafor, and our numbers to hold it to.

metafor: Viechtbauer 2010, J Stat Softw 36(3), https://doi.org/10.18637/jss.v036.i03.
"""

import math
from collections.abc import Iterable, Sequence

from kb.records import Effect, Estimate, Share

#: metafor's function from a measure's analysis scale to the scale of the data; none where that is the same.
TRANSFORMS = {
    "PLO": "transf.ilogit", "PAS": "transf.iarcsin", "PFT": "transf.ipft.hm",
    **dict.fromkeys(("HR", "OR", "RR", "IRR", "SIR", "SMR", "IRLN", "PETO"), "exp"),
}  # fmt: skip
#: Relative; metafor's optimisers stop before ours do, by default at 1e-5 and (PM) 1e-4, so the script asks for more.
TOLERANCE = 1e-6
CONTROL = "list(threshold = 1e-10, maxiter = 10000, tol = 1e-12)"


def r_script(estimate: Estimate) -> str:
    """The script that reproduces an estimate; with one study its own numbers, with none only what was found.

    Text from outside stands in quoted strings and in comments without line breaks, so that it cannot become code.
    """
    pooled = [s for s in estimate.shares if s.weight is not None]
    lines = [*_head(estimate), "library(metafor)", ""]
    if not pooled:
        return "\n".join([*_head(estimate), *_left_out(estimate.shares), "# No study can be pooled here.", ""])
    body = _pool(estimate, pooled) if len(pooled) > 1 else _single(pooled[0].effect)
    return "\n".join([*lines, *_data(pooled), *body, "", *_left_out(estimate.shares)])


def _head(estimate: Estimate) -> list[str]:
    said = (
        estimate.id,
        f"outcome {estimate.outcome}, {estimate.intervention_class}, design {estimate.design}",
        f"window {estimate.window}, measure {estimate.measure}, set {estimate.set}, {estimate.reviewed}",
        *(estimate.assumptions or "").splitlines(),
    )
    return [*(f"# {_one_line(words)}" for words in said), ""]


def _data(shares: Sequence[Share]) -> list[str]:
    effects = [s.effect for s in shares]
    columns = {
        "study": [_quoted(e.study) for e in effects],
        "arm": [_quoted(e.arm) for e in effects],
        "yi": [_numeral(e.yi) for e in effects],
        "vi": [_numeral(e.vi) for e in effects],
        "ni": [_numeral(e.ni) for e in effects],
    }
    rows = [f"  {name} = c({', '.join(values)})" for name, values in columns.items()]
    return ["dat <- data.frame(", ",\n".join(rows), ")", ""]


def _pool(estimate: Estimate, shares: Sequence[Share]) -> list[str]:
    control = "" if estimate.method in ("FE", "EE") else f", control = {CONTROL}"
    return [
        f"fit <- rma(yi, vi, data = dat, slab = paste(study, arm), method = {_quoted(estimate.method)},",
        f"           test = {_quoted(estimate.test)}, level = {_numeral(estimate.level)}{control})",
        "print(fit)",
        f"print(predict(fit{_transform(estimate, shares)}))",
        "",
        "# what the knowledge base says, on the scale of the model",
        *_held({"c(fit$beta)": estimate.beta, "fit$se": estimate.se, "fit$tau2": estimate.tau2}),
        *_held({f"weights(fit)[[{i}]]": s.weight for i, s in enumerate(shares, 1)}),
    ]


def _single(effect: Effect) -> list[str]:
    lines = ["# one study: nothing is pooled, these are its own numbers"]
    if effect.scale == "percent" and effect.ni:
        events = round(effect.estimate * effect.ni / 100)
        exact = f"binom.test({events}, {effect.ni})$conf.int"
        return [
            *lines,
            f"print({exact})",
            *_held({f"100 * {exact}[1]": effect.ci_low, f"100 * {exact}[2]": effect.ci_high}),
        ]
    back = "exp" if effect.scale == "ratio" else ""
    return [
        *lines,
        f"interval <- {back}(dat$yi + qnorm(c(0.025, 0.5, 0.975)) * sqrt(dat$vi))",
        "print(interval)",
        *_held({"interval[2]": effect.estimate}),
    ]


def _transform(estimate: Estimate, shares: Sequence[Share]) -> str:
    name = TRANSFORMS.get(estimate.measure)
    sizes = ", targs = list(ni = dat$ni)" if estimate.measure == "PFT" and all(s.effect.ni for s in shares) else ""
    return f", transf = {name}{sizes}" if name else ""


def _held(pairs: dict[str, float | None]) -> list[str]:
    return [
        f"stopifnot(isTRUE(all.equal({code}, {_numeral(value)}, tolerance = {TOLERANCE:g})))"
        for code, value in pairs.items()
        if value is not None
    ]


def _left_out(shares: Iterable[Share]) -> list[str]:
    silent = [s for s in shares if s.left_out]
    lines = [f"# left out: {_one_line(f'{s.effect.study}, {s.effect.arm}: {s.left_out}')}" for s in silent]
    return [*lines, ""] if lines else []


def _numeral(value: float | None) -> str:
    """A number so that R reads the same double back."""
    if value is None or math.isnan(value):
        return "NA"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(value)


def _quoted(words: str) -> str:
    escaped = _one_line(words).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _one_line(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
