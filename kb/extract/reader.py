"""The line of reading: sentences -> tokens -> quantities -> bindings -> figures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.extract.arms import find_arms, table
from kb.extract.bind_arms import bind_arms
from kb.extract.bind_outcomes import bind_outcomes
from kb.extract.bind_p import bind_p
from kb.extract.bind_times import bind_times
from kb.extract.confidence import confidence
from kb.extract.contrasts import contrast
from kb.extract.core import Quantity
from kb.extract.declared import declared
from kb.extract.details import PERSONS, Fields
from kb.extract.distractors import is_arm_name
from kb.extract.kinds import kind_of, promoted
from kb.extract.levels import Kind
from kb.extract.line import Binding, Context, Line
from kb.extract.names import distinct
from kb.extract.normalise import lower, normalise
from kb.extract.outcomes import Known, find_named
from kb.extract.phrases import Phrases
from kb.extract.runs import Run, find_runs
from kb.extract.spoken import Spoken, Text
from kb.extract.times import find_times
from kb.extract.tokens import Token, lex, words
from kb.records import BASELINE, Figure, Timepoint

Timed = tuple[Timepoint | None, str]


def read(texts: Sequence[Text], vocabulary: Known, title: str | None) -> list[list[Figure]]:
    """The figures of each passage; arms and definitions are taken from all of them."""
    if not any(not said.is_empty() for text in texts for said in text.spoken):
        return [[] for _ in texts]
    head = normalise(title or "")
    names: dict[str, str] = {}
    others: dict[str, str] = {}
    for text in texts:
        strong, weak = declared(text.tokens, text.plain, lex(lower(head), 0, len(head)), head)
        names, others = strong | names, weak | others
    context = Context(arms=distinct(list(names.values())))
    for text in texts:
        context.defined |= _defined(text, vocabulary)
    known = table(others | names)
    return [_passage(text, vocabulary, known, context) for text in texts]


def _defined(text: Text, vocabulary: Known) -> dict[str, Timepoint]:
    """Times that the methods give to an outcome: "the primary end point was the change in X at week 24"."""
    found: dict[str, Timepoint] = {}
    for sentence in text.sentences:
        tokens = text.tokens_of(sentence) if sentence.zone in ("methods", "aim") else []
        words = {t.text for t in tokens}
        if not words & _ENDPOINT:
            continue
        points = [
            p for time in find_times(tokens) if time.role in ("point", "adjective") for p in time.times if p.months
        ]
        if points:
            names = [named.name for named in find_named(tokens, vocabulary)] + ["primary"] * ("primary" in words)
            found |= {name: points[0] for name in names if name not in found}
    return found


_ENDPOINT = words("endpoint endpoints end outcome outcomes point points")


def _passage(text: Text, vocabulary: Known, known: Phrases[str], context: Context) -> list[Figure]:
    found: list[Figure] = []
    measure: str | None = None
    carried: Timepoint | None = None
    for said in text.spoken:
        line = _line(said, vocabulary, known)
        figures, measure = _figures(line, text.raw, vocabulary, context, measure)
        figures += _absent(line, text.raw, said.absent, context)
        opening = _opening_time(line)
        if carried and not line.times:
            figures = [_at(f, carried) for f in figures]
        carried = opening
        found += _new(figures, found) if line.zone == "conclusion" else figures
    return found


def _opening_time(line: Line) -> Timepoint | None:
    """The time that a sentence begins with ("At week 12, ..."), which governs the next one too if that names none."""
    first = line.times[0] if line.times else None
    if first is None or first.role != "point" or first.first > 2 or len(line.times) > 1 or len(first.times) > 1:
        return None
    return first.times[0]


def _at(figure: Figure, carried: Timepoint) -> Figure:
    """The figure at the carried time; a share of patients with an event may be of the whole study, so it is left."""
    timed = figure.timepoint is not None or figure.kind == "proportion"
    return figure if timed else replace(figure, timepoint=carried)


def _new(figures: Iterable[Figure], known: Sequence[Figure]) -> list[Figure]:
    """Figures of the conclusion that no result has said already, and only if they are bound to something."""
    seen = {number for f in known for number in (f.value, f.percent, f.events)} - {None}
    return [f for f in figures if f.outcome and not {f.value, f.percent, f.events} & seen]


def _line(said: Spoken, vocabulary: Known, known: Phrases[str]) -> Line:
    """The sentence with its arms, its outcomes and its numbers in rows."""
    line = said.line
    if said.is_empty():
        return line
    tokens, arms = line.tokens, find_arms(line.tokens, line.text, known)
    kept = [q for q in line.quantities if not is_arm_name(arms, q)]
    if said.whole and kept:
        kept[0] = _of_whole(tokens, kept[0], said.whole)
    runs, named = find_runs(tokens, kept), find_named(tokens, vocabulary)
    return Line(line.text, line.zone, tokens, line.times, kept, runs, arms, named)


def _of_whole(tokens: list[Token], part: Quantity, whole: Quantity) -> Quantity:
    """Read "Of 140 patients with X, 27 (19.3%) ...": the first count has the whole as its n, if percents agree."""
    n = int(whole.fields["value"])
    people = part.last < len(tokens) and tokens[part.last].text in PERSONS
    counted = part.form == "count" or (part.is_bare() and (people or tokens[part.first - 1].text == "in"))
    k = part.fields.get("events", part.fields.get("value"))
    if not counted or part.has("n") or k is None or not 0 <= k <= n or n == 0:
        return part
    if abs(100 * k / n - part.fields.get("percent", 100 * k / n)) > 0.6:
        return part
    return replace(part, start=whole.start, fields={**part.fields, "n": n})


def _figures(
    line: Line, raw: str, vocabulary: Known, context: Context, measure: str | None
) -> tuple[list[Figure], str | None]:
    """The figures of a sentence, and the effect measure that it leaves to the next; raw is the text as it came."""
    if not line.quantities:
        return [], measure
    line = replace(line, quantities=promoted(line, measure))
    arms = bind_arms(line, context)
    times = bind_times(line)
    outcomes = bind_outcomes(line, context, arms)
    run_of = {member: run for run in line.runs for member in run.members}
    values = bind_p(line, outcomes)
    found = []
    before: Kind | None = None
    for i, quantity in enumerate(line.quantities):
        kind = kind_of(line, quantity, run_of[i], vocabulary.types.get(outcomes[i].label or ""), before)
        if kind is None:
            continue
        before = kind
        time = _timed(times[i], kind, outcomes[i].label or "", line, quantity, context)
        measure = kind.fields.get("effect_measure", measure)
        kind.fields["p_value"] = values[i]
        late = kind.kind == "effect" and quantity.form != "effect"
        arm = (
            contrast(line, replace(quantity, fields={**quantity.fields, **kind.fields}), arms[i], context, arms[:i])
            if late
            else arms[i]
        )
        found += [_figure(raw, quantity, kind, outcomes[i], side, time) for side in (arm, *_sides(arm))]
    return found, measure


def _sides(arm: Binding) -> list[Binding]:
    """The other groups of which the same number is said."""
    return [Binding(label, arm.rule) for label in arm.others]


def _timed(time: Timed, kind: Kind, outcome: str, line: Line, quantity: Quantity, context: Context) -> Timed:
    """A change is never at baseline, a share only if baseline is said beside it.

    A defined end point has its own time.
    """
    if time[0] == BASELINE and time[1] == "governing":
        near = {t.text for t in line.tokens[max(0, quantity.first - 4) : quantity.first]}
        opening = any(t.first < 3 and BASELINE in t.times for t in line.times)
        if kind.kind in ("change", "effect") or (
            kind.kind == "proportion" and not opening and ("baseline" not in near or "primary" in outcome.lower())
        ):
            time = (None, "none")
    if time[0] is not None:
        return time
    label = outcome.lower()
    if "primary" in label and "primary" in context.defined:
        return context.defined["primary"], "defined"
    if kind.kind in ("change", "effect") and outcome in context.defined:
        return context.defined[outcome], "defined"
    return time


def _figure(raw: str, quantity: Quantity, kind: Kind, outcome: Binding, arm: Binding, time: Timed) -> Figure:
    fields: Fields = dict(kind.fields)
    why = []
    if outcome.label is None:
        why.append("outcome: no words for it in the sentence")
    if arm.label is None and arm.rule == "unmatched":
        why.append("arm: more numbers than arms")
    return Figure(
        kind=kind.kind,
        quote=raw[quantity.start : quantity.end],
        start=quantity.start,
        end=quantity.end,
        outcome=outcome.label,
        arm=arm.label,
        timepoint=time[0],
        confidence=confidence(outcome.rule, arm.rule, time[1], kind.rule),
        unbound="; ".join(why) or None,
        **fields,
    )


def _singular(label: str) -> str:
    """Read "malignancies" is the outcome malignancy."""
    return f"{label[:-3]}y" if label.endswith("ies") else label


def _absent(line: Line, raw: str, nothing: list[Quantity], context: Context) -> list[Figure]:
    """Figures of events that did not happen."""
    if not nothing:
        return []
    runs = [Run((i,), q.first, q.last, False, False) for i, q in enumerate(nothing)]
    line = replace(line, quantities=nothing, runs=runs)
    arms, times = bind_arms(line, context), bind_times(line)
    found = []
    for quantity, arm, time in zip(nothing, arms, times, strict=True):
        span = quantity.fields["outcome"]
        named = [n for n in line.named if n.first < span[1] and span[0] < n.last]
        label = Binding(named[0].name if named else _singular(line.words(*span)), "negated")
        fields = {k: v for k, v in quantity.fields.items() if k != "outcome"}
        found.append(_figure(raw, quantity, Kind("proportion", fields, "none"), label, arm, time))
    return found
