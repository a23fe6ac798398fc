"""Numbers and times as a reader wants them: a true minus, fixed decimals by scale, months in words."""

from analysis.plots.svg import number
from kb.records import Figure

#: Decimals by the scale of an effect or estimate.
DECIMALS = {"points": 2, "percent": 1, "ratio": 2}
UNITS = {"points": "", "percent": "\N{NO-BREAK SPACE}%", "ratio": ""}
SETS = {
    "main": "Main",
    "with-secondary": "With secondary figures",
    "with-machine": "With machine-only figures",
    "without-doubtful": "Without doubtful figures",
    "low-risk": "Low risk of bias only",
}
#: metafor's names of measures, in words.
MEASURES = {
    "MC": "mean change", "MD": "mean difference", "SMD": "standardised mean difference", "SMCR": "standardised change",
    "PLO": "proportion", "PAS": "proportion", "PFT": "proportion", "PR": "proportion", "RR": "risk ratio",
    "OR": "odds ratio", "HR": "hazard ratio", "RD": "risk difference", "IR": "rate", "IRR": "rate ratio",
    "SMR": "standardised mortality ratio", "SIR": "standardised incidence ratio", "MN": "mean",
}  # fmt: skip
NO_INTERVAL = "no interval"


def scaled(value: float | None, scale: str, *, unit: bool = True) -> str:
    """2 decimals for points and ratios (more for small ratios), 1 for percent; ``–`` for none."""
    if value is None:
        return "–"
    decimals = 3 if scale == "ratio" and abs(value) < 0.1 else DECIMALS[scale]
    return number(value, decimals) + (UNITS[scale] if unit else "")


def interval(low: float | None, high: float | None, scale: str) -> str:
    """``−7.16 to −2.30``, or that there is none."""
    if low is None or high is None:
        return NO_INTERVAL
    return f"{scaled(low, scale, unit=False)} to {scaled(high, scale)}"


def p_words(p: float | None) -> str:
    """A p value with two significant digits, never 0."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def months_words(months: float | None) -> str:
    """Baseline, days, months, or years where they are whole."""
    if months is None:
        return "no time given"
    if months == 0:
        return "baseline"
    if months < 1:
        return plural(round(months * 30.4375), "day")
    years = months / 12
    if months >= 12 and abs(years - round(years, 1)) < 1e-6:
        return plural(round(years, 1), "year")
    return plural(round(months, 1), "month")


def window_words(window: str | None) -> str:
    """A time window of the topic in words: ``60 months`` → ``5 years``."""
    if window is None:
        return "outside all time windows"
    count, _, unit = window.partition(" ")
    return months_words(float(count)) if unit == "months" else {"follow-up": "whole follow-up"}.get(window, window)


def plural(count: float, noun: str) -> str:
    """``1 study``, ``2 studies``, ``1.5 years``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,g} {noun[:-1]}ies" if noun.endswith("dy") else f"{count:,g} {noun}s"


def measure_words(measure: str) -> str:
    """A measure in words, or metafor's name."""
    return MEASURES.get(measure, measure)


def spoken(figure: Figure, n: int | None = None, events: int | None = None, percent: float | None = None) -> str:
    """A figure as a phrase, its numbers as printed: ``mean 13.95 (SD 8.49), n = 41``; ``38 of 41 (92.7 %)``.

    n, events and percent, where given, are the ones joined to it.
    """
    size = figure.n if figure.n is not None else n
    if figure.kind == "proportion":
        return _share(figure, events if figure.events is None else figure.events, size, percent)
    name = figure.effect_measure or figure.kind
    words = f"{name} {printed(figure, 'value')}" + _spread(figure)
    words += f", p {figure.p_value.op} {figure.p_value.value:g}" if figure.p_value else ""
    return words + (f", n = {size}" if size is not None and figure.kind != "effect" else "")


def printed(figure: Figure, key: str) -> str:
    """A number as the text prints it, with a true minus."""
    value = getattr(figure, key)
    if value is None:
        return "–"
    digits = figure.printed(key) or f"{abs(value):g}"
    return f"−{digits}" if value < 0 else digits


def _share(figure: Figure, events: int | None, size: int | None, percent: float | None) -> str:
    counted = f"{events} of {size}" if events is not None and size is not None else None
    key = "percent" if figure.percent is not None else "value"
    share = f"{printed(figure, key)}{UNITS['percent']}" if getattr(figure, key) is not None else None
    share = share or (f"{number(percent, 1)}{UNITS['percent']}" if percent is not None else None)
    if counted:
        return f"{counted} ({share})" if share else counted
    return (share or "no number") + (f", n = {size}" if size is not None else "")


def _spread(figure: Figure) -> str:
    pairs = (("SD", "sd"), ("SE", "se"))
    found = [f"{name} {printed(figure, key)}" for name, key in pairs if getattr(figure, key) is not None]
    spans = (("IQR", "iqr"), ("range", "range"), (f"{figure.ci_level or 95:g} % interval", "ci"))
    for name, key in spans:
        if getattr(figure, f"{key}_low") is not None and getattr(figure, f"{key}_high") is not None:
            found.append(f"{name} {printed(figure, f'{key}_low')} to {printed(figure, f'{key}_high')}")
    return f" ({'; '.join(found)})" if found else ""
