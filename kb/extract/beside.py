"""The arm right beside a number: before it, after it, in a bracket, before a colon."""

from itertools import pairwise

from kb.extract.clauses import VERBS, open_bracket
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.frames import superlative
from kb.extract.line import Line
from kb.extract.listed import speaks_of_result
from kb.extract.names import GROUP, Arm, noun_phrase
from kb.extract.runs import Run
from kb.extract.tagged import abbreviation, colon, equated
from kb.extract.tokens import Token, words

_PREPOSITIONS = words("""
    over at in for with among of on within receiving from the both to under after during who
""")


_HAPPENED = words("""
    was were reported observed recorded noted occurred seen serious adverse found detected documented identified been
    have has diagnosed encountered
""")


_SPANNING = words("between from and to")
_SPLIT = words("and or but while whereas than versus vs compared by to from")


_EVENTS = words("deaths events reactions complications relapses infections death event died")
_WHAT_HAPPENED = _HAPPENED | _EVENTS | PEOPLE


_LEADING = words("""
    therapy treatment alone , : was were had = of group groups arm by ( a median mean is the - score an at at,
    rate compared
""")


def nearer_arm(line: Line, quantity: Quantity, trailing: Arm | None, leading: Arm | None) -> Arm | None:
    """Read "In the A group 11 of 33 patients with X".

    The group that touches the number from the left goes before a description.
    """
    touching = leading is not None and quantity.first - leading.last < 2 and line.tokens[leading.last - 1].text in GROUP
    described = (
        trailing is not None
        and line.tokens[trailing.last - 1].text not in GROUP
        and line.tokens[trailing.first].text in PEOPLE
    )
    return leading if touching and described else trailing or leading


def arm_after(line: Line, quantity: Quantity) -> Arm | None:
    """An arm inside or right after the number: "12% in the X group", "32 hours with X", "86.0% ARA+"."""
    inside = next((arm for arm in line.arms if quantity.first < arm.first and arm.last <= quantity.last), None)
    inside = inside or _inside(line, quantity) or _period(line, quantity)
    across = next((arm for arm in line.arms if quantity.first < arm.first < quantity.last < arm.last), None)
    following = across or next((arm for arm in line.arms if arm.first >= quantity.last), None)
    if following and following.last < len(line.tokens) and line.tokens[following.last].text == ":":
        following = None  # it heads the numbers after it
    return inside or (following if following and _reaches(line, quantity.last, following) else None)


def _period(line: Line, quantity: Quantity) -> Arm | None:
    """Read "38% in 1995-2003 to 30% in 2004-11": calendar periods, of which the sentence has two or more."""
    tokens, first = line.tokens, quantity.last + 1
    if first >= len(tokens) or tokens[first - 1].text != "in" or not _is_year(tokens[first]):
        return None
    spots = [i for i in range(1, len(tokens) - 1) if tokens[i - 1].text == "in" and _is_year(tokens[i])]
    if len(spots) < _SEVERAL:
        return None
    ranged = first + 2 < len(tokens) and tokens[first + 1].text in ("-", "to") and tokens[first + 2].kind == "n"
    last = first + 1 + 2 * (ranged and (tokens[first + 1].text == "-" or _is_year(tokens[first + 2])))
    return Arm(first, last, line.words(first, last), True)


_SEVERAL = 2


def _is_year(token: Token) -> bool:
    return len(token.text) == len("1999") and token.text[:2] in ("19", "20") and token.text.isdigit()


def _inside(line: Line, quantity: Quantity) -> Arm | None:
    """Read "4 SH patients (7.5%) versus 1 MM patient (1.8%)": the words between both counts and their people."""
    span = _described(line, quantity)
    several = span and sum(_described(line, q) is not None for q in line.quantities) > 1
    return Arm(*span, line.words(*span), True) if span and several else None


def _described(line: Line, quantity: Quantity) -> tuple[int, int] | None:
    """The words between a count and the people it counts, inside the quantity."""
    if quantity.form != "count":
        return None
    first = quantity.first + 1
    last = next((i for i in range(first, quantity.last) if line.tokens[i].text in PERSONS), first)
    plain = all(t.kind == "w" and t.text not in _NOT_WORDS for t in line.tokens[first:last])
    return (first, last) if last > first and plain else None


def _reaches(line: Line, last: int, arm: Arm) -> bool:
    """Whether nothing but times, prepositions, people and events stands between a number and the arm after it."""
    tokens = line.tokens
    timed = {i for time in line.times for i in range(time.first, time.last)}
    timed |= {i for i in range(last, arm.first) if tokens[i].text in _SPANNING and {i - 1, i + 1} & timed}
    counted = {i for i in range(last, arm.first) if tokens[i].kind == "n" and word(tokens, i + 1) in PEOPLE}
    between = [tokens[i].text for i in range(last, arm.first) if i not in timed and i not in counted]
    if between[:3] == [",", "respectively", ","]:
        between = between[3:]
    other = [text for text in between if text not in _PREPOSITIONS]
    if not other or len(between) > 6:
        return not other and len(between) <= 6
    alone = len(other) == 1 and (other[0] in PEOPLE or other[0] in _EVENTS)
    happened = between[-1] in ("in", "the", "with", "on", "among") and all(text in _WHAT_HAPPENED for text in other)
    nouns = all(
        t.kind == "w" and t.value is None and t.text not in VERBS and t.text not in _SPLIT
        for t in tokens[last : arm.first]
    )
    grouped = nouns and len(other) < 4 and tokens[arm.last - 1].text in GROUP and "in" in between[-2:]
    return alone or happened or grouped


def _beside_bracket(line: Line, quantity: Quantity, run: Run) -> Arm | None:
    """Read "compared with A (1.2) or B (1.5)": B is an arm because A, before the bracket just closed, is one."""
    tokens = line.tokens
    opened = open_bracket(tokens, quantity.first)
    place = line.runs.index(run)
    if opened is None or place == 0 or len(run.members) > 1:
        return None
    closed = open_bracket(tokens, line.runs[place - 1].first)
    joint = next((i for i in range(opened - 1, max(0, opened - 6), -1) if tokens[i].text in ("or", "and", ",")), None)
    if closed is None or joint is None or tokens[joint - 1].text not in (")", ",") or joint + 1 == opened:
        return None
    if not any(arm.last == closed for arm in line.arms) or any(
        t.kind != "w" or t.text in VERBS for t in tokens[joint + 1 : opened]
    ):
        return None
    return Arm(joint + 1, opened, line.words(joint + 1, opened), True)


def arm_in_bracket(line: Line, quantity: Quantity) -> Arm | None:
    """A bracket with nothing but a few words right after the number: "15% (induction) and 30% (no induction)"."""
    tokens, i = line.tokens, quantity.last
    opening = next((arm for arm in line.arms if arm.first == i + 1 and i < len(tokens) and tokens[i].text == "("), None)
    if opening and opening.last < len(tokens) and tokens[opening.last].text in (",", ";", ")", ":"):
        return opening
    close = next((j for j in range(i + 2, min(i + 6, len(tokens))) if tokens[j].text == ")"), None)
    if (
        i >= len(tokens)
        or tokens[i].text != "("
        or close is None
        or any(t.kind != "w" or t.value is not None for t in tokens[i + 1 : close])
    ):
        return None
    if any(n.first < close and i < n.last for n in line.named) or tokens[i + 1].text in _NO_LABEL:
        return None
    return Arm(i + 1, close, line.words(i + 1, close), True) if len(line.quantities) > 1 else None


_NO_LABEL = words("""
    low moderate high very p range mean median sd and see data not ns nonsignificant significant fig figure
    table respectively both
""")


_LEADS = frozenset(("with", "for", "on", "receiving", "without", "after", "under", "in"))


_SIDES = words("vs versus compared than whereas while and respectively")


def _people_after(line: Line, i: int) -> Arm | None:
    """Read "of A subjects", "A patients" right after a number: A."""
    tokens = line.tokens
    i += i < len(tokens) and tokens[i].text == "of"
    last = next((j for j in range(i, min(i + 4, len(tokens))) if tokens[j].text in PEOPLE), i)
    plain = last > i and all(t.kind == "w" and t.value is None and t.text not in _NOT_NAMED for t in tokens[i:last])
    return Arm(i, last + 1, line.words(i, last), True) if plain else None


_ANYBODY = words("""
    the all our these those evaluable assessable eligible such other study treated adult a each any enrolled
    remaining surviving
""")
_NOT_WORDS = _ANYBODY | _PREPOSITIONS
_NOT_NAMED = _NOT_WORDS | VERBS | _SPLIT
_NOT_TREATMENT = VERBS | PEOPLE | _PREPOSITIONS


def _is_bare_label(line: Line, quantity: Quantity) -> bool:
    """Read "12.7 kg albendazole versus 12.6 kg control": one word after each of two numbers that are compared."""
    tokens = line.tokens
    for left, right in pairwise(line.quantities):
        if (
            right.first - left.last in (2, 3)
            and tokens[left.last + 1].text in ("vs", "versus")
            and quantity in (left, right)
            and right.last < len(tokens)
        ):
            words = tokens[left.last], tokens[right.last]
            return all(
                t.kind == "w" and t.value is None and len(t.text) > 2 and t.text not in _NOT_TREATMENT for t in words
            )
    return False


def arm_in_phrase(line: Line, quantity: Quantity) -> Arm | None:
    """Read "1.4 minutes with A and 4.5 minutes with B".

    A phrase after the number when the next number has one like it.
    """
    tokens, i = line.tokens, _past_events(line, quantity)
    lead = tokens[i].text if i < len(tokens) else ""
    if _is_bare_label(line, quantity):
        return Arm(i, i + 1, line.words(i, i + 1), True)
    people = _people_after(line, i)
    if people and any(_people_after(line, q.last) for q in line.quantities if q is not quantity):
        return people
    if lead not in _LEADS or len(line.quantities) < 2:
        return None
    alike = {lead, "without"} if lead == "with" else {lead, "with"}
    others = [q for q in line.quantities if q is not quantity and word(tokens, _past_events(line, q)) in alike]
    if not others:
        return None
    last = noun_phrase(tokens, line.text, i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text == "the"))
    first = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text == "the")
    unlike = lead == "in" and last > first and (last - first > 3 or tokens[first].text in _NO_PLACE)
    if (
        unlike
        or (lead == "for" and last > first and speaks_of_result(line, (first, last)))
        or last == first
        or any(n.first < last and first < n.last for n in line.named)
        or any(t.first < last and first < t.last for t in line.times)
    ):
        return None
    return Arm(first, last, line.words(first if lead != "without" else i, last), True)


def _past_events(line: Line, quantity: Quantity) -> int:
    """Past what is counted in "12 serious events with A and 16 with B"; else the end of the number."""
    tokens, last = line.tokens, quantity.last
    if not quantity.is_bare():
        return last
    for i in range(last, min(last + 5, len(tokens))):
        if tokens[i].text in _LEADS:
            twin = any(q.first > i and word(tokens, q.last) == tokens[i].text for q in line.quantities)
            return i if twin and tokens[i].text != "in" else last
        if tokens[i].kind != "w" or tokens[i].text in VERBS or tokens[i].text in _SPLIT:
            return last
    return last


_NO_PLACE = words("""
    patients participants subjects total all whom both terms addition favor favour favour overall general contrast
    vitro vivo hospital
""")


def _gapped(line: Line, quantity: Quantity) -> Arm | None:
    """Read "and B by 6.5%", the verb left out after "A rose by 7.8%"."""
    tokens, i = line.tokens, quantity.first - 1
    if i < 2 or tokens[i].text != "by":
        return None
    first = i
    while (
        first > 0
        and tokens[first - 1].kind == "w"
        and tokens[first - 1].text not in ("and", "by", "while", "whereas")
        and i - first < 4
    ):
        first -= 1
    if (
        first in (i, 0)
        or tokens[first - 1].text not in ("and", "while", "whereas")
        or any(t.text in VERBS for t in tokens[first:i])
    ):
        return None
    earlier = [q for q in line.quantities if q.last < first]
    moved = bool(earlier) and tokens[earlier[-1].first - 1].text == "by"
    if tokens[first].text in _PREPOSITIONS or not moved or tokens[first].text == "the":
        return None
    return Arm(first, i, line.words(first, i), True)


def arm_before(line: Line, quantity: Quantity, run: Run) -> Arm | None:
    """An arm right before the number or before the bracket that holds it: "placebo: 5", "controls (5)"."""
    first = quantity.first
    near = next((arm for arm in reversed(line.arms) if arm.last <= first), None)
    return (
        _gapped(line, quantity)
        or colon(line, first)
        or equated(line, first)
        or _ranked(line, first, run, near)
        or (_leading(line, first, run, near) if near else None)
        or abbreviation(line, first - 1)
        or (_beside_bracket(line, quantity, run) or _bracketed(line, first, run, near) if near else None)
    )


def _ranked(line: Line, first: int, run: Run, near: Arm | None) -> Arm | None:
    """The group of a comparison before a bracket: "was highest in Y (29%)"."""
    if len(run.members) > 1 or (near is not None and near.last >= (open_bracket(line.tokens, first) or 0)):
        return None
    ranked = superlative(line.tokens, first, {i for n in line.named for i in range(n.first, n.last)})
    return Arm(*ranked, line.words(*ranked), True) if ranked else None


def _leading(line: Line, first: int, run: Run, near: Arm) -> Arm | None:
    """The arm that only a few linking words part from the number: "placebo was 5", "controls (5)"."""
    between = [t.text for t in line.tokens[near.last : first]]
    listed = len(run.members) > 1 and "(" in between and run.members[0] == run.members[-1]
    return near if len(between) <= 4 and all(text in _LEADING for text in between) and not listed else None


def _bracketed(line: Line, first: int, run: Run, near: Arm) -> Arm | None:
    """The arm right before the bracket that holds a single number."""
    alone = len(run.members) == 1 and first - near.last <= 8
    return near if alone and near.last == open_bracket(line.tokens, first) else None
