"""Which axis of a table holds the arms: a level of the headers, the lines above rows, or a column of words."""

from collections.abc import Iterator
from typing import NamedTuple

from kb.extract.grid import Grid, Row
from kb.extract.labels import Label
from kb.extract.names import GROUP
from kb.extract.phrases import Phrases
from kb.extract.tokens import lex, words

_CORNERS = words("""
    group groups treatment treatments arm arms intervention interventions allocation regimen
""")
_MEASURED = words("""
    mean median score scores level levels index rate rates time number total value values n events measure
    model outcome item items
""")
_CONTROL = words("""
    placebo control controls sham usual standard vehicle untreated conventional
""")


class Axis(NamedTuple):
    """Where arms stand: part is over, section or left; level counts from the top or left.

    sure: some label has a size, a known name or a word such as group. pair: the two arms, the control second.
    """

    part: str
    level: int
    sure: bool
    pair: tuple[str, str] | None


class Place(NamedTuple):
    """What the axes give to a cell: its arm, the arm's size and label, and the other labels over it."""

    arm: str | None
    n: int | None
    others: list[Label]
    label: Label | None = None


def arm_axis(grid: Grid, readers: dict[str, Label], arms: Phrases[str]) -> Axis | None:
    """The axis with the largest share of labels that are arms; none if no label is one."""
    best: tuple[float, str, int] | None = None
    for part, level, texts in _axes(grid):
        labels = [readers[text] for text in texts if _may_be_arm(readers[text])]
        if not labels:
            continue
        share = sum(_is_arm(label, arms) for label in labels) / len(labels)
        if part == "left" and any(set(row.corner[level].lower().split()) & _CORNERS for row in grid.rows[:1]):
            share += 1
        if share >= 0.3 and (best is None or share > best[0]):
            best = share, part, level
    if best:
        return Axis(best[1], best[2], sure=True, pair=_pair(grid, best[1], best[2], readers))
    return _assumed(grid, readers)


def _assumed(grid: Grid, readers: dict[str, Label]) -> Axis | None:
    """Two to five headers that say nothing else, where the rows name outcomes: arms, though not surely."""
    for part, level, texts in _axes(grid):
        named = [readers[text] for text in texts if readers[text].rest]
        labels = [label for label in named if not (label.role or label.whole)]
        free = [
            label
            for label in labels
            if _may_be_arm(label) and not (label.unit or label.change or set(label.words) & _MEASURED)
        ]
        if (
            part == "over"
            and 2 <= len(free) <= 5
            and len(free) == len(labels)
            and all(len(label.words) < 6 for label in free)
        ):
            return Axis(part, level, sure=False, pair=_pair(grid, part, level, readers))
    return None


def _axes(grid: Grid) -> Iterator[tuple[str, int, list[str]]]:
    """Every axis with its different labels in order."""
    for level in range(3):
        yield "over", level, _distinct(over[level] for row in grid.rows for over in row.over if len(over) > level)
    for level in range(3):
        yield "section", level, _distinct(row.sections[level] for row in grid.rows if len(row.sections) > level)
    for level in range(max(len(row.left) for row in grid.rows)):
        yield (
            "left",
            level,
            _distinct(row.left[level] for row in grid.rows if len(row.left) > level and row.left[level]),
        )


def _distinct(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _may_be_arm(label: Label) -> bool:
    return bool(label.rest) and not label.role and not label.whole and any(c.isalpha() for c in label.rest)


def _is_arm(label: Label, arms: Phrases[str]) -> bool:
    if label.n is not None or set(label.words) & GROUP:
        return True
    tokens = lex(label.rest.lower(), 0, len(label.rest))
    covered = sum(match.last - match.first for match in arms.find(tokens))
    return 2 * covered >= len(tokens) > 0


def _named(label: Label) -> str:
    """The label of an arm without "group" at its end or beginning."""
    words = label.rest.split()
    if len(words) > 1 and words[-1].lower() in GROUP:
        words = words[:-1]
    return " ".join(words).strip(" ,:;-")


def _pair(grid: Grid, part: str, level: int, readers: dict[str, Label]) -> tuple[str, str] | None:
    """The two arms of a table, the control second; None for more or fewer."""
    texts = next(texts for p, at, texts in _axes(grid) if (p, at) == (part, level))
    names = list(
        dict.fromkeys(
            _named(readers[text]) for text in texts if _may_be_arm(readers[text]) and not readers[text].versus
        )
    )
    if len(names) != 2:
        return None
    first, second = names
    return (second, first) if set(first.lower().split()) & _CONTROL else (first, second)


def labels_of(axis: Axis | None, row: Row, over: tuple[Label, ...], readers: dict[str, Label]) -> Place:
    """The arm of a cell and the other labels over it."""
    if axis is None:
        return Place(None, None, list(over))
    texts = {"section": row.sections, "left": row.left}.get(axis.part)
    said = list(over) if texts is None else [readers.get(text) for text in texts]
    label = said[axis.level] if axis.level < len(said) else None
    others = [one for one in over if one is not label]
    if label is None or not label.rest or label.role:
        return Place(None, label.n if label else None, others)
    return Place(_named(label), label.n, others, label)
