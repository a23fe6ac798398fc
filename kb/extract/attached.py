"""What is attached to a number: brackets, details after a comma, unlabelled intervals."""

from kb.extract.details import Fields, Read, labelled, pair, percent, signed, unlabelled, word
from kb.extract.measures import effect_measure
from kb.extract.times import UNITS
from kb.extract.tokens import Token, words

CI_WORDS = frozenset(("ci", "confidence", "credible", "cri"))


def ci_follows(tokens: list[Token], j: int) -> bool:
    """Whether a percentage is the level of an interval ("95% CI")."""
    return word(tokens, j) in CI_WORDS


_OTHER = words("difference scale")  # what a bracket gives then is of something else


def bracket(tokens: list[Token], i: int) -> Read:
    """A bracket that holds only details of the number before it; None if it holds anything else with numbers."""
    fields: Fields = {}
    j, seen = i + 1, False
    while j < len(tokens):
        text = tokens[j].text
        if text == ")":
            return (fields, j + 1) if seen else None
        if not seen and (text in _OTHER or effect_measure(tokens, j)):
            return None
        found = labelled(tokens, j) or (
            unlabelled(tokens, j) if not seen or tokens[j - 1].text in ("(", ",", ";", "=", ":") else None
        )
        if found:
            if _clash(fields, found[0]):
                return None
            fields, j, seen = merged(fields, found[0]), found[1], True
            continue
        if text == "and" and seen and "ci_low" in fields:
            return fields, j  # a bracket that was never closed
        passed = _past_aside(tokens, j) if seen else j
        if passed > j:
            j = passed
            continue
        if (
            (tokens[j].value is not None and tokens[j].kind == "n")
            or text in ("vs", "versus")
            or (text == "(" and seen)
        ):
            return None
        j += 1
    return None


def _past_aside(tokens: list[Token], j: int) -> int:
    """Past a dose or a statistic of its own: "4 mg", "I2 = 92%", "chi-square 0.35"; else the place itself."""
    number = tokens[j].kind == "n"
    if number and word(tokens, j + 1) in ("mg", "μg", "g", "mcg", "iu"):
        return j + 2
    if tokens[j].text == "=" and tokens[j - 1].kind == "w" and signed(tokens, j + 1):
        return j + 2 + (word(tokens, j + 2) == "%")
    return j + (number and tokens[j - 1].text in _STATISTICS)


_STATISTICS = words("chi-square χ2 χ² chi2 chi-squared")


def _clash(fields: Fields, found: Fields) -> bool:
    """Two values of one kind in a bracket mean that it lists results of its own."""
    return any(name in fields for name in found if name != "bare") or ("bare" in found and bool(fields))


def merged(fields: Fields, found: Fields) -> Fields:
    """The two together; what was known already stays."""
    return {**found, **fields}


def attached(tokens: list[Token], j: int, fields: Fields, form: str) -> tuple[int, Fields]:
    """All details that follow directly, in brackets or after a comma; the position after the last."""
    found: Fields = {}
    end = j
    while True:
        step = _next_detail(tokens, end, {**fields, **found}, form)
        if step is None:
            return end, found
        more, end = step
        found = merged(found, more)


def _next_detail(tokens: list[Token], j: int, fields: Fields, form: str) -> Read:
    text = word(tokens, j)
    if text == "(":
        timed = form in ("percent", "count", "fraction") and word(tokens, j + 2) in UNITS  # "76% (9 months)"
        step = None if timed else bracket(tokens, j) or _explained(tokens, j, fields)
        return step if step and _fits(step[0], fields, form) else None
    if form == "fraction" and text in (",", ";") and "percent" not in fields:
        part = percent(tokens, j + 1)
        if part and abs(100 * fields["events"] / fields["n"] - part[0]["percent"]) < 1:
            return part
    if text == "," and word(tokens, j + 1) == "(" and pair(tokens, j + 1):
        step = bracket(tokens, j + 1)
        return step if step and _fits(step[0], fields, form) else None
    k = j + (text in (",", ";"))
    found = labelled(tokens, k)
    if found and _fits(found[0], fields, form):
        return found
    if (
        text in (",", "(", ";")
        and "ci_low" not in fields
        and (value := fields.get("value", fields.get("percent"))) is not None
    ):
        both = _around(tokens, k, value)
        if both:
            return {"pair": both[:2]}, both[2]
    return None


def _explained(tokens: list[Token], j: int, fields: Fields) -> Read:
    """A bracket that says what the ± was: "1.02 ± 0.45 (mean ± standard error)"."""
    close = next(
        (
            k
            for k in range(j + 1, min(j + 12, len(tokens)))
            if tokens[k].text == ")"
            and word(tokens, k + 1) != ")"
            and not (tokens[k - 2].text == "(" and word(tokens, k + 1) == ",")
        ),
        None,
    )
    inside = {t.text for t in tokens[j + 1 : close]} if close else set()
    if "pm" not in fields or close is None or any(t.kind == "n" for t in tokens[j:close]):
        return None
    if inside & {"se", "sem", "error"}:
        return {"se": fields["pm"]}, close + 1
    return ({"sd": fields["pm"]}, close + 1) if inside & {"sd", "deviation"} else None


def _around(tokens: list[Token], k: int, value: float) -> tuple[float, float, int] | None:
    """An unlabelled "low-high" after a comma, if it lies around the value."""
    number = signed(tokens, k)
    j = number[1] + (word(tokens, number[1]) == "%") if number else 0
    if number is None or word(tokens, j) not in ("-", "to"):
        return None
    high = signed(tokens, j + 1)
    if high is None or not number[0] <= value <= high[0] or word(tokens, high[1]) == "-":
        return None
    return number[0], high[0], high[1] + (word(tokens, high[1]) == "%")


def _fits(found: Fields, fields: Fields, form: str) -> bool:
    if any(name in fields for name in found if name != "n") or found.get("bare", 0) < 0:
        return False  # what is negative is no spread but a number of its own
    if form in ("number", "effect"):
        return not ("events" in found or "percent" in found) or form == "effect"
    if form == "fraction":
        return "bare" not in found
    return not ("sd" in found and "events" in fields)
