"""The arm right beside a number: before it, after it, in a bracket, before a colon."""

from itertools import pairwise

from kb.extract.clauses import VERBS, open_bracket
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.frames import superlative
from kb.extract.groups import GROUP, Arm, noun_phrase
from kb.extract.line import Line
from kb.extract.runs import Run
from kb.extract.tokens import words

_PREPOSITIONS = words("""
    over at in for with among of on within receiving from the both to under after during who
""")


_HAPPENED = words("was were reported observed recorded noted occurred seen serious adverse")


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
    inside = inside or _inside(line, quantity)
    across = next((arm for arm in line.arms if quantity.first < arm.first < quantity.last < arm.last), None)
    following = across or next((arm for arm in line.arms if arm.first >= quantity.last), None)
    if following and following.last < len(line.tokens) and line.tokens[following.last].text == ":":
        following = None  # it heads the numbers after it
    return inside or (following if following and _reaches(line, quantity.last, following) else None)


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
    counted = {i for i in range(last, arm.first) if tokens[i].kind == "n" and word(tokens, i + 1) in PEOPLE}
    between = [tokens[i].text for i in range(last, arm.first) if i not in timed and i not in counted]
    if between[:3] == [",", "respectively", ","]:
        between = between[3:]
    other = [text for text in between if text not in _PREPOSITIONS]
    if not other or len(between) > 6:
        return not other and len(between) <= 6
    alone = len(other) == 1 and (other[0] in PEOPLE or other[0] in _EVENTS)
    happened = between[-1] in ("in", "the") and all(text in _WHAT_HAPPENED for text in other)
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
        between = [t.text for t in tokens[left.last : right.first]]
        if (
            quantity in (left, right)
            and len(between) in (2, 3)
            and between[1] in ("vs", "versus")
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
    tokens, i = line.tokens, quantity.last
    lead = tokens[i].text if i < len(tokens) else ""
    if _is_bare_label(line, quantity):
        return Arm(i, i + 1, line.words(i, i + 1), True)
    people = _people_after(line, i)
    if people and any(_people_after(line, q.last) for q in line.quantities if q is not quantity):
        return people
    if lead not in _LEADS or len(line.quantities) < 2:
        return None
    others = [
        q
        for q in line.quantities
        if q is not quantity
        and q.last < len(tokens)
        and tokens[q.last].text in ({lead, "without"} if lead == "with" else {lead, "with"})
    ]
    if not others:
        return None
    last = noun_phrase(tokens, line.text, i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text == "the"))
    first = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text == "the")
    unlike = lead == "in" and last > first and (last - first > 3 or tokens[first].text in _NO_PLACE)
    if (
        unlike
        or last == first
        or any(n.first < last and first < n.last for n in line.named)
        or any(t.first < last and first < t.last for t in line.times)
    ):
        return None
    return Arm(first, last, line.words(first if lead != "without" else i, last), True)


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
    if tokens[first].text in _PREPOSITIONS:
        return None
    return Arm(first, i, line.words(first, i), True)


def arm_before(line: Line, quantity: Quantity, run: Run) -> Arm | None:
    """An arm right before the number or before the bracket that holds it: "placebo: 5", "controls (5)"."""
    first = quantity.first
    near = next((arm for arm in reversed(line.arms) if arm.last <= first), None)
    return (
        _gapped(line, quantity)
        or _colon(line, first)
        or _ranked(line, first, run, near)
        or (_leading(line, first, run, near) if near else None)
        or _abbreviation(line, first - 1)
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


def _colon(line: Line, first: int) -> Arm | None:
    """Read "(A: 66 ± 11 vs B: 74 ± 8; C: 72 ± 8)".

    The words before the colon, when the sentence has more of the kind.
    """
    tokens = line.tokens
    i = _before_from(line, first)
    if (
        i < 1
        or tokens[i].text != ":"
        or sum(tokens[max(0, _before_from(line, q.first))].text == ":" for q in line.quantities) < 2
    ):
        return None
    if _heads_bracket(line, first):
        return None
    begun = i
    while (
        begun > 0 and i - begun < 6 and tokens[begun - 1].text not in ("(", ";", ",", ":", "vs", "versus", ".", "and")
    ):
        begun -= 1
    if (
        begun == i
        or tokens[i - 1].text == ")"
        or any(t.kind == "n" for t in tokens[begun:i])
        or any(n.first < i and begun < n.last for n in line.named)
    ):
        return None
    if tokens[i - 1].text in (
        "mean",
        "median",
        "range",
        "difference",
        "score",
        "change",
        "baseline",
        "ratio",
        "or",
        "hr",
        "rr",
        *_METHODS,
    ) or tokens[begun].text in ("mean", "median"):
        return None
    stop = i - (tokens[i - 1].text in GROUP and i - begun > 1)
    return Arm(begun, i, line.words(begun, stop), True)


def _heads_bracket(line: Line, first: int) -> bool:
    """Read "in the A group (X: 3; Y: 4)": the bracket belongs to A, and what is before the colons are outcomes."""
    opened = open_bracket(line.tokens, first)
    arm = next((arm for arm in line.arms if arm.last == opened), None)
    return arm is not None and line.tokens[arm.last - 1].text in GROUP


_METHODS = words("""
    regression analysis analyses model models cohort cohorts adjusted unadjusted matched matching overall total
    multivariate univariate multivariable population
""")


def _before_from(line: Line, first: int) -> int:
    """The token before a number; of "X: from 1.4 to 1.3" for both numbers the colon."""
    i = first - 1
    if i > 3 and line.tokens[i].text == "to":
        i = next((k for k in range(i - 1, max(0, i - 8), -1) if line.tokens[k].text in ("from", ":")), i)
    return i - 1 if i > 0 and line.tokens[i].text == "from" else i


def _abbreviation(line: Line, i: int) -> Arm | None:
    """Capitals between a bracket or "versus" and the number: "(SH 2.2 ± 1.2 versus MM 3.1 ± 1.7)"."""
    token = line.tokens[i] if i > 0 else None
    if (
        token is None
        or token.kind != "w"
        or line.tokens[i - 1].text not in ("(", "vs", "versus", ".")
        or any(n.first <= i < n.last for n in line.named)
    ):
        return None
    raw = line.text[token.start : token.end]
    followed = any(t.text in ("vs", "versus") for t in line.tokens)
    if (
        not followed
        or len(raw) < 2
        or not raw.isupper()
        or token.text in ("hr", "or", "rr", "ci", "sd", "md", "irr", "iqr", "se", "ahr", "aor")
    ):
        return None
    return Arm(i, i + 1, raw, True)
