"""The quote gate: another reader's figure is taken only if its quote stands in the text and holds its numbers.

misquoted  the quote stands elsewhere in the same paper, or at several places and not at the one named
altered    the quote stands there but prints another number or another sign
invented   the quote stands nowhere
malformed  it is no figure: keys, types or a place that cannot be
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from kb.extract.normalise import lower, normalise
from kb.extract.tokens import NUMBER_WORDS, Token, lex
from kb.records import Figure

KINDS = ("mean", "median", "proportion", "change", "effect")

#: Numbers that must stand in the quote itself.
QUOTED = (
    "value", "sd", "se", "iqr_low", "iqr_high", "range_low", "range_high", "ci_low", "ci_high", "events", "percent",
)  # fmt: skip

#: Numbers that carry a sign.
SIGNED = ("value", "iqr_low", "iqr_high", "range_low", "range_high", "ci_low", "ci_high")

_TEXTS = ("kind", "quote", "outcome", "arm", "unit", "effect_measure", "unbound")
_COUNTS = ("start", "end", "n", "events")
_NONE = frozenset(["no", "none", "not", "never", "nobody", "neither", "nor", "without", "zero", "nil"])
_FALLS = re.compile(
    r"\b(?:decreas|reduc|declin|f[ae]ll|drop|lower|los[ts]|shorten|less|worse|deteriorat|diminish|improv|below|down|regress|"
    r"shr[aiu]nk|minus|fewer)"
)
_AROUND = 200  # characters before the quote in which a word of falling may stand


@dataclass(frozen=True, slots=True)
class Accepted:
    """A figure at its place: in the section of that id ``text[start:end] == quote``."""

    section: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a figure is not taken: misquoted, altered, invented or malformed, with the reason in words."""

    kind: str
    reason: str


Judgement = Accepted | Refused


def judge_json(item: object, sections: Mapping[str, str], section: str | None = None) -> Judgement:
    """Judge a figure as the contract's JSON has it; see judge_proposal."""
    figure = figure_from(item)
    return figure if isinstance(figure, Refused) else judge_proposal(figure, sections, section)


def judge_proposal(figure: Figure, sections: Mapping[str, str], section: str | None = None) -> Judgement:
    """Take a figure or refuse it.

    sections are the texts of one paper by id; section is the one that the figure names (None: any). A quote that is not
    at start:end but stands exactly once where it was said to be is placed there.
    """
    if fault := _fault(figure, sections, section):
        return Refused("malformed", fault)
    named = sections if section is None else {section: sections[section]}
    here = [name for name, text in named.items() if text[figure.start : figure.end] == figure.quote]
    places = (
        [(here[0], figure.start)]
        if here
        else [(name, at) for name, text in named.items() for at in _places(figure.quote, text)]
    )
    if len(places) != 1:
        return _unplaced(figure, sections, section, len(places))
    name, start = places[0]
    placed = replace(figure, start=start, end=start + len(figure.quote))
    wrong = next(_differences(placed, sections[name]), None)
    return Refused("altered", wrong) if wrong else Accepted(name, placed)


def figure_from(item: object) -> Figure | Refused:
    """A figure from the contract's JSON; Refused as malformed where keys or types are wrong."""
    if not isinstance(item, dict):
        return Refused("malformed", f"a figure is an object, not {type(item).__name__}")
    wrong = [key for key, value in item.items() if not _typed(key, value)]
    if wrong:
        return Refused("malformed", f"{wrong[0]}: {item[wrong[0]]!r} is not of its type")
    try:
        return Figure.from_json({key: value for key, value in item.items() if value is not None})
    except (ValueError, TypeError) as error:
        return Refused("malformed", str(error))


_KNOWN = frozenset(field.name for field in fields(Figure))


def _typed(key: str, value: Any) -> bool:
    """Whether a value has the type of its key; unknown keys are named by Figure.from_json."""
    if value is None or key not in _KNOWN or key == "timepoint":
        return True
    if key in _TEXTS:
        return isinstance(value, str)
    if key == "p_value":
        return (
            isinstance(value, dict)
            and set(value) == {"op", "value"}
            and value["op"] in ("<", "=", ">")
            and _number(value["value"])
        )
    return _number(value) and (key not in _COUNTS or value == int(value))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _fault(figure: Figure, sections: Mapping[str, str], section: str | None) -> str | None:
    if figure.kind not in KINDS:
        return f"kind {figure.kind!r} is not one of {', '.join(KINDS)}"
    if not figure.quote.strip():
        return "the quote is empty"
    if section is not None and section not in sections:
        return f"no section {section}"
    if all(getattr(figure, key) is None for key in ("value", "events", "percent")):
        return "it has no value, events or percent"
    return None


def _places(quote: str, text: str) -> Iterator[int]:
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + 1)


def _unplaced(figure: Figure, sections: Mapping[str, str], section: str | None, times: int) -> Refused:
    """The refusal of a quote that does not stand, once, where it was said to be."""
    if times:
        return Refused("misquoted", f"the quote stands {times} times there, and not at {figure.start}:{figure.end}")
    for name, text in sections.items():
        at = text.find(figure.quote) if name != section else -1
        if at >= 0:
            return Refused("misquoted", f"the quote stands in section {name} at {at}:{at + len(figure.quote)}")
    return Refused("invented", f"the quote stands nowhere in this paper{_printed_there(figure, sections, section)}")


def _printed_there(figure: Figure, sections: Mapping[str, str], section: str | None) -> str:
    """What the text prints at the place named, if it is the same but for its digits."""
    for name in [section] if section else sections:
        there = sections[name][figure.start : figure.end]
        if re.sub(r"\d", "0", there) == re.sub(r"\d", "0", figure.quote):
            return f"; section {name} prints {there!r} at that place"
    return ""


def _differences(figure: Figure, text: str) -> Iterator[str]:
    """What the figure says and its quote does not, a sentence each.

    A number printed once is not two: "36 (29%)" is no 36 %. A share's value repeats its percentage.
    """
    printed = list(_printed(figure.quote))
    left = [number for number, _ in printed]
    for key in QUOTED:
        value = getattr(figure, key)
        if value is None or (key == "value" and value == figure.percent):
            continue
        match = next((number for number in left if _same(value, number)), None)
        if match is None:
            yield f"the quote prints no {key} {value:g}"
        else:
            left.remove(match)
    for key in SIGNED:
        value = getattr(figure, key)
        if value and (wrong := _sign(figure, float(value), printed, text)):
            yield f"{key} {value:g}: {wrong}"
    yield from _beyond(figure, left, text)


def _beyond(figure: Figure, left: list[float], text: str) -> Iterator[str]:
    """Numbers that may stand outside the quote: n over a column of a table, p and the level anywhere in the section."""
    if figure.n is not None and not any(_same(figure.n, number) for number in left) and not _sized(figure.n, text):
        yield f"neither the quote nor a header prints n {figure.n}"
    p = figure.p_value
    if p is not None and not any(_same(p.value, number) for number in [*left, *(n for n, _ in _printed(text))]):
        yield f"the section prints no p {p.op} {p.value:g}"
    level = figure.ci_level
    if level not in (None, 95) and not any(_same(float(level or 0.0), n) for n, _ in _printed(text)):
        yield f"the section prints no level of {level:g} %"


def _sized(n: int, text: str) -> bool:
    """Whether a table prints n, over a column or in a row, where the size of a group may stand."""
    return "\t" in text and any(_same(n, number) for number, _ in _printed(text))


def _same(value: float, number: float) -> bool:
    return math.isclose(abs(value), number, rel_tol=1e-9, abs_tol=1e-12)


def _printed(text: str) -> Iterator[tuple[float, bool]]:
    """The numbers of a text, in digits and in words, each with whether a minus stands before it."""
    # a dash at the end of one cell is no minus of the next
    lowered = lower(normalise(text.replace("\t", "   ")))
    tokens = lex(lowered, 0, len(lowered))
    for i, token in enumerate(tokens):
        if token.value is not None:
            yield token.value, _minus(tokens, i)
        elif token.text in _NONE:
            yield 0.0, False
        elif token.kind == "w" and (value := _hyphened(token.text)) is not None:
            yield value, False


def _hyphened(word: str) -> float | None:
    """The number before a hyphen: "three-fold"."""
    return NUMBER_WORDS.get(word.partition("-")[0])


def _minus(tokens: list[Token], i: int) -> bool:
    """Whether the hyphen before a number is a minus, not the dash of a range or of a word."""
    gap = tokens[i].start - tokens[i - 1].end if i else 2
    if gap > 1 or tokens[i - 1].text != "-":
        return False
    before = tokens[i - 2] if i > 1 else None
    if before is None or (before.kind == "o" and before.text not in ("%", ")")):
        return True
    return before.kind == "w" if gap else before.end < tokens[i - 1].start


def _sign(figure: Figure, value: float, printed: list[tuple[float, bool]], text: str) -> str | None:
    """What is wrong with the sign; a fall told in words may stand before the quote."""
    signs = {minus for number, minus in printed if _same(value, number)}
    if not signs or (value < 0) in signs:
        return None
    if value > 0:
        return "the text prints a minus"
    near = lower(normalise(text[max(0, figure.start - _AROUND) : figure.end + _AROUND // 2]))
    told = figure.kind in ("change", "effect") and _FALLS.search(near)
    return None if told else "the text prints no minus and tells of no fall"
