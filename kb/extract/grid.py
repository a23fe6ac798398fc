"""A stored table -> a grid: caption, headers over each column, rows with the words to their left, notes.

The text is that of a section of kind table: the caption's lines, then the rows (cells divided by tabs), then the
notes. A cell that spanned several columns or rows left empty cells behind it.
"""

import re
from typing import NamedTuple

from kb.extract.normalise import lower, normalise
from kb.extract.tokens import Token, lex, words

_NUMERIC = re.compile(
    r"[\s(\[<>=≤≥~±%+-]*(?:[a-z]{1,3}\s*[=<>]\s*)?\.?\d[\d\s.,:;/()\[\]%±<>=≤≥+*†‡§¶#|-]*"
    r"(?:(?:to|of|vs|and|n|p|ci|sd|se|iqr|nr|[a-z])\b[\d\s.,:;/()\[\]%±<>=≤≥+*†‡§¶#|-]*)*"
)
_NAMING = re.compile(
    r"\(?n\s*=\s*\d[\d,]*\)?"
    r"|(?:at |after |week |month |year |day |t)?\d+ ?(?:m|w|d|y|h|wks?|mos?|yrs?|hours?|days?|weeks?|months?|years?)\.?"
    r"|(?:week|month|year|day) ?\d+"
)
_EMPTY = frozenset(
    ("", "-", "--", "..", "…", ".", "na", "n/a", "nr", "nd", "ns", "n.s.", "ref", "reference", "n.a.", "*")
)
_STUBS = 4  # a table has its words in at most so many columns at the left


class Cell(NamedTuple):
    """One cell: its place in the section's text, its characters, and the same in plain lower case."""

    start: int
    raw: str
    plain: str
    lowered: str

    @property
    def tokens(self) -> list[Token]:
        """The cell's tokens, their places counted from the beginning of the cell."""
        return lex(self.lowered, 0, len(self.lowered))

    @property
    def empty(self) -> bool:
        """Whether the cell says nothing, or only that there is nothing."""
        return self.lowered.strip(" .") in _EMPTY

    @property
    def naming(self) -> bool:
        """Whether the cell is a size or a time: it names what stands below it."""
        return bool(_NAMING.fullmatch(self.lowered.strip()))

    @property
    def numeric(self) -> bool:
        """Whether the cell holds numbers and next to no words."""
        return bool(_NUMERIC.fullmatch(self.lowered.strip()))


class Row(NamedTuple):
    """A row of data. over: for each column the headers from the top down; left: the words before it.

    sections: the lines of words above the row that stand alone. cells start at column ``first``.
    """

    over: tuple[tuple[str, ...], ...]
    corner: tuple[str, ...]
    sections: tuple[str, ...]
    left: tuple[str, ...]
    first: int
    cells: tuple[Cell, ...]


class Grid(NamedTuple):
    """A table read as far as its shape goes."""

    caption: str
    rows: list[Row]
    notes: str


def read_grid(text: str) -> Grid:
    """The grid of a table's text; without rows of data it has none."""
    lines = _lines(text)
    tabbed = [i for i, cells in enumerate(lines) if len(cells) > 1]
    if not tabbed:
        return Grid(text, [], "")
    first, last = tabbed[0], tabbed[-1] + 1
    caption, notes = ("\n".join(cell.raw for line in part for cell in line) for part in (lines[:first], lines[last:]))
    return Grid(caption, _rows([line for line in lines[first:last] if len(line) > 1]), notes)


def _lines(text: str) -> list[list[Cell]]:
    found, start = [], 0
    for line in text.split("\n"):
        cells = []
        for raw in line.split("\t"):
            plain = normalise(raw)
            cells.append(Cell(start, raw, plain, lower(plain)))
            start += len(raw) + 1
        found.append(cells)
    return found


def _rows(lines: list[list[Cell]]) -> list[Row]:
    stubs = _stub_columns(lines)
    headers: list[list[Cell]] = []
    sections: list[str] = []
    left: list[str] = [""] * stubs
    made: list[Row] = []
    state = "header"
    for i, line in enumerate(lines):
        role = _role(line, stubs, state, lines[i + 1 :])
        if role == "header":
            headers = [*headers, line] if state == "header" else [line]
            sections = sections if state == "section" else []
        elif role == "section":
            said = next(cell.raw.strip() for cell in line if not cell.empty)
            sections = _sections(sections, said, fresh=state == "section")
            left = [""] * stubs
        elif role == "data":
            left = _left(left, line[:stubs])
            made.append(
                Row(
                    _over(headers, stubs, len(line)),
                    _corner(headers, stubs),
                    tuple(sections),
                    tuple(left),
                    stubs,
                    tuple(line[stubs:]),
                )
            )
        state = role or state
    return made


def _sections(known: list[str], said: str, *, fresh: bool) -> list[str]:
    """Lines that stand alone: one right below another says more of it, a later one takes the place of the last."""
    return [*known, said] if fresh and len(known) < 3 else [*known[:-1], said]


def _stub_columns(lines: list[list[Cell]]) -> int:
    """How many columns at the left hold words; at least one."""
    width = max(len(line) for line in lines)
    for column in range(1, min(_STUBS, width - 1)):
        body = [line[column] for line in lines[1:] if len(line) > column and not line[column].empty]
        numbers = sum(cell.numeric for cell in body)
        wordy = [cell for cell in body if not any(c.isdigit() for c in cell.lowered) or not cell.numeric]
        if not body or (numbers and len(wordy) < 2 * numbers) or _all_headers(lines, column):
            return column
    return min(_STUBS, max(1, width - 1)) if width > _STUBS else 1


def _all_headers(lines: list[list[Cell]], column: int) -> bool:
    """Whether nothing to the right of the column would be left as data."""
    return not any(cell.numeric for line in lines for cell in line[column + 1 :])


def _role(line: list[Cell], stubs: int, state: str, below: list[list[Cell]]) -> str:
    """header, section, data, or "" for a line that is none of them."""
    filled = [cell for cell in line if not cell.empty]
    data = [cell for cell in line[stubs:] if not cell.empty]
    numbers = [cell for cell in data if cell.numeric]
    if not filled:
        return ""
    if len(filled) == 1 and not filled[0].numeric:
        return "section" if filled[0] is line[0] or state != "header" else "header"
    if not data:
        return "section" if len(filled) == 1 else ""
    if numbers and (
        all(c.naming or not c.numeric for c in data) or (state == "header" and _counts_times(line, stubs, below))
    ):
        return "header"
    if len(numbers) * 2 >= len(data) or (numbers and state != "header"):
        return "data"
    return "header" if not numbers or state == "header" else "data"


def _counts_times(line: list[Cell], stubs: int, below: list[list[Cell]]) -> bool:
    """A first row of bare rising whole numbers under a word of time: "Weeks | 0 | 4 | 12"."""
    words = {t.text for cell in line[:stubs] for t in cell.tokens}
    values = [cell.lowered.strip() for cell in line[stubs:] if not cell.empty]
    if not words & _TIMED or not all(v.isdecimal() for v in values) or not below:
        return False
    return [int(v) for v in values] == sorted({int(v) for v in values})


_TIMED = words("time week weeks month months day days year years hour hours visit min minutes h")


def _left(before: list[str], cells: list[Cell]) -> list[str]:
    """The words at the left; an empty cell repeats the one above it while a cell further right speaks."""
    said = [cell.raw.strip() for cell in cells]
    filled = [i for i, words in enumerate(said) if words]
    if not filled:
        return before
    return [words or (before[i] if i < filled[0] else "") for i, words in enumerate(said)]


def _corner(headers: list[list[Cell]], stubs: int) -> tuple[str, ...]:
    """What the headers call the columns of words."""
    return tuple(
        " ".join(line[column].raw.strip() for line in headers if len(line) > column).strip() for column in range(stubs)
    )


def _over(headers: list[list[Cell]], stubs: int, width: int) -> tuple[tuple[str, ...], ...]:
    """For each column of data the headers from the top down, a spanning one repeated over its columns."""
    levels: list[list[str]] = []
    owners: list[int] = list(range(width))
    for line in headers:
        level, mine = [""] * width, list(owners)
        for column in range(stubs, width):
            cell = line[column] if column < len(line) else None
            if cell is not None and cell.raw.strip():
                level[column], mine[column] = cell.raw.strip(), column
            elif column > stubs and level[column - 1] and _spans(levels, owners, column):
                level[column], mine[column] = level[column - 1], mine[column - 1]
        levels.append(level)
        owners = mine
    return tuple(tuple(level[column] for level in levels if level[column]) for column in range(stubs, width))


def _spans(levels: list[list[str]], owners: list[int], column: int) -> bool:
    """Whether an empty header may belong to the one at its left: under the same header above, or at the top."""
    return not any(any(level) for level in levels) or (
        owners[column] == owners[column - 1] or (owners[column] != column and not levels[-1][column])
    )
