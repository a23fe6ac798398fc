"""Numbers and arms by turns: "12 strokes among 200 women on A and 19 among 198 on B" is 12 of A and 19 of B."""

from kb.extract.clauses import open_bracket
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE
from kb.extract.line import Line
from kb.extract.names import Arm, same
from kb.extract.tokens import words

_LEAD = words("in for with on of among receiving within under by at to from the a an")
_JOINTS = words("and vs versus compared while whereas but , than or against as (")


def by_turns(line: Line) -> dict[int, Arm]:
    """Position of each number -> the arm after it, where the sentence names an arm after every number or list of them.

    Only if no arm comes before the first number, and the last number has an arm after it.
    """
    if len(line.arms) < 2 or len(line.quantities) < 2:
        return {}
    found: dict[int, Arm] = {}
    for part in _parts(line):
        found |= _turns(line, *part)
    return found


def _parts(line: Line) -> list[tuple[list[int], list[Arm]]]:
    """The numbers and the arms of each stretch between semicolons."""
    stops = [i for i, t in enumerate(line.tokens) if t.text == ";"] + [len(line.tokens)]
    parts, start = [], 0
    for stop in stops:
        arms = [arm for arm in line.arms if start <= arm.first < stop]
        deep = min((_depth(line, arm.first) for arm in arms), default=0)
        numbers = [
            i
            for i, q in enumerate(line.quantities)
            if start <= q.first < stop and q.depth >= deep and not _is_effect(q) and not _is_whole(line, q)
        ]
        if arms:
            numbers = [i for i in numbers if line.quantities[i].depth == deep or not _is_detail(line, i, arms)]
        if len(numbers) > 1 and len(arms) > 1:
            parts.append((numbers, arms))
        start = stop
    return parts


def _is_detail(line: Line, i: int, arms: list[Arm]) -> bool:
    """Whether a number stands in the bracket right after an arm, which says more of that arm: "in A (rash 3%) and"."""
    opened = open_bracket(line.tokens, line.quantities[i].first)
    closed = next((j for j in range(opened or 0, len(line.tokens)) if line.tokens[j].text == ")"), 0)
    held = any(opened is not None and opened < arm.first < closed for arm in arms)
    first = arms[0].first > line.quantities[i].first
    return not held and not first and any(arm.last == opened for arm in arms)


def _depth(line: Line, place: int) -> int:
    """How many brackets are open at a place."""
    return sum((t.text == "(") - (t.text == ")") for t in line.tokens[:place])


def _is_whole(line: Line, quantity: Quantity) -> bool:
    """Whether a number counts those among whom something was seen: "among 200 women", "the 30 patients"."""
    people = quantity.last < len(line.tokens) and line.tokens[quantity.last].text in PEOPLE
    return people and quantity.is_bare() and line.tokens[quantity.first - 1].text in _AMONG


_AMONG = words("in among of the for from these")


def _is_effect(quantity: Quantity) -> bool:
    return quantity.form == "effect" or "effect_measure" in quantity.fields


def _turns(line: Line, numbers: list[int], arms: list[Arm]) -> dict[int, Arm]:
    if arms[0].first < line.quantities[numbers[0]].first or any(same(a.label, b.label) for a, b in _pairs(arms)):
        return {}
    found: dict[int, Arm] = {}
    place = 0
    for arm in arms:
        held = [i for i in numbers if place <= line.quantities[i].first < arm.first]
        begun = line.quantities[held[0]].first if held else 0
        if not held or _weighed(line, held) or not _led(line, arm) or (place and not _joined(line, place, begun)):
            return {}
        if any(t.text in (":", ";") for t in line.tokens[begun : arm.first]):
            return {}
        found |= dict.fromkeys(held, arm)
        place = arm.last
    return found if len(found) == len(numbers) else {}


def _weighed(line: Line, held: list[int]) -> bool:
    """Whether two of the numbers are weighed against each other: "30% vs 50% with A"."""
    return any(run.versus and len(set(run.members) & set(held)) > 1 for run in line.runs)


def _pairs(arms: list[Arm]) -> list[tuple[Arm, Arm]]:
    return [(a, b) for i, a in enumerate(arms) for b in arms[:i]]


def _led(line: Line, arm: Arm) -> bool:
    """Whether a preposition leads to the arm, or it begins with the people themselves: "on A", "women receiving A"."""
    before = line.tokens[arm.first - 1].text
    return before in _LEAD or line.tokens[arm.first].text in PEOPLE or line.tokens[arm.first].text == "receiving"


def _joined(line: Line, last: int, begun: int) -> bool:
    """Whether the next number is joined to what stands before it: "and 19", "versus 19", ", compared with 19"."""
    return line.tokens[last].text in _JOINTS if last < begun else False
