"""Which outcome each quantity of a sentence belongs to."""

from collections.abc import Iterator

from kb.extract import elliptic, fates, following, frames
from kb.extract.clauses import AMOUNTS, BREAKS, PREPOSITIONS, STATE, VERBS, Span, open_bracket
from kb.extract.core import Quantity
from kb.extract.counts import divides
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.line import Binding, Context, Line
from kb.extract.links import agent, find_link
from kb.extract.listed import blocked_in, for_result, listed, shared_head
from kb.extract.measures import MEASURES
from kb.extract.outcomes import Named
from kb.extract.runs import Run
from kb.extract.tokens import Token, words


def bind_outcomes(line: Line, context: Context, arms: list[Binding]) -> list[Binding]:
    """One binding for each quantity, in order; the context remembers the last."""
    blocked = blocked_in(line)
    bound: list[Binding] = [Binding(None, "none")] * len(line.quantities)
    labels = {side for arm in arms if arm.label for side in arm.label.lower().split(" vs ")}
    for run in line.runs:
        listed = _listed(line, run)
        for k, member in enumerate(run.members):
            quantity = line.quantities[member]
            part = _goes_on(line, quantity) or (quantity.depth and divides(line, quantity))
            again = Binding(context.outcome, "bracket") if part else None
            binding = listed[k] if listed else again or _one(line, quantity, run, blocked, context, labels)
            bound[member] = binding
            context.outcome = binding.label or context.outcome
    return bound


def _one(line: Line, quantity: Quantity, run: Run, blocked: set[int], context: Context, arms: set[str]) -> Binding:
    return (
        _told(line, quantity, run, blocked, context, arms)
        or _found(line, quantity, run, blocked, arms)
        or (Binding(context.outcome, "inherited") if context.outcome else Binding(None, "none"))
    )


def _told(
    line: Line, quantity: Quantity, run: Run, blocked: set[int], context: Context, arms: set[str]
) -> Binding | None:
    """The outcome that grammar names: before a colon, after people and their bracket, of an effect, of an amount."""
    unit = quantity.fields.get("unit")
    own = elliptic.verb_within(line, quantity) or elliptic.averaged(line, quantity, blocked)
    if own:
        return _label(line, own, "object", unit)
    head = _before_colon(line, run, blocked)
    if head and not _code(line, quantity, head, arms):
        return _label(line, head, "bracket", unit)
    if quantity.form == "effect":
        linked = _linked(line, quantity, blocked, context)
        again = context.outcome if fates.is_about_before(line.tokens, quantity.first) else None
        if linked or again:
            return linked or Binding(again, "inherited")
    elif quantity.depth:
        across = next(following.across(line.tokens, quantity.first, blocked), None)
        if across:
            return _label(line, across, "after", unit)
    amount = _amount_of(line, quantity, run, blocked)
    return _label(line, amount, "after", unit) if amount else None


def _found(line: Line, quantity: Quantity, run: Run, blocked: set[int], arms: set[str]) -> Binding | None:
    """The likeliest noun phrase that is no arm, the nearest outcome of the vocabulary, the subject of the sentence."""
    unit = quantity.fields.get("unit")
    for span, rule in _candidates(line, quantity, run, blocked):
        if line.words(*span).lower() not in arms:
            return _label(line, span, rule, unit, counted=quantity.has("events"))
    near = _nearest(line, run.first)
    if near:
        return Binding(near.name, "near+vocabulary")
    whole = next(frames.first_subject(line.tokens, run.first, blocked), None)
    whole = whole or next(frames.subject(line.tokens, run.first, blocked), None)
    fits = whole is not None and line.words(*whole).lower() not in arms
    return _label(line, whole, "subject", unit) if whole and fits else None


def _code(line: Line, quantity: Quantity, head: Span, arms: set[str]) -> bool:
    """Whether the words before a colon are a group, by its name or by a code: "Q4: HR 1.3"."""
    coded = quantity.form == "effect" and head[1] - head[0] == 1 and line.tokens[head[0]].text[-1:].isdigit()
    return coded or any(label.endswith(line.words(*head).lower()) for label in arms)


def _amount_of(line: Line, quantity: Quantity, run: Run, blocked: set[int]) -> Span | None:
    """X in "a 50% increase in X", "two cases of X", "a reduction of 5% and 3% in X"."""
    tokens, last = line.tokens, quantity.last - (word(line.tokens, quantity.last - 1) in _CASES)
    if quantity.depth == 0 and word(tokens, last) in _CASES and word(tokens, last + 1) == "of":
        return next(following.after(tokens, last + 2, blocked), None)
    for i in range(quantity.last, min(quantity.last + 2, len(line.tokens) - 1)):
        if line.tokens[i].text in AMOUNTS and line.tokens[i + 1].text in ("in", "of"):
            return next(following.after(line.tokens, i + 2, blocked), None)
    return _moved(line, run, blocked)


def _moved(line: Line, run: Run, blocked: set[int]) -> Span | None:
    """X in "a reduction of 5% and 3% in X": not people, not an arm."""
    tokens, last = line.tokens, run.last
    if word(tokens, last) != "in" or word(tokens, run.first - 1) != "of" or word(tokens, run.first - 2) not in AMOUNTS:
        return None
    first = last + 1 + (word(tokens, last + 1) in ("the", "a", "their", "mean", "median"))
    if first >= len(tokens) or first in blocked or tokens[first].text in PEOPLE or tokens[first].kind != "w":
        return None
    return next(following.after(tokens, first, blocked), None)


def _goes_on(line: Line, quantity: Quantity) -> bool:
    """Read "(5.2 vs 6.1; difference -0.9)": a difference beside the numbers that it compares, in one bracket."""
    opened = open_bracket(line.tokens, quantity.first) if quantity.depth else None
    before = [q for q in line.quantities if opened is not None and opened < q.first < quantity.first]
    between = [t.text for t in line.tokens[before[-1].last : quantity.first]] if before else []
    return "difference" in between and all(text in _COMPARING for text in between)


_COMPARING = words("""
    ; , : = of was difference mean median absolute risk rate adjusted treatment between-group least squares estimated
    group the between groups
""")
_CASES = words("case cases episode episodes instance instances")


def _before_colon(line: Line, run: Run, blocked: set[int]) -> Span | None:
    """Read "activity (ng/mL): 2.3 to 0.3": the words before the colon, a bracket with the unit skipped."""
    tokens = line.tokens
    i = run.first - 1
    if i < 1 or tokens[i].text != ":" or i - 1 in blocked or tokens[i - 1].text.endswith("ed"):
        return None
    if tokens[i - 1].text == ")":
        i = next((k for k in range(i - 2, max(0, i - 7), -1) if tokens[k].text == "("), i)
    return next(frames.beside(tokens, i, blocked), None)


def _candidates(line: Line, quantity: Quantity, run: Run, blocked: set[int]) -> Iterator[tuple[Span, str]]:
    """Noun phrases that may be the outcome, the likeliest first, each with its rule."""
    tokens = line.tokens
    yield from ((span, "bracket") for span in _touching(line, quantity, blocked))
    yield from ((span, "bracket") for span in elliptic.left_out(line, quantity))
    yield from ((span, "object") for span in elliptic.moved_too(line, run, blocked))
    yield from ((span, "after") for span in for_result(line, run, blocked))
    if quantity.depth or quantity.form == "effect":
        yield from ((span, "subject") for span in fates.concerning(tokens, run.first, blocked))
    yield from ((span, "object") for span in fates.listed_in(tokens, run.first, blocked))
    if (
        quantity.depth
        and quantity.form != "effect"
        and not any(q.depth for q in line.quantities if q.last < quantity.first)
    ):
        yield from ((span, "subject") for span in fates.ranked_first(tokens, run.first, blocked))
    if quantity.form != "effect":
        yield from ((span, "bracket") for span in frames.inside_bracket(tokens, run.first, blocked))
    yield from ((span, "bracket") for span in _bracketed(line, quantity, run, blocked))
    if quantity.form == "effect" or word(tokens, run.first - 1) == "of":
        yield from ((span, "object") for span in frames.beside(tokens, run.first, blocked))
    far = _far(line, quantity)
    yield from ((span, "after") for span in (following.after(tokens, far, blocked) if far is not None else ()))
    after = list(following.after(tokens, run.last, blocked)) if not quantity.depth else []
    if quantity.form != "effect" and _acts(line, run) and not _inside(tokens, quantity, run):
        yield from ((span, "after") for span in after)
    if quantity.depth and quantity.form != "effect":
        yield from ((span, "after") for span in fates.undergone(tokens, run.first, blocked))
    doer = agent(line, quantity)
    left = blocked | set(range(*doer)) if doer else blocked
    yield from ((span, "subject") for span in frames.subject(tokens, run.first, left))
    if not quantity.depth and quantity.form != "effect":
        yield from ((span, "subject") for span in fates.concerning(tokens, run.first, blocked))
    yield from ((span, "object") for span in frames.objects(tokens, run.first, left))
    yield from ((span, "after") for span in after)
    yield from ((span, "after") for span in fates.intransitive(tokens, run.first, blocked))


def _bracketed(line: Line, quantity: Quantity, run: Run, blocked: set[int]) -> Iterator[Span]:
    """The phrase before the bracket that holds the number, unless that is a group of a comparison."""
    named = {i for n in line.named for i in range(n.first, n.last)}
    weighed = run.versus and any(arm.sure and arm.first < _EARLY for arm in line.arms)  # "A had more X for Y (3 vs 2)"
    if quantity.depth and (weighed or not frames.superlative(line.tokens, run.first, named)):
        yield from frames.before_bracket(line.tokens, run.first, blocked)


_EARLY = 8  # words from the beginning in which the subject of a comparison is named


def _touching(line: Line, quantity: Quantity, blocked: set[int]) -> Iterator[Span]:
    """Read "estimates were DFS 79% and OS 82%": an abbreviation right before the number."""
    place = quantity.first - 1
    if place < 1 or place in blocked or quantity.form == "effect" or line.tokens[place].kind != "w":
        return
    raw = line.words(place, place + 1)
    joined = line.tokens[place - 1].text in ("were", "was", "and", ",", ";", "(")
    if joined and len(raw) > 1 and raw.isupper() and line.tokens[place].text not in _NO_OUTCOME:
        yield place, place + 1


_NO_OUTCOME = MEASURES | words("ci sd se sem iqr vs md and or to in of p n")


def _inside(tokens: list[Token], quantity: Quantity, run: Run) -> bool:
    """Whether a number stands inside a row that is not a subject: "in 20 (16%), and 18 (14%) died"."""
    return quantity.last != run.last and word(tokens, run.first - 1) in ("in", "was", "were")


def _far(line: Line, quantity: Quantity) -> int | None:
    """The verb of a distant predicate: "59% (178 of 302) of those who could be assessed at 1 month developed X"."""
    tokens = line.tokens
    if (
        quantity.form not in ("percent", "fraction", "count")
        or quantity.depth
        or word(tokens, quantity.first - 1) in ("in", "was", "were", "of", "by", "to", "at", "from")
    ):
        return None
    closed = quantity.last
    for i in range(quantity.last, min(quantity.last + 18, len(tokens))):
        if tokens[i].text == "(" and all(t.kind == "w" for t in tokens[i + 1 : i + 2]) and word(tokens, i + 2) == ")":
            closed = i + 3  # "47.6% (moss) and 52.2% (fern) of patients experienced X"
        if i < closed:
            continue
        if tokens[i].text in _STRONG:
            return i
        number = any(q.first == i for q in line.quantities) and closed == quantity.last
        if tokens[i].text in (",", ";", "(") or number:
            return None
    return None


_STRONG = words("developed experienced achieved died relapsed survived suffered")
_ACTS = words("""
    achieved achieve developed experienced had reached attained died survived relapsed responded showed did met
    suffered reported exhibited demonstrated improved worsened failed recovered progressed were was required
    remained presented discontinued withdrew have has
""")


def _acts(line: Line, run: Run) -> bool:
    """Whether the number is the subject of what follows.

    "12 (5%) achieved", "5% of patients had", "35 (28%) partial remission".
    """
    tokens, i = line.tokens, run.last
    i += word(tokens, i) == "of"
    i = _past_people(line, i)
    for arm in line.arms:
        if arm.first < i <= arm.last:
            i = arm.last
        if (
            arm.first == i
            or (arm.first == i + 1 and word(tokens, i) in ("in", "with", "the"))
            or (arm.first == i + 2 and word(tokens, i) == "in")
        ):
            i = _past_people(line, arm.last)
    return (i < len(tokens) and tokens[i].kind == "w" and tokens[i].text in _ACTS) or _direct(line, run)


def _past_people(line: Line, i: int) -> int:
    while (
        word(line.tokens, i) in ("the", "all", "our")
        or word(line.tokens, i) in PEOPLE
        or (word(line.tokens, i + 1) in PERSONS and word(line.tokens, i) not in STATE)
    ):
        i += 1
    return i


def _direct(line: Line, run: Run) -> bool:
    tokens, i = line.tokens, run.last
    if i >= len(tokens) or tokens[i].kind != "w" or tokens[i].value is not None:
        return False
    text = tokens[i].text
    if word(tokens, i + 1) in PERSONS and word(tokens, run.first - 1) == "in":
        return False  # "was seen in 41 moss patients"
    return not (
        text in PREPOSITIONS
        or text in BREAKS
        or text in ("of", "and", "or", "respectively", "as", "per")
        or text in PEOPLE
        or text in VERBS
    ) and not any(arm.first == i for arm in line.arms)


def _label(line: Line, span: Span, rule: str, unit: str | None = None, *, counted: bool = False) -> Binding:
    """The vocabulary's name for a noun phrase, or its words.

    "gastrointestinal adverse events" says more than the name.
    """
    named = _named_in(line, span)
    if named is None or not named.measured_in(unit):
        return Binding(line.words(*span), rule)
    special = [
        t.text
        for t in line.tokens[span[0] : named.first]
        if t.kind == "w" and t.text not in _ANY and not t.text.endswith("ly")
    ]
    if (named.type == "event" and special) or (named.type == "continuous" and counted and span[1] > named.last):
        return Binding(line.words(*span), rule)
    return Binding(named.name, f"{rule}+vocabulary")


_ANY = words("""
    any all overall total common reported treatment-emergent emergent adverse cumulative the of incidence rate
    risk crude observed all-cause such other most number new odds hazard
""")


def _named_in(line: Line, span: Span) -> Named | None:
    inside = [n for n in line.named if n.first < span[1] and span[0] < n.last]
    return max(inside, key=lambda n: n.last - n.first) if inside else None


def _nearest(line: Line, place: int) -> Named | None:
    return min(line.named, key=lambda n: (n.first > place, abs(place - n.last)), default=None)


def _linked(line: Line, quantity: Quantity, blocked: set[int], context: Context) -> Binding | None:
    """Read "X was associated with Y (HR ...)": the outcome is Y.

    "X was inversely associated (HR ...)": the one before.
    """
    within = [n for n in line.named if quantity.first <= n.first and n.last <= quantity.last]
    if within:  # "mortality ratio 0.95"
        return Binding(within[0].name, "bracket+vocabulary")
    said = _said_for(line, quantity, blocked)
    if said:
        return _label(line, said, "object")
    link = find_link(line, quantity, blocked)
    if link is None or (
        not link.shared
        and quantity.depth
        and link.outcome
        and any(link.outcome[1] <= q.first < quantity.first for q in line.quantities)
    ):
        return None
    if link.outcome is None:
        return Binding(context.outcome, "inherited") if context.outcome and link.thing else None
    return _label(line, link.outcome, "linked", quantity.fields.get("unit"))


def _said_for(line: Line, quantity: Quantity, blocked: set[int]) -> Span | None:
    """Read "an odds ratio of 1.9 for improvement"; what else follows "for" is a group."""
    if word(line.tokens, quantity.last) != "for":
        return None
    span = next(following.after(line.tokens, quantity.last + 1, blocked), None)
    if span is None:
        return None
    return span if _named_in(line, span) or line.tokens[span[1] - 1].text in _FATES else None


_FATES = words("""
    improvement improvements response responses remission recovery healing cure success failure relapse recurrence
    progression infection infections bleeding events complications
""")


def _listed(line: Line, run: Run) -> list[Binding] | None:
    """As many outcomes as numbers: "the A, B and C had decreased by a, b and c, respectively"."""
    spans = listed(line, run)
    if spans is None:
        return None
    said = [_label(line, span, "list") for span in spans]
    return [
        Binding(text, "list") if label.label == line.words(*span) else label
        for label, span, text in zip(said, spans, shared_head(line, spans), strict=True)
    ]
