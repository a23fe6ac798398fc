"""Which p value belongs to each quantity: to the effect, or to every group figure that it compares."""

from kb.extract.core import Quantity
from kb.extract.details import p_value
from kb.extract.line import Binding, Line
from kb.records import PValue


def bind_p(line: Line, outcomes: list[Binding]) -> list[PValue | None]:
    """One p value or None for each quantity, in order."""
    found: list[PValue | None] = [q.fields.get("p_value") for q in line.quantities]
    printed = _printed(line)
    if not printed:
        return found
    listed = _listed(line, printed)
    if listed:
        return listed
    previous = 0
    for place, value in printed:
        scope = [i for i, q in enumerate(line.quantities) if previous <= q.first < place]
        for i in _compared(line, scope, outcomes, found):
            found[i] = value
        previous = place
    return found


def _printed(line: Line) -> list[tuple[int, PValue]]:
    """All p values of the sentence with their token positions."""
    found = []
    for i, token in enumerate(line.tokens):
        if token.text in ("p", "p-value", "p-values"):
            read = p_value(line.tokens, i)
            if read:
                found.append((i, read[0]["p_value"]))
    return found


def _compared(line: Line, scope: list[int], outcomes: list[Binding], found: list[PValue | None]) -> list[int]:
    """Of the quantities before a p value, those that it is about.

    The last effect, else all with the last one's outcome.
    """
    if not scope:
        return []
    effects = [i for i in scope if line.quantities[i].form == "effect"]
    if effects:
        return [effects[-1]]
    label = outcomes[scope[-1]].label
    depth = line.quantities[scope[-1]].depth
    alike = [
        i
        for i in scope
        if outcomes[i].label == label and found[i] in (None, found[scope[-1]]) and _level(line.quantities[i], depth)
    ]
    return alike if len(alike) > 1 or found[scope[-1]] is None else []


def _level(quantity: Quantity, depth: int) -> bool:
    return quantity.depth == depth


def _listed(line: Line, printed: list[tuple[int, PValue]]) -> list[PValue | None] | None:
    """Read "(p < 0.01, p < 0.05 and p = 0.2, respectively)" after rows of as many numbers each."""
    count = len(printed)
    if count < 2 or any(q.first > printed[0][0] for q in line.quantities):
        return None
    rows = [run for run in line.runs if len(run.members) == count]
    if not rows or len(rows) * count != len(line.quantities):
        return None
    made: list[PValue | None] = [None] * len(line.quantities)
    for run in rows:
        for member, (_, value) in zip(run.members, printed, strict=True):
            made[member] = value
    return made
