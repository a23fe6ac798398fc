"""Tokens -> mentions of time: "at 1, 3 and 5 years", "week 24", "12-week", "at baseline", and what part they play."""

from collections.abc import Mapping
from dataclasses import dataclass

from kb.extract.tokens import NUMBER_WORDS, Token, words
from kb.records import BASELINE, Timepoint

UNITS = {
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), "hour"),
    **dict.fromkeys(("day", "days", "d"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "week"),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths"), "month"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y"), "year"),
}
_FIRST = words("hour hours day days week weeks wk month months year years")
_BASELINE = words("""
    baseline pretreatment pre-treatment preoperatively preoperative entry enrollment enrolment inclusion
    recruitment pre-intervention
""")
_ENTRY = words("entry enrollment enrolment inclusion recruitment")
_WORDS = _BASELINE | _FIRST | {"initial", "before", "prior"}
_JOIN = frozenset((",", "and", "or", "to", "-", "&", "through", "/"))
_LENGTH = words("follow-up followup followed follow observation")
_AGE = words("old age aged ages")
_POINT = words("at after by within from until to through follow-up post")
_OVER = words("over during for throughout")


@dataclass(frozen=True, slots=True)
class Time:
    """A mention of one or more times. role.

    Point, span (for, over), adjective (5-year), length (of follow-up) or other.
    """

    start: int
    end: int
    first: int
    last: int
    times: tuple[Timepoint, ...]
    role: str


def find_times(tokens: list[Token], named: Mapping[str, Timepoint] | None = None) -> list[Time]:
    """All mentions of time in a sentence, from left to right, without overlap; first:last are token positions.

    named: what the article calls its visits ("T1"), besides "M12" and "W24", which every reader knows.
    """
    found: list[Time] = []
    last, named = 0, {**_CODES, **named} if named else _CODES
    for i, token in enumerate(tokens):
        text = token.text
        worded = text in _WORDS or (token.kind == "w" and ("-" in text or text in named))
        if i < last or (token.value is None and not worded):
            continue
        time = _visit(tokens, i, named[text]) if text in named else _time_at(tokens, i)
        if time:
            found.append(time)
            last = time.last
    return found


_MONTHS_CODED = (1, 2, 3, 4, 6, 9, 12, 15, 18, 24, 30, 36, 48, 60, 72)
_WEEKS_CODED = (2, 4, 6, 8, 12, 16, 20, 24, 26, 28, 32, 36, 48, 52, 96, 104)
_CODES = {
    "m0": BASELINE,
    "w0": BASELINE,
    **{f"m{value}": Timepoint(float(value), "month") for value in _MONTHS_CODED},
    **{f"w{value}": Timepoint(float(value), "week") for value in _WEEKS_CODED},
}


def _visit(tokens: list[Token], i: int, point: Timepoint) -> Time | None:
    """Read "at M12", "between M0 and M36", "T1": a visit by its name."""
    led = i == 0 or tokens[i - 1].kind == "o" or tokens[i - 1].text in _LEADING
    return Time(tokens[i].start, tokens[i].end, i, i + 1, (point,), "point") if led else None


_LEADING = words("at to until by and from between after before in through vs versus or of month week visit the than")


def _time_at(tokens: list[Token], i: int) -> Time | None:
    token = tokens[i]
    if token.text in _BASELINE or token.text == "initial":
        return _baseline(tokens, i)
    if token.text in ("before", "prior"):
        return _before_treatment(tokens, i)
    if token.text in _FIRST:
        return _unit_first(tokens, i)
    return _glued(tokens, i) if token.kind == "w" and token.value is None else _number_first(tokens, i)


def _baseline(tokens: list[Token], i: int) -> Time | None:
    """Read "baseline", "at entry", "the initial value"."""
    token = tokens[i]
    entered = token.text not in _ENTRY or (i > 0 and tokens[i - 1].text in ("at", "study", "trial"))
    during = i + 1 < len(tokens) and tokens[i + 1].text in _TREATMENT_NOUNS and token.text.startswith("pre")
    initial = (token.text != "initial" and not during) or (i + 1 < len(tokens) and tokens[i + 1].text in _VALUES)
    return Time(token.start, token.end, i, i + 1, (BASELINE,), "point") if entered and initial else None


_TREATMENT_NOUNS = words("treatment therapy chemotherapy radiotherapy nutrition phase period programme program")
_VALUES = words("value values score scores level levels mean median")


def _before_treatment(tokens: list[Token], i: int) -> Time | None:
    """Read "before treatment", "prior to the infusion": the baseline."""
    j = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text == "to")
    if tokens[i].text == "before" and j + 1 < len(tokens) and tokens[j].text == "and" and tokens[j + 1].kind == "n":
        return Time(tokens[i].start, tokens[i].end, i, i + 1, (BASELINE,), "point")
    j += j < len(tokens) and tokens[j].text in ("the", "study", "starting")
    if (
        j < len(tokens)
        and tokens[j].text in _TREATMENT
        and (
            i == 0
            or tokens[i - 1].text not in ("day", "days", "week", "weeks", "month", "months", "year", "years", "hours")
        )
    ):
        return Time(tokens[i].start, tokens[j].end, i, j + 1, (BASELINE,), "point")
    return None


_TREATMENT = words("""
    treatment therapy transplantation surgery infusion intervention operation injection treatments hsct
    randomization randomisation
""")


def _glued(tokens: list[Token], i: int) -> Time | None:
    """One word: "week-24", "five-year", "y5" is not."""
    left, dash, right = tokens[i].text.partition("-")
    if not dash:
        return None
    if left in UNITS and len(left) > 1 and right.isdigit() and int(right):
        return _made(tokens, i, i + 1, [float(right)], UNITS[left])
    value = _word_value(left)
    head = right.split("-")[0]
    if value and head in UNITS and len(head) > 1:
        return _made(tokens, i, i + 1, [value], UNITS[head])
    return None


def _word_value(word: str) -> float | None:
    return NUMBER_WORDS.get(word) or None


def _unit_first(tokens: list[Token], i: int) -> Time | None:
    """Read "week 24", "weeks 2, 24 and 48", "month 12"."""
    values, j = _numbers(tokens, i + 1)
    if not values or (len(values) > 1 and not tokens[i].text.endswith("s")):
        values, j = values[:1], i + 2
    if (
        not values
        or values[0] > 1000
        or (j < len(tokens) and tokens[j].text in ("%", ".", "±") and tokens[j].text != ".")
    ):
        return None
    if len(values) == 2 and any(t.text == "-" for t in tokens[i:j]):
        values = values[1:]  # "weeks 9-12" is one stretch of time, known by its end
    return _made(tokens, i, j, values, UNITS[tokens[i].text])


def _number_first(tokens: list[Token], i: int) -> Time | None:
    """Read "5 years", "5-year", "1-, 3- and 5-year", "1, 3, and 5 years", "twelve months"."""
    if i and tokens[i - 1].text in _NUMBERED:
        return None
    values, j = _numbers(tokens, i)
    if j < len(tokens) and tokens[j].text == "-" and tokens[j].start == tokens[j - 1].end:
        j += 1
    if not values or j >= len(tokens):
        return None
    unit = tokens[j].text.split("-")[0] if not tokens[j].text.startswith("year-") else "year"
    if unit not in UNITS or (len(unit) == 1 and tokens[j].start - tokens[j - 1].end > 1):
        return None
    stretched = len(values) == 2 and tokens[i + 1].text == "-"
    if not all(values) or (len(values) == 2 and values[0] >= values[1] and any(t.text == "-" for t in tokens[i:j])):
        return None
    if stretched and tokens[i - 1].text in ("at", "after", "by") and i:
        values = values[1:]  # "at 48-52 weeks" is known by its end
    return _made(tokens, i, j + 1, values, UNITS[unit])


_NUMBERED = words("group groups arm arms grade stage phase cohort type")


def _numbers(tokens: list[Token], i: int) -> tuple[list[float], int]:
    """Numbers joined by commas, "and", hyphens; the position after the last one."""
    values: list[float] = []
    j = k = i
    while k < len(tokens):
        token = tokens[k]
        if token.value is not None and (not values or k > j or tokens[k - 1].text in _JOIN):
            values.append(token.value)
            j = k = k + 1
        elif values and token.text in _JOIN and k - j < 3:
            k += 1
        else:
            break
    return values, j


def _made(tokens: list[Token], i: int, j: int, values: list[float], unit: str) -> Time:
    times = tuple(Timepoint(value, unit) for value in values)
    return Time(tokens[i].start, tokens[j - 1].end, i, j, times, _role(tokens, i, j))


def _role(tokens: list[Token], i: int, j: int) -> str:
    before = [t.text for t in tokens[max(0, i - 7) : i]]
    after = [t.text for t in tokens[j : j + 3]]
    last = before[-1] if before else ""
    aging = last in ("vs", "versus", ".", "-", "to") and bool({"age", "ages", "older", "younger"} & set(before))
    if (last == "of" and before[-2:-1] == ["age"]) or _RANGES.intersection(before[-4:]):
        return "other"
    if aging or last in _APART or _AGE & set(after[:2]) or after[:1] in _NO_POINT:
        return "other"
    if _is_length(before, after):
        return "length"
    if "-" in tokens[j - 1].text or tokens[j - 2].text == "-" or after[:1] in _NOUNS:
        return "adjective"
    spanned = last in _OVER or last == "first" or (len(before) > 1 and before[-2] in _OVER)
    return "span" if spanned else "point"


_APART = words("aged age every per each previous prior past last preceding ≥ ≤ < > = least than ±")
_RANGES = words("interquartile iqr range ranges")
_NO_POINT = (["per"], ["ago"], ["±"], ["before"], ["prior"], ["preceding"], ["previously"])
_NOUNS = (["follow-up"], ["post-treatment"], ["visit"])


def _is_length(before: list[str], after: list[str]) -> bool:
    """A mean or median follow-up: "followed for a median of 2.4 years", "median follow-up was 38 months"."""
    if not _LENGTH.intersection(before) and not _LENGTH.intersection(after):
        return False
    return any(word in ("median", "mean", "average") for word in before) or ("followed" in before and "for" in before)
