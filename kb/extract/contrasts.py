"""The arms of an effect: which two are compared, or which exposure it belongs to."""

from collections.abc import Sequence

from kb.extract.beside import arm_after, arm_in_bracket
from kb.extract.clauses import open_bracket
from kb.extract.core import Quantity
from kb.extract.details import word
from kb.extract.line import Binding, Context, Line
from kb.extract.links import agent, find_link
from kb.extract.measures import CONTRASTS
from kb.extract.names import Arm, distinct, same
from kb.extract.tokens import words


def contrast(line: Line, quantity: Quantity, own: Binding, context: Context, bound: Sequence[Binding]) -> Binding:
    """The arm of an effect: "A vs B" when two arms are compared, else what is next to it.

    bound: the arms of the numbers before it in the sentence.
    """
    near = [arm for arm in line.arms if arm.first <= quantity.last]
    if len(near) > 1 and near[0].first < _OPENING and word(line.tokens, near[0].last) == ",":
        alien = not any(same(near[0].label, label) for label in context.pair())
        near = near[1:] if alien and word(line.tokens, 0) == "among" else near  # "Among X, those with Y had ..."
    before = distinct([arm.label for arm in near])
    found = (
        _of_reference(line, quantity, own)
        or _weighed(line, quantity)
        or _opposed(line, quantity)
        or _tied(line, quantity, before)
        or _of_numbers(line, bound)
        or _of_two(line, quantity, own, before, context)
        or (own if own.label else Binding(None, "cohort"))
    )
    return _completed(line, found, context) if quantity.fields.get("effect_measure") in CONTRASTS else found


def _completed(line: Line, found: Binding, context: Context) -> Binding:
    """Read "A reduced Y (HR 0.6)", "rarer with A" where the article compares A and B: "A vs B"."""
    pair = context.pair()
    if found.label is None or " vs " in found.label or found.rule == "linked":
        return found
    acts = any(
        arm.label == found.label and (arm.first == 0 or line.tokens[arm.first - 1].text in _WITH) for arm in line.arms
    )
    if found.rule != "agent" and not acts:
        return found  # "in the A group (MD 3)": an effect of that group alone
    sides = [label for label in pair if label.lower() == found.label.lower()]
    other = [label for label in pair if label.lower() != found.label.lower()]
    return Binding(f"{sides[0]} vs {other[0]}", "contrast") if sides and other else found


_WITH = words("with by on after under to receiving")


def _of_reference(line: Line, quantity: Quantity, own: Binding) -> Binding | None:
    """Read "with Q1 as the reference (Q2: HR 1.2; Q3: HR 1.5)": "Q2 vs Q1", "Q3 vs Q1"."""
    headed = word(line.tokens, quantity.first - 1) == ":" and own.rule == "local" and own.label is not None
    reference = _reference(line) if headed else None
    return Binding(f"{own.label} vs {reference}", "contrast") if reference else None


def _reference(line: Line) -> str | None:
    """X in "using X as the reference", "with X as reference group"."""
    tokens = line.tokens
    place = next((i for i, t in enumerate(tokens) if t.text in ("reference", "referent")), None)
    joint = next((i for i in range(place or 0, max(0, (place or 0) - 4), -1) if tokens[i].text == "as"), None)
    if joint is None:
        return None
    lead = next((i for i in range(joint, max(-1, joint - 6), -1) if tokens[i].text in ("using", "with")), joint)
    first = lead + 1 + (word(tokens, lead + 1) == "the")
    return line.words(first, joint) or None


def _weighed(line: Line, quantity: Quantity) -> Binding | None:
    """Read "patients with X had more Y (HR 2.2) ... compared with those with Z": X against Z, which follows."""
    right = next((arm for arm in line.arms if arm.first > quantity.last and _follows_than(line, arm)), None)
    before = [arm for arm in line.arms if (arm.sure or arm.first == 0) and arm.last <= quantity.first]
    later = [arm for arm in line.arms if arm.sure and quantity.last <= arm.first and (right is None or arm < right)]
    if right and later and not any(arm.last <= quantity.first for arm in line.arms):
        return Binding(f"{later[-1].label} vs {right.label}", "contrast")  # "X (RR 2) was commoner in A than in B"
    if not before or right is None or same(before[0].label, right.label):
        return None
    if any(t.text in _COMPARED for t in line.tokens[before[0].last : quantity.first]):
        return None
    numbers = {i for q in line.quantities for i in range(q.first, q.last)}
    between = (line.tokens[i].text for i in range(quantity.last, right.first) if i not in numbers)
    plain = not any(text in (";", "whereas", "while", "but") for text in between)
    one = len(distinct([arm.label for arm in before])) == 1
    return Binding(f"{before[0].label} vs {right.label}", "contrast") if plain and one else None


def _opposed(line: Line, quantity: Quantity) -> Binding | None:
    sides = opposed(line, quantity.first)
    return Binding(f"{sides[0].label} vs {sides[1].label}", "contrast") if sides else None


def opposed(line: Line, place: int) -> tuple[Arm, Arm] | None:
    """The subject and the arm it is weighed against right before the bracket that holds a number.

    Read "A was better than B (...) but worse than C (...)": A and B, then A and C.
    """
    opened = open_bracket(line.tokens, place)
    right = next((arm for arm in line.arms if opened and _ends_at(line, arm, opened)), None)
    if right is None or not _follows_than(line, right):
        return None
    closed = max((i for i in range(right.first) if line.tokens[i].text == ")"), default=0)
    before = [arm for arm in line.arms if arm.last <= right.first]
    left = next((arm for arm in before if arm.first >= closed), before[0] if before else None)
    return (left, right) if left and not same(left.label, right.label) else None


def _ends_at(line: Line, arm: Arm, place: int) -> bool:
    """Whether an arm ends at a place, or all but a general word of it: "drug A therapy ("."""
    return arm.last == place or (arm.last == place - 1 and line.tokens[arm.last].text in _GENERAL)


_OPENING = 3
_NEAR = 4  # words from one arm to the end of "compared with the"
_GENERAL = words("therapy treatment alone group arm patients regimen users recipients")


def _follows_than(line: Line, arm: Arm) -> bool:
    """Whether a word of comparison leads to an arm: "than", "versus", "compared with", "superior to"."""
    tokens, i = line.tokens, arm.first - 1
    while i > 0 and tokens[i].text in _PASSED:
        i -= 1
    weighed = tokens[i].text in ("with", "to") and word(tokens, i - 1) in _WEIGHED
    return tokens[i].text in ("than", "versus", "vs") or weighed


_PASSED = words("the in for those that of a patients subjects participants")
_WEIGHED = words("compared relative superior inferior noninferior non-inferior similar equivalent comparable")


def _tied(line: Line, quantity: Quantity, before: list[str]) -> Binding | None:
    """What the sentence ties to the effect: an arm beside it, an exposure, the doer."""
    if word(line.tokens, quantity.last) == "overall":
        return Binding(None, "cohort")
    beside = arm_after(line, quantity) or arm_in_bracket(line, quantity)
    if beside:
        other = next((arm for arm in line.arms if arm.first >= beside.last), None)
        weighed = other is not None and other.first - beside.last <= _NEAR and _follows_than(line, other)
        label = f"{beside.label} vs {other.label}" if other and weighed else beside.label
        return Binding(label, "contrast" if weighed else "local")
    link = find_link(line, quantity, set())
    if link and link.thing:
        return Binding(line.words(*link.thing), "linked")
    doer = agent(line, quantity)
    if doer is None or len(before) > 1:
        return None
    label = line.words(*doer)
    return Binding(f"{label} vs {before[0]}" if before and not same(before[0], label) else label, "agent")


def _of_numbers(line: Line, bound: Sequence[Binding]) -> Binding | None:
    """Read "12.7 A versus 12.6 B (difference 0.1)": the arms of the two numbers just before."""
    sides: list[str] = []
    for binding, number in zip(bound[::-1], line.quantities[: len(bound)][::-1], strict=True):
        if number.form == "effect" or binding.label is None or binding.rule not in _OWN:
            if number.form == "effect":
                continue
            break
        if binding.label not in sides:
            sides.insert(0, binding.label)
    return Binding(f"{sides[0]} vs {sides[1]}", "contrast") if len(sides) == 2 else None


_OWN = frozenset(("local", "list", "versus", "inherited"))


def _of_two(line: Line, quantity: Quantity, own: Binding, before: list[str], context: Context) -> Binding | None:
    """Two arms of the sentence, or the one of the sentence and the other of the article, or the article's two."""
    pair = context.pair()
    if _of_list(line, quantity, own):
        return None
    if len(before) >= 2 and quantity.fields.get("effect_measure") in CONTRASTS:
        return Binding(f"{before[-2]} vs {before[-1]}", "contrast")
    compared = own.label is None or own.rule == "versus" or _COMPARED & {t.text for t in line.tokens}
    if quantity.depth and len(before) == 1 and any(same(before[0], label) for label in pair):
        arm = next(arm for arm in line.arms if same(arm.label, before[0]))
        turned = same(pair[1], before[0]) and arm.sure and not _follows_than(line, arm)
        left, right = pair[::-1] if turned else pair
        return Binding(f"{left} vs {right}", "contrast")
    if len(before) == 1 and compared:
        other = next((label for label in (*pair, *context.arms[:2]) if not same(label, before[0])), None)
        return Binding(f"{before[0]} vs {other}" if other else before[0], "contrast")
    return Binding(f"{pair[0]} vs {pair[1]}", "inherited") if pair and not before else None


def _of_list(line: Line, quantity: Quantity, own: Binding) -> bool:
    """Read "higher in men (HR 1.2) and in smokers (HR 2.1)": groups in a list, each with an effect of its own."""
    effects = sum(q.form == "effect" and q.depth == quantity.depth for q in line.quantities)
    before = {t.text for t in line.tokens[: quantity.first]}
    return own.rule == "local" and effects > 1 and not before & _COMPARED


_COMPARED = words("compared vs versus than")
