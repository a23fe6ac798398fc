"""A header or row label of a table -> what it says: times, the size of a group, how to read the numbers, the rest."""

import re
from typing import NamedTuple

from kb.extract.details import word
from kb.extract.measures import effect_measure
from kb.extract.names import GROUP
from kb.extract.normalise import lower, normalise
from kb.extract.quantities import find_quantities
from kb.extract.times import UNITS, find_times
from kb.extract.tokens import Token, lex
from kb.records import BASELINE, Timepoint

#: How a number and what stands beside it are named.
_FORMS = {
    "sd": r"s\.?d\.?s?(?![a-z])|standard deviations?|±|\+/-",
    "se": r"s\.?e\.?m?\.?(?![a-z])|standard errors?(?: of the mean)?",
    "iqr": r"i\.?q\.?r\.?s?|inter-?quartile(?: range)?|quartiles?|q1 ?[-,;] ?q3|25th ?[-,] ?75th(?: percentiles?)?"
    r"|p25 ?- ?p75",
    "range": r"ranges?|min(?:imum)? ?[-,/] ?max(?:imum)?",
    "ci": r"(?:\d\d ?% ?)?(?:c\.?i\.?s?(?![a-z])|confidence intervals?(?: \(ci\))?|credible intervals?)"
    r"(?:,? ?\d\d ?%)?",
    "median": r"medians?",
    "mean": r"(?:adjusted |ls |least[- ]squares? |estimated |marginal )*(?:means?|averages?)|^\W*m\W*$|x̄|χ(?![²2])",
    "count": r"(?:no\.?|nos\.?|number|n|nr\.?|counts?)(?: of)?"
    r"(?: (?:patients|participants|subjects|women|men|children|cases|people|events))?(?: with(?: events?)?)?"
    r"(?![a-z=])(?! ?=)",
    "percent": r"(?<!\d)(?<!\d )%|per ?cent(?:age)?s?|proportion",
}
_FORM = re.compile("|".join(rf"(?P<{name}>(?<![a-z]){form})" for name, form in _FORMS.items()))
_SIZE = re.compile(
    r"[(\[]?\s*(?<![a-z])n\s*(?:=|:)\s*(\d[\d,]*)\s*[)\]]?"
    r"|[(\[]\s*(\d+)\s*(?:patients|participants|subjects|women|men|children|eyes)\s*[)\]]"
)
_P = re.compile(
    r"^\W*(?:adjusted |unadjusted |corrected |overall |exact |two-sided )*p\W*"
    r"(?:[- ]?values?|trend|for \w+|interaction)?\b|^\W*(?:significance|sig)\b|\bp[- ]values?[a-e]?\b(?! of)|\(p\)"
)
_TEST = re.compile(
    r"^\W*(?:t|f|z|df|r|r2|r²|β|χ2|χ²|icc|beta|b|coefficients?|statistics?|t-test|anova.*|chi-squared?|x2"
    r"|omega2.*|cohen's kappa|kappa|κ|correlation.*|auc.*)\W*$"
)
_SHORT_TIME = re.compile(
    r"(?<![\w.])(\d{1,3}) ?(m|mo|mos|w|wk|wks|d|y|yr|yrs|h)\b(?!/)|(?<![a-z])(w|wk|m|d|y)(\d{1,3})\b|(?<![a-z])t ?0\b"
)
_BEFORE = re.compile(
    r"\b(?:baseline|pre-?(?:test|treatment|intervention|op(?:erative(?:ly)?)?)?|before(?: \w+){0,2}|initial"
    r"|at (?:entry|enrol?lment|inclusion|admission)|study entry|start"
    r"|0 ?(?:h|hours?|d|days?|wks?|weeks?|mo|months?|years?)|(?:hour|day|week|month|year|visit) ?0)\b"
)
_AFTER = re.compile(
    r"\b(?:post-?(?:test|treatment|intervention|op(?:erative(?:ly)?)?|trial)?"
    r"|after(?: (?:the )?(?:treatment|therapy|intervention|surgery|training))?|final"
    r"|end(?: ?point| of (?:study|treatment|trial|intervention|follow-up))|follow-?up|discharge|last visit"
    r"|completion)\b"
)
_CHANGE = re.compile(
    r"\b(?:changes?|changed|delta|increases?|decreases?|reductions?|improvements?|gains?|loss)\b|[δ∆Δ]"
)
_DIFFERENCE = re.compile(r"\b(?:differences?|diff|treatment effect|estimated effect|effect estimate|contrast)\b")
_MARKED = re.compile(r"(?<=[a-z]{4})\d\b")  # the mark of a footnote, printed as a number: "difference2"
_VERSUS = re.compile(r"\b(?:vs|versus|v|compared (?:with|to)|minus)\b\.?")
_CENTRED = re.compile(
    r"^(?:medians?|means?|averages?)\s+(?!arterial|corpuscular|platelet|cell|blood|airway)(?:of\s+)?", re.IGNORECASE
)
_ALL = re.compile(r"^\W*(?:all|total|overall|entire|whole|combined|pooled)\b[\w\s]*$")
_UPPER_UNITS = ("IU", "U", "WU")
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


class Label(NamedTuple):
    """What a label says. text is as printed; rest what is left of it when times, sizes and formats are taken away.

    when: the word of time where it names no point that can be counted ("after treatment"). forms: the order of what is
    printed ("mean", "sd"). role: p, test, difference or "".
    """

    text: str
    rest: str
    words: tuple[str, ...]
    times: tuple[Timepoint, ...]
    when: str | None
    n: int | None
    forms: tuple[str, ...]
    unit: str | None
    role: str
    measure: str | None
    change: bool
    versus: bool
    whole: bool

    @property
    def tokens(self) -> list[Token]:
        """Tokens of the text as printed."""
        return lex(lower(normalise(self.text)), 0, len(self.text))


def read_label(text: str) -> Label:
    """What a label says."""
    plain = normalise(text)
    lowered = lower(plain)
    tokens = lex(lowered, 0, len(lowered))
    size = _SIZE.search(lowered)
    grouped = bool({t.text for t in tokens} & GROUP)
    times, taken = _times(lowered, tokens, grouped=grouped)
    after = _AFTER.search(lowered)
    measure = next(
        (found[0] for i in range(len(tokens)) if (found := effect_measure(tokens, i)) and not _bare_or(tokens, i)), None
    )
    forms = _forms(lowered)
    rest = _rest(text, lowered, taken)
    return Label(
        text=text,
        rest=rest,
        words=tuple(t.text for t in lex(lower(normalise(rest)), 0, len(rest)) if t.kind == "w"),
        times=times,
        when=after[0] if after and not times else None,
        n=int((size[1] or size[2]).replace(",", "")) if size else None,
        forms=forms,
        unit=_unit(plain),
        role=_role(lowered, measure),
        measure=measure,
        change=bool(_CHANGE.search(lowered)) and not grouped,
        versus=bool(_VERSUS.search(lowered)),
        whole=bool(_ALL.match(lower(normalise(rest)))),
    )


def _bare_or(tokens: list[Token], i: int) -> bool:
    """Read "or" alone between words is a conjunction."""
    return tokens[i].text == "or" and word(tokens, i + 1) != "" and i > 0 and word(tokens, i - 1) != "("


def _role(lowered: str, measure: str | None) -> str:
    lowered = _MARKED.sub("", lowered)
    if _P.search(lowered) and not measure:
        return "p"
    if _TEST.match(lowered):
        return "test"
    return "difference" if measure or _DIFFERENCE.search(lowered) else ""


def _times(lowered: str, tokens: list[Token], *, grouped: bool) -> tuple[tuple[Timepoint, ...], list[tuple[int, int]]]:
    """The points in time that a label names and the places of their words."""
    silent = ("length", "adjective") if grouped else ("length",)  # the "3-day group" is a name
    mentions = [t for t in find_times(tokens) if t.role not in silent and not _measured_in(tokens, t.first)]
    found = [(point, (time.start, time.end)) for time in mentions for point in time.times]
    found = found or [(_short(match), match.span()) for match in _SHORT_TIME.finditer(lowered)]
    before = _BEFORE.search(lowered)
    if before and not any(point == BASELINE for point, _ in found):
        found.append((BASELINE, before.span()))
    return tuple(dict.fromkeys(point for point, _ in found)), [span for _, span in found]


def _short(match: re.Match[str]) -> Timepoint:
    value, unit = (match[1], match[2]) if match[1] else (match[4], match[3])
    return Timepoint(float(value), UNITS.get(unit, "month")) if value else BASELINE


def _measured_in(tokens: list[Token], first: int) -> bool:
    """Read "(within 24 hours)", "> 90 days" are part of an outcome's name."""
    near = {t.text for t in tokens[max(0, first - 4) : first + 4]}
    if near & {"age", "ages", "aged", "gestation", "gestational", "old", "pregnancy"}:
        return True
    return word(tokens, first - 1) in (">", "<", "≥", "≤", "within", "per", "than", "every", "past", "last", "previous")


def _forms(lowered: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(found.lastgroup) for found in _FORM.finditer(_SIZE.sub(" ", lowered))))


def _rest(text: str, lowered: str, taken: list[tuple[int, int]]) -> str:
    """The label without times, sizes, formats and the brackets that held them."""
    gone = bytearray(len(text))
    spans = [*taken, *(m.span() for p in (_SIZE, _AFTER) for m in p.finditer(lowered))]
    spans += [found.span() for found in _BRACKET.finditer(lowered) if _told(found[1]) or _unit(found[0])]
    spans += [m.span() for m in _FORM.finditer(lowered) if _outer(lowered, *m.span())]
    for start, end in spans:
        gone[start:end] = b"\1" * (end - start)
    left = "".join(" " if hidden else char for char, hidden in zip(text, gone, strict=True))
    words = re.sub(r"\(\s*\)|\[\s*\]", " ", left)
    words = re.sub(r"\s+", " ", words).strip(" ,;:.-–—*†‡§¶/=±")
    words = _CENTRED.sub("", words)
    return re.sub(r"^(?:at|after|in|by|of|from|to)\s+|\s+(?:at|after|in|by|of|from|to|and)$", "", words).strip(
        " ,;:-–—*"
    )


def _told(inside: str) -> bool:
    """A bracket that holds nothing but formats."""
    words = re.findall(r"[^\W\d]+", _FORM.sub(" ", inside))
    return bool(inside.strip()) and all(w in UNITS or w in ("or", "and", "to", "col", "row") for w in words)


def _outer(lowered: str, start: int, end: int) -> bool:
    """Whether a format word ends the label: "Weight, mean ± SD" but not "mean arterial pressure"."""
    tail = lowered[end:]
    return not re.sub(r"[\W\d]", "", _FORM.sub(" ", _BRACKET.sub(" ", tail))) and (
        start == 0 or not lowered[start - 1].isalpha()
    )


def _unit(plain: str) -> str | None:
    """The unit in the label's last brackets or after its comma: "Weight (kg)", "Stay, days"."""
    inside = [found[1] for found in _BRACKET.finditer(plain)] + [plain.rpartition(",")[2]] * ("," in plain)
    for candidate in reversed(inside):
        words = candidate.strip()
        if words.isupper() and words.isalpha() and words not in _UPPER_UNITS:
            continue  # an abbreviation of what stands before it
        if words == "%":
            return "%"
        if words in UNITS and words not in ("d", "h", "y"):
            return words
        told = (
            find_quantities(lex(lower(f"1 {words}"), 0, len(words) + 2), []) if words and not words[0].isdigit() else []
        )
        unit = str(told[0].fields.get("unit", "")) if told else ""
        if unit and (unit == " ".join(t.text for t in lex(lower(words), 0, len(words)))):
            return words
        if re.fullmatch(r"[a-zA-Zμµ%°]{1,5}(?:/[a-zA-Z0-9.²³]+)+", words):
            return words
    return None
