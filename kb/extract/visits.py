"""Names that an article gives to its points in time: "at baseline (T0), after 6 (T1) and 12 months (T2)"."""

import re
from collections.abc import Iterable

from kb.extract.details import word
from kb.extract.times import UNITS, find_times
from kb.extract.tokens import Token
from kb.records import Timepoint

#: A text without this names no points in time.
NAMED = re.compile(r"\([tv]\d\)")
_NAME = re.compile(r"[tv]\d$")
_FAR = 12  # words from a number without a unit to the unit that a list gives at its end


def visits(sentences: Iterable[list[Token]]) -> dict[str, Timepoint]:
    """Name -> time, for names that stand in a bracket right after a time."""
    found: dict[str, Timepoint] = {}
    for tokens in sentences:
        times = {time.last: time.times[-1] for time in find_times(tokens)}
        for i in range(1, len(tokens) - 2):
            if tokens[i].text == "(" and _NAME.match(tokens[i + 1].text) and tokens[i + 2].text == ")":
                point = times.get(i) or _listed(tokens, i)
                if point:
                    found.setdefault(tokens[i + 1].text, point)
    return found


def _listed(tokens: list[Token], i: int) -> Timepoint | None:
    """The time of "6" in "after 6 (T1) and 12 months (T2)"."""
    value = tokens[i - 1].value
    unit = next((t.text for t in tokens[i : i + _FAR] if t.text in UNITS), None)
    return Timepoint(value, UNITS[unit]) if value and unit and word(tokens, i - 1) != "one" else None
