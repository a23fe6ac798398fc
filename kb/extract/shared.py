"""One number for two groups: "64% in both groups", "two patients in each arm", "8% in the A and B groups"."""

from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.line import Context, Line
from kb.extract.names import GROUP, same
from kb.extract.runs import lists
from kb.extract.tokens import words

_EACH = words("both each either")
_TOLD = _EACH | words("groups arms cohorts")
_NEAR = 3  # words between a number and "in both groups"


def shared_by(line: Line, context: Context) -> list[tuple[int, tuple[str, ...]]]:
    """The numbers that are said of several groups, with those."""
    if not any(t.text in _TOLD for t in line.tokens):
        return []
    found = [(i, _sides(line, quantity, context)) for i, quantity in enumerate(line.quantities)]
    return [(i, sides) for i, sides in found if sides]


def _sides(line: Line, quantity: Quantity, context: Context) -> tuple[str, ...]:
    """The groups of which one number is said, empty unless they are two or more and the number stands alone."""
    if quantity.form == "effect" or quantity.has("effect_measure") or not _alone(line, quantity):
        return ()
    tokens, i = line.tokens, quantity.last
    while i < quantity.last + _NEAR and (word(tokens, i) in PEOPLE or word(tokens, i) in _PASSED):
        i += 1
    if word(tokens, i) in _EACH and word(tokens, i - 1) in ("in", "of", "for"):
        last = next((j for j in range(i + 1, min(i + 4, len(tokens))) if tokens[j].text in GROUP), None)
        return context.pair() if last else ()
    beside = [g for g in lists(tokens, line.arms, lambda arm: (arm.first, arm.last)) if i <= g[0].first <= i + 1]
    listed = beside[0] if beside and {word(tokens, i - 1), word(tokens, i - 2)} & {"in", "for"} else []
    plural = bool(listed) and tokens[listed[-1].last - 1].text in ("groups", "arms", "cohorts")
    if len(listed) < len("AB") or not plural or same(listed[0].label, listed[1].label):
        return ()
    return tuple(arm.label for arm in listed)


_PASSED = words("in of for the at")


def _alone(line: Line, quantity: Quantity) -> bool:
    """Whether a number stands in no row of numbers."""
    place = next(i for i, q in enumerate(line.quantities) if q is quantity)
    return any(run.members == (place,) for run in line.runs)
