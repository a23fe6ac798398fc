"""A cell of a table and everything that is said of it -> a figure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from kb.extract.axes import Axis, Place, labels_of
from kb.extract.cells import Manner, Reading, quantities_of, read_cell
from kb.extract.details import Fields
from kb.extract.grid import Cell, Grid, Row
from kb.extract.labels import Label
from kb.extract.outcomes import Known
from kb.extract.subjects import Subject, is_trait, subject_of
from kb.records import BASELINE, Figure, Timepoint


class Frame(NamedTuple):
    """What holds for all cells of a table."""

    grid: Grid
    caption: Label
    notes: Label
    known: Known
    axis: Axis | None
    baseline: bool
    pair: tuple[str, str] | None
    readers: dict[str, Label]


class Column(NamedTuple):
    """The headers over one column, in what part they play. key: the headers without those of format alone."""

    labels: tuple[Label, ...]
    key: tuple[str, ...]
    forms: tuple[str, ...]
    role: str
    bare: bool


def cell_figures(frame: Frame, row: Row, column: Column, left: list[Label], cell: Cell, n: int | None) -> list[Figure]:
    """The figure of a cell, or none."""
    quantities = quantities_of(cell)
    labels = [*left, *column.labels]
    if not quantities:
        return []
    if is_trait(frame.known, labels, cell, quantities[0], baseline=frame.baseline):
        return []
    place = labels_of(frame.axis, row, column.labels, frame.readers)
    own, above = (
        [frame.readers[t] for t in texts if t and frame.readers[t] is not place.label]
        for texts in (row.left, row.sections)
    )
    subject = subject_of(frame.known, own, above, place.others, frame.caption)
    if column.forms == ("ci",) and len(quantities) > 1:
        return []  # an interval whose estimate is not printed
    n = place.n or next((label.n for label in reversed(column.labels) if label.n is not None), n)
    corner = tuple(form for text in row.corner if text for form in frame.readers[text].forms)
    manner = _manner(frame, column, left, place, subject, n, corner)
    closed = "n" in {t.text for t in cell.tokens[quantities[0].last :]}
    reading = read_cell(quantities[0], manner, closed=closed)
    if reading is None or (frame.baseline and reading.kind == "proportion" and not subject.named):
        return []
    return [_figure(frame, labels, cell, reading, place, subject, manner, several=len(quantities) > 1)]


def _manner(
    frame: Frame,
    column: Column,
    left: list[Label],
    place: Place,
    subject: Subject,
    n: int | None,
    corner: tuple[str, ...],
) -> Manner:
    labels = [*left, *column.labels]
    own = next((label.forms for label in reversed(left) if label.forms), ())
    sources = [column.forms, own] if column.bare or column.role == "difference" else [own, column.forms]
    forms = (
        tuple(
            dict.fromkeys(
                form for source in (*sources, corner, frame.caption.forms, frame.notes.forms) for form in source
            )
        )
        if _vague(sources)
        else next(s for s in sources if s)
    )
    compared = any(label.versus for label in left)
    effect = (
        compared
        or any(label.measure or label.role == "difference" for label in labels)
        or (bool(frame.caption.measure) and not place.arm)
    )
    change = any(label.change and not label.role for label in labels) or (
        frame.caption.change
        and not frame.caption.role
        and any(form in ("mean", "sd", "se", "ci") for form in forms)
        and not any(label.times == (BASELINE,) or label.when for label in labels)
    )
    kind = "effect" if effect else "change" if change else None
    return Manner(forms, n, subject.type, kind, any(sources), level_of(frame, labels))


def _vague(sources: list[tuple[str, ...]]) -> bool:
    """Whether the labels beside a cell leave its reading to the caption: no form, or "%" that may be the unit."""
    said = next((s for s in sources if s), ())
    return said in ((), ("percent",), ("count",)) and not all(sources)


def level_of(frame: Frame, labels: Sequence[Label]) -> float:
    """The level of the intervals in percent, 95 unless a label says otherwise."""
    for label in (*labels, frame.caption, frame.notes):
        for level in (90.0, 99.0):
            if "ci" in label.forms and f"{level:g}%" in label.text.replace(" ", ""):
                return level
    return 95.0


#: How sure each rule is. Set by judgement and kept below 0.9 in all: no annotated tables have measured it yet.
_SURE = {
    "subject+known": 0.95, "subject": 0.88, "near+known": 0.9, "near": 0.8, "inherited+known": 0.8, "inherited": 0.6,
    "none": 0.5, "local": 0.96, "versus": 0.9, "contrast": 0.8, "exposure": 0.7, "declared": 0.75, "no arm": 0.65,
    "time": 0.97, "timeless": 0.88, "when": 0.75, "labelled": 0.98, "share": 0.98, "change": 0.95, "said": 0.85,
    "continuous": 0.85,
}  # fmt: skip


def _fits(fields: Fields, n: int) -> bool:
    """Whether the size printed over an arm can be the denominator of a cell: fewer may have been measured."""
    events, percent = fields.get("events"), fields.get("percent")
    if events is None:
        return True
    return bool(events <= n and (percent is None or abs(100 * events / max(n, 1) - percent) <= 1))


def _figure(
    frame: Frame,
    labels: list[Label],
    cell: Cell,
    reading: Reading,
    place: Place,
    subject: Subject,
    manner: Manner,
    *,
    several: bool,
) -> Figure:
    fields = dict(reading.fields)
    time, when = _time(frame, labels, reading.kind)
    arm, rule = _arm(frame, labels, place, reading.kind)
    if reading.kind == "effect":
        fields["effect_measure"] = fields.get("effect_measure") or next(
            (m for m in (*(label.measure for label in reversed(labels)), frame.caption.measure) if m), "MD"
        )
    elif "n" not in fields and manner.n is not None and _fits(fields, manner.n):
        fields["n"] = manner.n
    if reading.kind != "proportion" and "unit" not in fields and reading.kind != "effect":
        unit = next((label.unit for label in labels if label.unit and label is not place.label), None)
        fields |= {"unit": unit} if unit else {}
    why = [] if subject.outcome else ["outcome: no words for it at the row, over the column or in the caption"]
    why += ["arm: no axis of the table names arms"] if arm is None and frame.axis is None else []
    why += [f"time: {when!r} is no point in time"] if when and time is None else []
    why += ["several numbers in one cell"] if several else []
    why += ["kind: no label says what the number is"] if reading.rule == "none" else []
    timed = "time" if time else "when" if when else "timeless"
    sure = _SURE[subject.rule] * _SURE[rule] * _SURE[timed] * _SURE[reading.rule]
    return Figure(
        kind=reading.kind, quote="", start=cell.start + reading.start, end=cell.start + reading.end,
        outcome=subject.outcome, arm=arm, timepoint=time, confidence=round(sure * (0.6 if several else 1), 3),
        unbound="; ".join(why) or None, **fields,
    )  # fmt: skip


def _time(frame: Frame, labels: list[Label], kind: str) -> tuple[Timepoint | None, str | None]:
    """The time of a cell: from the labels next to it outwards, then from the caption; a change is never at baseline."""
    when = next((label.when for label in labels if label.when), None)
    for label in [*reversed(labels), frame.caption]:
        points = [t for t in label.times if t != BASELINE] or list(label.times)
        if label is frame.caption and (when or len(points) > 1):
            continue
        if points and not (kind in ("change", "effect") and points[-1] == BASELINE):
            return points[-1], None
    return (BASELINE, None) if frame.baseline and not when else (None, when)


def _arm(frame: Frame, labels: list[Label], place: Place, kind: str) -> tuple[str | None, str]:
    """The arm and how it was found; for an effect both arms."""
    if kind == "effect":
        both = next((label.rest for label in reversed(labels) if label.versus), None)
        if both:
            return both, "versus"
        against = next(
            (found[1] for label in reversed(labels) if label.role and (found := _AGAINST.search(label.rest))), None
        )
        if place.arm and (against or frame.pair is None):
            return (f"{place.arm} vs {against}", "contrast") if against else (place.arm, "exposure")
        return (f"{frame.pair[0]} vs {frame.pair[1]}", "contrast") if frame.pair else (None, "no arm")
    if place.arm:
        return place.arm, "local" if frame.axis and frame.axis.sure else "declared"
    return None, "no arm"


_AGAINST = re.compile(r"\b(?:from|vs\.?|versus|to|minus|compared with|with)\s+(?!baseline)(\w[\w .-]*)$")
