"""Which figure speaks, where several say something of the same study, arm, outcome and time window.

In this order: the adjudicated decision, two agreeing reviewers, one reviewer (flagged), sheet and text agreeing,
the primary sheet, the machine alone or a secondary figure (those two only in named sensitivity estimates).
An open conflict speaks nowhere, nor does a retracted study.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kb.evidence.deciding import settle_answers
from kb.records import Reading, Standing
from kb.vocabulary import Topic

#: From the strongest ground to the weakest; those after MAIN speak in named sensitivity estimates only.
BASES = (
    "adjudicated", "two reviewers", "one reviewer", "agreement", "primary sheet", "secondary sheet", "machine",
    "conflict", "rejected", "retracted",
)  # fmt: skip
MAIN = ("adjudicated", "two reviewers", "one reviewer", "agreement", "primary sheet")
SILENT = ("conflict", "rejected", "retracted")

Standings = Mapping[str, Standing]


def choose(
    readings: Iterable[Reading], standings: Standings, topic: Topic, retracted: frozenset[str]
) -> dict[str, Standing]:
    """Every standing with its basis, and speaks = True for one figure a study, arm, outcome, kind and window."""
    windows: dict[tuple[object, ...], list[Reading]] = defaultdict(list)
    for reading in readings:
        windows[_place(reading, standings[reading.id])].append(reading)
    chosen: dict[str, Standing] = {}
    for group in windows.values():
        chosen |= _with_basis(group, standings, retracted)
    chosen = _share_joined(windows.values(), chosen)
    return _one_per_window(windows, chosen, topic)


def settle(readings: Iterable[Reading], standings: Standings) -> dict[str, Standing]:
    """Give a figure of a text the arm and time of the one sheet figure that prints the same and says them.

    A text often says them elsewhere ("of the patients with lung disease"), so only an unlabelled arm or an absent
    time is filled, and only where exactly one keyed figure fits; derived says so.
    """
    settled = dict(standings)
    everything = list(readings)
    keyed = [r for r in everything if r.keyed]
    for reading in everything:
        if not reading.keyed:
            fitting = [k for k in keyed if _may_be_same(reading, k, standings) and reading.figure.agrees_with(k.figure)]
            if len(fitting) == 1:
                settled[reading.id] = _as_keyed(standings[reading.id], standings[fitting[0].id])
    return settled


def _may_be_same(text: Reading, keyed: Reading, standings: Standings) -> bool:
    a, b = text.figure, keyed.figure
    same_arm = standings[text.id].study_arm == standings[keyed.id].study_arm or a.arm is None
    same_time = a.months is None or b.months is None or round(a.months, 1) == round(b.months, 1)
    return same_arm and same_time and (a.outcome, a.kind) == (b.outcome, b.kind)


def _as_keyed(text: Standing, keyed: Standing) -> Standing:
    timed = text if text.months is not None else keyed
    changed = [
        f"{what} = {new} joined from the sheet"
        for what, old, new in (("arm", text.study_arm, keyed.study_arm), ("time", text.window, timed.window))
        if old != new
    ]
    if not changed:
        return text
    numbers = text if text.study_arm == keyed.study_arm else keyed
    return replace(
        keyed,
        figure=text.figure,
        basis=text.basis,
        window=timed.window,
        months=timed.months,
        derived="; ".join(filter(None, [numbers.derived, *changed])),
        n=numbers.n,
        events=numbers.events,
        percent=numbers.percent,
    )


def _place(reading: Reading, standing: Standing) -> tuple[object, ...]:
    """Study, arm, outcome, kind and window; the arm's own words where no arm of the study is known by them."""
    figure = reading.figure
    arm = standing.study_arm or f"? {figure.arm}"
    return standing.study, arm, figure.outcome, figure.kind, standing.window


def _with_basis(group: list[Reading], standings: Standings, retracted: frozenset[str]) -> dict[str, Standing]:
    # what people rejected neither agrees nor disagrees with anything any more
    valid = [r for r in group if _decided(r) != "rejected"]
    agreeing = {r.id for r in valid for o in valid if _independent(r, o) and r.figure.agrees_with(o.figure)}
    found = {}
    for reading in group:
        standing = standings[reading.id]
        rivals = [o for o in valid if _independent(reading, o) and _same_time(reading, o) and not o.figure.unbound]
        conflict = bool(rivals) and not any(o.id in agreeing for o in rivals)
        basis = "retracted" if standing.study in retracted else _basis(reading, agreeing, conflict=conflict)
        found[reading.id] = replace(standing, basis=basis)
    return found


def _same_time(a: Reading, b: Reading) -> bool:
    months = [None if r.figure.months is None else round(r.figure.months, 1) for r in (a, b)]
    return months[0] == months[1]


def _independent(a: Reading, b: Reading) -> bool:
    """Whether agreement of the two says something: sheet and machine; who proposes or reviews may have seen both."""
    return {a.reader, b.reader} == {"sheet", "machine"}


def _basis(reading: Reading, agreeing: set[str], *, conflict: bool) -> str:
    if decided := _decided(reading):
        return decided
    if reading.id in agreeing:
        return "agreement"
    if conflict:
        return "conflict"
    if not reading.keyed:
        return "machine"
    return "secondary sheet" if reading.secondary else "primary sheet"


def _decided(reading: Reading) -> str | None:
    """The basis that people give a reading, None while nobody decided.

    A correction rejects what was read; what it says instead is a figure of its own.
    """
    settled = settle_answers(reading.decisions)
    if settled.state == "agreed":
        return settled.ground if settled.answer == "accept" else "rejected"
    return "conflict" if settled.state == "conflict" else None


def _share_joined(groups: Iterable[list[Reading]], chosen: dict[str, Standing]) -> dict[str, Standing]:
    """Where sheet and text agree, a number that only one of them prints is joined to the other, and said so.

    That people decided on one of them changes nothing in it.
    """
    shared = dict(chosen)
    for group in groups:
        agreed = [r for r in group if chosen[r.id].basis not in SILENT]
        for reading in agreed:
            for other in agreed:
                shared[reading.id] = _take(shared[reading.id], reading, other)
    return shared


def _take(standing: Standing, reading: Reading, other: Reading) -> Standing:
    if reading.keyed == other.keyed or "proposed" in (reading.reader, other.reader):
        return standing
    if not reading.figure.agrees_with(other.figure):
        return standing
    source = "the text" if reading.keyed else "the sheet"
    for key in ("n", "events", "percent"):
        value = getattr(other.figure, key)
        if value is None or getattr(reading.figure, key) is not None or getattr(standing, key) == value:
            continue
        # what the other prints goes before what was joined from the size of the arm
        kept = [said for said in (standing.derived or "").split("; ") if said and not said.startswith(f"{key} = ")]
        words = "; ".join([*kept, f"{key} = {value:g} joined from {source}"])
        standing = replace(standing, **{key: value, "derived": words})
    return standing


def _one_per_window(
    windows: Mapping[tuple[object, ...], list[Reading]], chosen: dict[str, Standing], topic: Topic
) -> dict[str, Standing]:
    result = dict(chosen)
    for (*_, window), group in windows.items():
        heard = [r for r in group if chosen[r.id].basis not in SILENT]
        if heard and window is not None and heard[0].figure.outcome:
            best = min(heard, key=lambda r: _rank(r, chosen[r.id], topic))
            result[best.id] = replace(result[best.id], speaks=True)
    return result


def _rank(reading: Reading, standing: Standing, topic: Topic) -> tuple[object, ...]:
    """Strongest basis, then nearest to the window's time, then the paper's own sentence, then the surest reading."""
    window = next((w for w in topic.windows if w.name == standing.window), None)
    months = standing.months
    distance = abs(months - window.months) if window and months is not None else 0.0
    spread = 0 if reading.figure.sd is not None or reading.figure.events is not None else 1
    own = 1 if reading.keyed else 0
    return BASES.index(standing.basis), spread, distance, own, -(reading.figure.confidence or 0), reading.id
