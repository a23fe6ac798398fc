"""Names of effect measures in the text: "hazard ratio [HR]", "adjusted OR", "mean difference"."""

from kb.extract.tokens import Token, words

_SHORTS = {
    "HR": "hr hrs ahr shr shrs csh hr-adj hradj",
    "OR": "or ors aor",
    "RR": "rr rrs arr irr pr apr",
    "RD": "rd ard",
    "MD": "md wmd amd lsmd",
    "SMD": "smd",
    "SIR": "sir sirs age-sir",
    "SMR": "smr smrs",
    "NNT": "nnt nnth nntb",
}
_LONGS = {
    "HR": ("hazard ratio", "hazards ratio", "hazard ratios"),
    "OR": ("odds ratio", "odds ratios"),
    "RR": (
        "risk ratio", "risk ratios", "rate ratio", "rate ratios", "relative risk", "relative risks", "prevalence ratio",
        "prevalence ratios",
    ),
    "RD": ("risk difference", "risk differences", "rate difference", "risk reduction"),
    "MD": (
        "mean difference", "means difference", "mean differences", "median difference", "estimated difference",
        "adjusted difference", "treatment difference", "treatment differences", "treatment effect", "group difference",
        "group differences", "between-group difference", "difference between",
    ),
    "SMD": ("cohen's d", "hedges' g", "effect size"),
    "SIR": ("incidence ratio", "incidence ratios"),
    "SMR": ("mortality ratio", "mortality ratios"),
    "NNT": ("needed to",),
}  # fmt: skip
_SHORT = {short: name for name, shorts in _SHORTS.items() for short in words(shorts)}
_LONG = {tuple(long.split()): name for name, longs in _LONGS.items() for long in longs}
CONTRASTS = frozenset(("HR", "OR", "RR", "RD", "MD", "SMD", "NNT"))
_BEFORE = words("""
    adjusted unadjusted crude multivariable pooled standardized standardised age-adjusted weighted least-squares
    ls
""")
MEASURES = frozenset(_SHORT) | {pair[0] for pair in _LONG} | _BEFORE
_GLUE = frozenset(("=", ":", ",", "of", "was", "were", "is", "-"))


def effect_measure(tokens: list[Token], i: int) -> tuple[str, int] | None:
    """The measure named at this position and the position of what follows its "=", ":", "was" ...; None otherwise."""
    if tokens[i].text not in MEASURES:
        return None
    start = i
    while i < len(tokens) and tokens[i].text in _BEFORE and i < start + 3:
        i += 1
    if i >= len(tokens) or tokens[i].kind != "w":
        return None
    text = tokens[i].text
    second = tokens[i + 1].text if i + 1 < len(tokens) else ""
    name, j = _LONG.get((text, second)), i + 2
    if name is None:
        name, j = _SHORT.get(text), i + 1
        if name is None or (text in ("or", "pr", "arr") and not _is_measure(tokens, i)):
            return None
    elif name == "NNT":
        j += 1
    if name == "MD" and any(t.text in ("standardized", "standardised") for t in tokens[max(0, start - 1) : i]):
        name = "SMD"
    return name, _past_label(tokens, j)


def _is_measure(tokens: list[Token], i: int) -> bool:
    """Read "or" is a conjunction unless a number, "=", or a bracket that opens an interval follows."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    before = tokens[i - 1].text if i else ""
    if after is None:
        return False
    if after.text in ("=", ":"):
        return True
    return (
        after.kind == "n"
        and "." in after.text
        and before in ("(", "adjusted", ",", ";", "an", "unadjusted", "with", "crude")
        and tokens[i].text != "pr"
    )


def _past_label(tokens: list[Token], j: int) -> int:
    """Past "[HR]", "(95% CI)", "=", ":" and "of" after the name."""
    for _ in range(4):
        text = tokens[j].text if j < len(tokens) else ""
        if text in _GLUE and not (text == "-" and tokens[j - 1].end < tokens[j].start):
            j += 1
        elif text == "(" and (close := _label_bracket(tokens, j)):
            j = close
        else:
            break
    return j


def _label_bracket(tokens: list[Token], j: int) -> int | None:
    """The position after a bracket of labels only: "(HR)", "[95% CI]", "(SE)"."""
    for k in range(j + 1, min(j + 6, len(tokens))):
        if tokens[k].text == ")":
            return k + 1
        if tokens[k].kind == "n" and not (
            k + 1 < len(tokens) and tokens[k + 1].text == "%" and tokens[k].value in (90.0, 95.0, 99.0)
        ):
            return None
    return None
