"""The fields of a figure's form: a figure in them, and a figure's JSON out of them, with one line for what is wrong."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.errors import NotTaken
from kb.extract.gate import KINDS
from kb.records import MONTHS, Figure, PValue
from kb.vocabulary import Vocabulary

#: Numbers of a figure with their names, in the order of the form.
NUMBERS = (
    ("value", "Value"), ("sd", "SD"), ("se", "SE"), ("n", "n"), ("events", "Events"), ("percent", "Percent"),
    ("iqr_low", "IQR from"), ("iqr_high", "IQR to"), ("range_low", "Range from"), ("range_high", "Range to"),
    ("ci_low", "Interval from"), ("ci_high", "Interval to"), ("ci_level", "Level of the interval (%)"),
)  # fmt: skip
WHOLE = ("n", "events")
TEXTS = (("arm", "Group, as named"), ("unit", "Unit"), ("effect_measure", "Measure (HR, OR, MD …)"))
UNITS = ("baseline", *sorted(MONTHS, key=lambda unit: MONTHS[unit]))
P_SIGNS = ("<", "=", ">")

LONGEST_WORDS, LONGEST_QUOTE = 200, 4000
#: Ways to type the minus sign.
_MINUS = re.compile("[−–‒]")


@dataclass(frozen=True, slots=True)
class Fields:
    """What a form shows: values by field name, and what may be chosen."""

    values: Mapping[str, str]
    outcomes: tuple[str, ...]
    arms: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    units: tuple[str, ...] = UNITS
    signs: tuple[str, ...] = P_SIGNS
    numbers: tuple[tuple[str, str], ...] = NUMBERS
    texts: tuple[tuple[str, str], ...] = TEXTS

    @property
    def rare(self) -> bool:
        """Whether one of the fields that figures seldom have is filled."""
        seldom = (*(name for name, _ in NUMBERS[6:]), "unit", "effect_measure", "p_op", "p_number")
        return any(self.values.get(name) for name in seldom)


def values_of(figure: Figure) -> dict[str, str]:
    """A figure as the form has it."""
    found = {key: _typed(getattr(figure, key)) for key, _ in NUMBERS}
    found |= {key: getattr(figure, key) or "" for key, _ in TEXTS}
    found |= {"outcome": figure.outcome or "", "kind": figure.kind, "quote": figure.quote}
    if figure.timepoint is not None:
        at = figure.timepoint
        found |= {"time_unit": at.unit, "time_value": "" if at.unit == "baseline" else _typed(at.value)}
    if figure.p_value is not None:
        found |= {"p_op": figure.p_value.op, "p_number": _typed(figure.p_value.value)}
    return found


def figure_in(form: Mapping[str, str], vocabulary: Vocabulary, known: str | None = None) -> dict[str, Any]:
    """A figure's JSON from a form, without its place. known: an outcome beside those of the vocabulary.

    Raises NotTaken with the field and what is wrong with it.
    """
    found: dict[str, Any] = {key: _number(form, key) for key, _ in NUMBERS}
    found |= {key: _words(form, key, LONGEST_WORDS) for key, _ in TEXTS}
    found |= {"kind": _chosen(form, "kind", KINDS), "quote": _words(form, "quote", LONGEST_QUOTE)}
    found |= {"outcome": _outcome(form, vocabulary, known), "timepoint": _time(form), "p_value": _p(form)}
    return {key: value for key, value in found.items() if value is not None}


def which_in(form: Mapping[str, str]) -> int | None:
    """At which of several places the quote stands; None where nothing is said. Raises NotTaken."""
    number = _number(form, "which")
    if number is not None and (number != int(number) or number < 1):
        raise NotTaken("which: 1 is the first place")
    return None if number is None else int(number)


def marked_in(form: Mapping[str, str]) -> tuple[str, int] | None:
    """The section and the first character that the script noted; None where nobody marked anything."""
    start = form.get("start", "")
    return (form.get("section", ""), int(start)) if start.isdecimal() and len(start) < 10 else None


def _typed(number: float | None) -> str:
    return "" if number is None else f"{number:.12g}"


def _number(form: Mapping[str, str], key: str) -> float | int | None:
    text = _MINUS.sub("-", form.get(key, "").strip()).replace("·", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise NotTaken(f"{key}: {text[:40]!r} is not a number; write it as 13.95")
    if key not in WHOLE:
        return number
    if number != int(number) or not 0 <= number < 1e9:
        raise NotTaken(f"{key}: {text[:40]!r} is not a whole number of patients")
    return int(number)


def _words(form: Mapping[str, str], key: str, longest: int) -> str | None:
    text = form.get(key, "").strip()
    if len(text) > longest:
        raise NotTaken(f"{key}: {len(text):,} characters are too many; {longest:,} are the most")
    return text or None


def _chosen(form: Mapping[str, str], key: str, choices: tuple[str, ...]) -> str:
    text = form.get(key, "").strip()
    if text not in choices:
        raise NotTaken(f"{key}: {text[:40]!r} is not one of {', '.join(choices)}")
    return text


def _outcome(form: Mapping[str, str], vocabulary: Vocabulary, known: str | None) -> str | None:
    text = _words(form, "outcome", LONGEST_WORDS)
    if text is None or text == known:
        return text
    found = vocabulary.named(text)
    if found is None:
        raise NotTaken(f"outcome: {text[:40]!r} is not in the vocabulary")
    return found.name


def _time(form: Mapping[str, str]) -> str | dict[str, Any] | None:
    number = _number(form, "time_value")
    if not form.get("time_unit", "").strip():
        if number is not None:
            raise NotTaken("time_value: a time needs its unit")
        return None
    unit = _chosen(form, "time_unit", UNITS)
    if unit == "baseline":
        return "baseline"
    if number is None or number <= 0:
        raise NotTaken("time_value: a time after the baseline is a number above 0")
    return {"value": number, "unit": unit}


def _p(form: Mapping[str, str]) -> dict[str, Any] | None:
    number = _number(form, "p_number")
    if number is None:
        return None
    if not 0 <= number <= 1:
        raise NotTaken("p_number: a p value lies between 0 and 1")
    p = PValue(_chosen(form, "p_op", P_SIGNS), float(number))
    return {"op": p.op, "value": p.value}
