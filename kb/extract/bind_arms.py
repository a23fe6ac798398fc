"""Which arm each quantity of a sentence belongs to."""

from kb.extract.arm_lists import list_beside
from kb.extract.arms import OTHER
from kb.extract.beside import arm_after, arm_before, arm_in_bracket, arm_in_phrase, nearer_arm
from kb.extract.bind_times import times_listed
from kb.extract.clauses import VERBS, among, clause_start, open_bracket
from kb.extract.contrasts import contrast, opposed
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.headings import heading
from kb.extract.line import Binding, Context, Line
from kb.extract.links import agent
from kb.extract.listed import listed
from kb.extract.names import GROUP, Arm, distinct, label_start, same
from kb.extract.runs import Run
from kb.extract.shared import shared_by
from kb.extract.tokens import words
from kb.extract.turns import by_turns


def bind_arms(line: Line, context: Context) -> list[Binding]:
    """One binding for each quantity, in order."""
    bound: list[Binding] = [Binding(None, "none")] * len(line.quantities)
    known = context.rows.get(2)
    for run in line.runs:
        found = _run(line, run, context)
        ordered = _in_order(line, run, found)
        if ordered is not found:
            context.lay([binding.label for binding in ordered if binding.label])
        for member, binding in zip(run.members, ordered, strict=True):
            bound[member] = binding
        named = list(dict.fromkeys(b.label for b in bound if b.rule == "local" and b.label))
        if len(named) > 1:
            context.lay(named)
        if len(named) > 2:  # the first two of more are no pair
            context.rows[2] = known or ()
    _enclosed(line, bound)
    _in_turns(line, bound, context)
    for i, quantity in enumerate(line.quantities):
        if quantity.form == "effect" or quantity.fields.get("effect_measure"):
            bound[i] = contrast(line, quantity, bound[i], context, bound[:i])
            sides = (bound[i].label or "").split(" vs ")
            if bound[i].rule == "contrast" and len(sides) == len("AB") and not context.pair():
                context.lay(sides)  # the article compares these two, if it has named no others
    for i, groups in shared_by(line, context):
        bound[i] = Binding(groups[0], "list", groups[1:])
    _named_again(bound, context)
    _other_side(bound, context)
    _of_all(line, bound)
    single = not context.arms and not line.arms
    return [Binding(None, "alone") if single and b.rule == "cohort" else b for b in bound]


def _of_all(line: Line, bound: list[Binding]) -> None:
    """Read "33% overall, 41% in women": the first is of all."""
    for i, quantity in enumerate(line.quantities):
        if word(line.tokens, quantity.last) == "overall" and word(line.tokens, quantity.last + 1) in (",", ";", "and"):
            bound[i] = Binding(None, "cohort")


def _named_again(bound: list[Binding], context: Context) -> None:
    """Read "the former", "the latter" as the arms laid side by side before."""
    pair = context.pair()
    for i, binding in enumerate(bound):
        if pair and binding.label in _AGAIN:
            bound[i] = Binding(pair[_AGAIN.index(binding.label)], "inherited")


_AGAIN = ("former", "latter")


def _other_side(bound: list[Binding], context: Context) -> None:
    """Read "the other group" as the one of the article's two arms that the sentence has named least."""
    named = [b.label for b in bound if b.label and OTHER not in b.label]
    sides = [label for label in (context.rows.get(2) or context.arms) if OTHER not in label]
    left = [label for label in sides if not any(same(label, other) for other in named)]
    if named and named[-1].startswith("without "):
        left = [named[-1].removeprefix("without ")]
    for i, binding in enumerate(bound):
        if binding.label and OTHER in binding.label and len(left) == 1 and named:
            bound[i] = Binding(binding.label.replace(OTHER, left[0]), binding.rule)


def _in_turns(line: Line, bound: list[Binding], context: Context) -> None:
    """Lay numbers and arms beside each other where both come by turns."""
    turns = by_turns(line)
    for i, arm in turns.items():
        bound[i] = Binding(arm.label, "local")
    if turns:
        context.lay(list(dict.fromkeys(arm.label for arm in turns.values())))


def _enclosed(line: Line, bound: list[Binding]) -> None:
    """Read "placebo (+0.2%, baseline 8.4%)", "0.9 mmol rise (placebo, baseline 9.5 mmol)": one arm for the bracket."""
    for i in range(1, len(bound)):
        left, right = line.quantities[i - 1], line.quantities[i]
        opened = open_bracket(line.tokens, right.first) if right.depth else None
        if opened is None or bound[i - 1].rule not in ("local", "governing") or bound[i].rule in _SURE:
            continue
        between = {t.text for t in line.tokens[left.last : right.first]}
        joint = opened < left.first or (left.last == opened and left.depth < right.depth)
        if joint and not between & _SIDES and any(t in between for t in (",", ";", "(")):
            bound[i] = bound[i - 1]


_SURE = ("local", "versus", "list")
_SIDES = words("vs versus compared than and")


def _run(line: Line, run: Run, context: Context) -> list[Binding]:
    pair = context.pair()
    if run.rising and len(run.members) == 2 and pair and "absolute" in [t.text for t in line.tokens[: run.first]]:
        return [Binding(pair[1], "declared"), Binding(pair[0], "declared")]
    members = [line.quantities[i] for i in run.members]
    count = len(members)
    group = list_beside(line, run, count)
    results = listed(line, run) if count > 1 and not group else None
    trailing = [
        arm_after(line, q) or arm_in_bracket(line, q) or (None if group else arm_in_phrase(line, q)) for q in members
    ]
    leading = [arm_before(line, q, run) for q in members]
    if run.versus and context.pair():
        leading = [None if arm and line.tokens[arm.last - 1].text in _POPULATIONS else arm for arm in leading]
    sides = opposed(line, run.first) if count == 2 and (run.versus or "respectively" in _tail(line, run)[:4]) else None
    if sides and not any(trailing):
        context.lay([arm.label for arm in sides])
        return [Binding(arm.label, "versus") for arm in sides]
    if count > 1 and group and (not all(trailing) or group[0].first >= run.last):
        labels = [arm.label for arm in group]
        context.lay(labels)
        return [Binding(label, "list") for label in labels]
    local = [nearer_arm(line, q, a, b) for q, a, b in zip(members, trailing, leading, strict=True)]
    if run.rising and count > 1 and leading[0] and leading[0].last < run.first - 1 and not any(trailing):
        local = [leading[0]] * count
    if count == 1:
        return [_single(line, members[0], local[0])]
    if all(local):
        return [Binding(arm.label, "local") for arm in local if arm]
    return _shared(line, run, members, local, context, results=results is not None)


def _in_order(line: Line, run: Run, bound: list[Binding]) -> list[Binding]:
    """Read "Compared with R, S had more X (40% vs 25%)": the subject's number stands first."""
    opening = next((arm.label for arm in line.arms if arm.first < 4), None)
    turned = word(line.tokens, 0) in ("compared", "relative") and word(line.tokens, 1) in ("with", "to")
    two = len(bound) == 2 and run.versus and run.members and bound[0].rule in ("list", "versus")
    return bound[::-1] if turned and two and opening is not None and bound[0].label == opening else bound


def _shared(
    line: Line, run: Run, members: list[Quantity], local: list[Arm | None], context: Context, *, results: bool
) -> list[Binding]:
    """One arm for all, or the two that are weighed; results: the row lists outcomes, so no arms by their number."""
    count = len(members)
    if local[-1] and not any(local[:-1]) and not run.versus:
        return [Binding(local[-1].label, "local")] * count
    pair = heading(line, run.first, context) if count == 2 and run.versus and not local[-1] else None
    if pair:
        context.lay(list(pair))
        return [Binding(label, "list") for label in pair]
    timed = not run.versus and times_listed(line, run)
    if len(context.pair()) == count and not any(local) and not results and not timed and _is_compared(line, run):
        return [Binding(label, "inherited") for label in context.pair()]
    if run.versus or (count in context.rows and "respectively" in _tail(line, run) and not results and not timed):
        return _versus(line, run, local, context)
    if count > 2 and count in context.rows and not any(local) and not results and not timed:
        return [Binding(label, "inherited") for label in context.rows[count]]
    return [_for_all(line, run, local)] * count


def _is_compared(line: Line, run: Run) -> bool:
    """Read "did not differ (13% and 12%)", "was similar, being 13% and 12%": two numbers of the two arms."""
    start = clause_start(line.tokens, run.first)
    told = {t.text for t in line.tokens[max(0, start - 8) : run.first]}
    tested = line.quantities[run.members[-1]].has("p_value")  # "pain was 3.2 and 4.5 (P=0.02)"
    weighed = tested or bool(told & _ALIKE) or "respectively" in _tail(line, run)[:3]
    return not run.rising and weighed and not any(arm.last <= run.first for arm in line.arms)


_ALIKE = words("differ differed similar comparable equal")


def _for_all(line: Line, run: Run, local: list[Arm | None]) -> Binding:
    """One arm for a whole row: that of its first number, of the clause, or the part of the cohort it opens with."""
    if local[0] and not any(local[1:]):
        return Binding(local[0].label, "local")
    governing = _governing(line, run.first)
    if governing:
        return Binding(governing.label, "governing")
    part = among(line.tokens, run.first)
    return Binding(line.words(*part), "agent") if part else Binding(None, "cohort")


def _tail(line: Line, run: Run) -> list[str]:
    return [t.text for t in line.tokens[run.last :]]


def _versus(line: Line, run: Run, local: list[Arm | None], context: Context) -> list[Binding]:
    """Read "a vs b" without a list.

    Labels named beside one of them, the sentence's arm first, the other by elimination.
    """
    count = len(local)
    arms = [arm for arm in line.arms if line.tokens[arm.last - 1].text not in _POPULATIONS]
    mentioned = distinct([arm.label for arm in arms if arm.last <= run.first])
    everywhere = distinct([arm.label for arm in arms])
    if len(mentioned) < count == len(everywhere) and not any(local) and not _told_later(line, run, count, context):
        context.lay(everywhere)
        return [Binding(label, "list") for label in everywhere]
    found: list[str | None] = [arm.label if arm else None for arm in local]
    row = context.rows.get(count, ())
    setting = _is_setting(line, run) or "respectively" in _tail(line, run)[:4]
    if setting and row and not found[-1] and found[0] not in row:
        found = [None] * count
    other = bool(mentioned) and mentioned[-1] not in row and not setting
    if not any(found) and row and not (count == 2 and other):
        if count == 2 and mentioned and mentioned[0] == row[1]:
            row = row[::-1]
        return [Binding(label, "inherited") for label in row]
    if count == 2:
        return _by_elimination(line, run, found, everywhere, context)
    return [Binding(label, "versus" if label else "unmatched") for label in found]


def _told_later(line: Line, run: Run, count: int, context: Context) -> bool:
    """Whether "respectively" closes a row whose arms stood beside one before, and the arms after it have their own."""
    later = any(other.first > run.last for other in line.runs)
    return later and count in context.rows and any(text == "respectively" for text in _tail(line, run)[:3])


def _by_elimination(
    line: Line, run: Run, found: list[str | None], everywhere: list[str], context: Context
) -> list[Binding]:
    """Two sides: the doer and its reference, the arm that is left, the two that the article declares."""
    doer = agent(line, line.quantities[run.members[0]]) if not any(found) else None
    found[0] = line.words(*doer) if doer and not everywhere else found[0]
    if not any(found) and len(everywhere) == 1 and _is_reference(line, everywhere[0]):
        found[1], found[0] = everywhere[0], (line.words(*doer) if doer else _people(line, everywhere[0]))
    for i in (0, 1):
        if found[i] is None:
            pool = everywhere + (_rest(line, found[0], context) if i else list(context.pair()))
            found[i] = next((label for label in pool if not same(label, found[1 - i])), None)
    if not any(found) and len(context.arms) in (2, 3) and run.versus:
        return [Binding(label, "declared") for label in context.arms[:2]]
    if all(found):
        context.lay([label for label in found if label])
    return [Binding(label, "versus" if label else "unmatched") for label in found]


def _people(line: Line, reference: str) -> str:
    """X in "Compared with the reference, X patients had ..."; "patients" if nothing sets them apart."""
    tokens = line.tokens
    start = next(arm.last for arm in line.arms if arm.label == reference)
    start = next((i + 1 for i in range(start, len(tokens)) if tokens[i].text == ","), start)
    place = next((i for i in range(start, min(start + 5, len(tokens))) if tokens[i].text in PEOPLE), start)
    first = label_start(tokens, line.text, place, start)
    return line.words(first, place) or "patients"


def _is_setting(line: Line, run: Run) -> bool:
    """Read "in patients with X (4 vs 5)": those among whom the article's two arms are compared."""
    opened = open_bracket(line.tokens, run.first)
    arm = next((arm for arm in line.arms if arm.last == opened), None)
    if arm is None or line.tokens[arm.first].text not in PEOPLE:
        return False
    ranked = any(t.text in _RANKED for t in line.tokens[max(0, arm.first - 6) : arm.first])
    return word(line.tokens, arm.first - 1) in ("in", "among") and not ranked


_RANKED = words("""
    more less fewer higher lower greater smaller longer shorter worse better increased reduced decreased elevated
    frequent common
""")


def _rest(line: Line, label: str | None, context: Context) -> list[str]:
    """The article's two arms; for "participants with X had more Y (4 vs 5)", X being none of them, "without X"."""
    pair = list(context.pair())
    arm = next((arm for arm in line.arms if arm.label == label), None)
    if arm is None or any(same(arm.label, other) for other in pair):
        return pair
    traited = line.tokens[arm.first].text in PEOPLE and word(line.tokens, arm.first + 1) == "with"
    return [f"without {arm.label}"] if traited else pair


def _is_reference(line: Line, label: str) -> bool:
    """Whether an arm is what others are compared with: "compared to sham, ..."."""
    arm = next(arm for arm in line.arms if arm.label == label)
    before = [t.text for t in line.tokens[max(0, arm.first - 3) : arm.first]]
    return bool({"compared", "relative", "than", "versus"} & set(before))


def _single(line: Line, quantity: Quantity, local: Arm | None) -> Binding:
    if local:
        return Binding(local.label, "local")
    closing = _closing_arm(line, quantity)
    if closing:
        return Binding(closing.label, "local")
    governing = _governing(line, quantity.first)
    doer = agent(line, quantity) if governing and _is_reference(line, governing.label) else None
    if governing and not doer:
        return Binding(governing.label, "governing")
    doer = doer or agent(line, quantity) or among(line.tokens, quantity.first)
    return Binding(line.words(*doer), "agent") if doer else Binding(None, "cohort")


def _closing_arm(line: Line, quantity: Quantity) -> Arm | None:
    """Read ", 19 were cured and 1 relapsed in group B": the only arm of a stretch of the sentence, at its end."""
    tokens = line.tokens
    if quantity.depth or quantity.form == "effect":
        return None
    start = next((i + 1 for i in range(quantity.first - 1, -1, -1) if tokens[i].text in _STRETCH), 0)
    stop = next((i for i in range(quantity.last, len(tokens)) if tokens[i].text in _STRETCH), len(tokens))
    held = [arm for arm in line.arms if start <= arm.first < stop]
    grouped = len(held) == 1 and tokens[held[0].last - 1].text in GROUP
    if len(held) != 1 or (start == 0 and not grouped) or held[0].first < quantity.last or held[0].last < stop - 1:
        return None
    between = {t.text for t in tokens[quantity.last : held[0].first]}
    beyond = next((q for q in line.quantities if quantity.last <= q.first < held[0].first), None)
    if beyond and not any(t.text in VERBS for t in tokens[quantity.last : beyond.first]):
        return None  # "41 (27%) of these and none of the others": the group is that of the last number
    led = word(tokens, held[0].first - 1) in ("in", "with", "on", "for", "the")
    return held[0] if led and not between & {"compared", "than", "versus", "vs", "relative"} else None


_STRETCH = words(", ; whereas while but ( )")


def _governing(line: Line, place: int) -> Arm | None:
    """The arm of the clause: the only one of the sentence so far, or the last by grammar before the number."""
    before = [arm for arm in line.arms if arm.last <= place and (arm.sure or _opens(line, arm))]
    later = [arm for arm in line.arms if arm.sure and arm.first > line.quantities[-1].first]
    if (
        not before
        and len(distinct([arm.label for arm in line.arms])) == 1
        and later
        and line.tokens[later[-1].first - 2].text in ("in", "among")
    ):
        return later[-1]
    labels = distinct([arm.label for arm in before])
    if len(labels) == 1:
        return before[-1]
    return before[-1] if before else None


def _opens(line: Line, arm: Arm) -> bool:
    """Whether the sentence begins with "In patients with X," and goes on about them."""
    return arm.first < 4 and line.tokens[0].text in ("in", "for", "of", "among") and word(line.tokens, arm.last) == ","


_POPULATIONS = words("cohort cohorts subgroup subgroups population")  # hold both arms of a comparison
