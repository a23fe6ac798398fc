"""Figures from tables: read by header and row, the place being the cell.

An axis of a table is a level of its headers, a line that stands alone above rows, or a column of words at the left.
One axis holds the arms; times, formats and units are read off any label; what is left says the outcome.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from kb.extract.arms import table
from kb.extract.axes import arm_axis
from kb.extract.cell_figures import Column, Frame, cell_figures, level_of
from kb.extract.cells import SPREADS, p_of, quantities_of, spread_of
from kb.extract.declared import declared
from kb.extract.grid import Cell, Grid, Row, read_grid
from kb.extract.labels import Label, read_label
from kb.extract.normalise import lower, normalise
from kb.extract.outcomes import Known, known
from kb.extract.phrases import Phrases
from kb.extract.tokens import Token, lex, words
from kb.records import BASELINE, Figure, PValue
from kb.vocabulary import Vocabulary


def known_arms(texts: Sequence[tuple[str, list[list[Token]]]], title: str | None) -> Phrases[str]:
    """The arms that the article's texts (plain text, tokens of its sentences) and its title declare or mention."""
    head = normalise(title or "")
    tokens = lex(lower(head), 0, len(head))
    names: dict[str, str] = {}
    others: dict[str, str] = {}
    for plain, sentences in texts:
        strong, weak = declared(sentences, plain, tokens, head)
        names, others = strong | names, weak | others
    return table(others | names)


def read_table(text: str, vocabulary: Vocabulary, known_arms: Phrases[str]) -> tuple[Figure, ...]:
    """The figures of a table's text (caption, rows with tabs, notes); ``text[start:end] == quote`` for each.

    n is the size printed over the arm ("n = 30"), so it may stand outside the quote, as p does.
    """
    grid = read_grid(text)
    if not grid.rows:
        return ()
    frame = _frame(grid, known(vocabulary), known_arms)
    if _NOT_READ & set(frame.caption.words[:12]) or _PERSONS & set(grid.rows[0].corner[0].lower().split()):
        return ()
    found: list[Figure] = []
    sizes: dict[int, int] = {}
    for row in grid.rows:
        found += _row(frame, row, sizes)
    return tuple(replace(figure, quote=text[figure.start : figure.end]) for figure in found)


_NOT_READ = words("""
    correlation correlations correlates psychometric reliability specificity primers schedule design dosing
    instructions cost costs cost-effectiveness regression simulations criteria search
""")


_PERSONS = words("id case pt patient subject participant randomisation randomization")  # a row is one person


def _frame(grid: Grid, vocabulary: Known, arms: Phrases[str]) -> Frame:
    readers: dict[str, Label] = {}
    for row in grid.rows:
        for text in {*row.corner, *row.sections, *row.left, *(t for over in row.over for t in over)}:
            if text not in readers:
                readers[text] = read_label(text)
    caption = read_label(grid.caption)
    axis = arm_axis(grid, readers, arms)
    over = {text for row in grid.rows for texts in row.over for text in texts}
    baseline = _is_baseline(caption, [readers[text] for text in over])
    return Frame(
        grid, caption, read_label(grid.notes), vocabulary, axis, baseline, axis.pair if axis else None, readers
    )


def _is_baseline(caption: Label, over: list[Label]) -> bool:
    """Whether a caption announces who the patients were, not how they fared."""
    opening = [t.text for t in caption.tokens if t.kind == "w"][:12]
    later = any(label.when or any(time != BASELINE for time in label.times) for label in over)
    if later or set(opening) & _FARED:
        return False
    return bool(set(opening[:8]) & _WHO) or (caption.times == (BASELINE,) and not caption.change)


_WHO = words("demographic demographics demography characteristics sociodemographic socio-demographic")
_FARED = words("according subgroup sub-group change changes outcome outcomes effect effects by")


def _column(frame: Frame, over: tuple[str, ...]) -> Column:
    labels = tuple(frame.readers[text] for text in over)
    named = tuple(label.text for label in labels if label.rest or label.times or label.when or label.n)
    forms = next((label.forms for label in reversed(labels) if label.forms), ())
    role = next((label.role for label in reversed(labels) if label.role), "")
    last = labels[-1] if labels else None
    bare = last is not None and bool(last.forms) and not (last.rest or last.times or last.n)
    return Column(labels, named, forms, role, bare)


def _row(frame: Frame, row: Row, sizes: dict[int, int]) -> list[Figure]:
    """The figures of a row, spreads from columns of their own and the row's p values joined to them."""
    columns = [_column(frame, over) for over in row.over]
    left = [frame.readers[text] for text in (*row.sections, *row.left) if text]
    own = [frame.readers[text] for text in row.left if text]
    if any(label.role in ("p", "test") for label in own[-1:]) or _sizes(row, own, sizes):
        return []
    found: list[tuple[int, Figure]] = []
    sized: dict[tuple[str, ...], int] = {}
    for i, cell in enumerate(row.cells):
        column = columns[i]
        if cell.empty or column.role in ("p", "test"):
            continue
        if (
            column.bare
            and set(column.forms) <= SPREADS | {"percent"}
            and _joined(frame, column, cell, found, columns, i)
        ):
            continue
        if _is_size(columns, i, own) and (n := _whole(cell)) is not None:
            sized[column.key] = n
            continue
        n = next(
            (sized[column.key[:k]] for k in range(len(column.key), -1, -1) if column.key[:k] in sized), sizes.get(i)
        )
        found += [(i, figure) for figure in cell_figures(frame, row, column, left, cell, n)]
    return _with_p(columns, row.cells, found)


def _whole(cell: Cell) -> int | None:
    digits = cell.lowered.strip().replace(",", "")
    return int(digits) if digits.isdecimal() and len(digits) < 9 else None


def _sizes(row: Row, own: list[Label], sizes: dict[int, int]) -> bool:
    """A row that only gives the size of each group: "n", "Number of patients"."""
    label = own[-1] if own else None
    said = label is not None and (set(label.words) <= _PATIENTS and ("count" in label.forms or bool(label.words)))
    wholes = {i: n for i, cell in enumerate(row.cells) if (n := _whole(cell)) is not None}
    if not said or not wholes or len(wholes) < sum(not c.empty for c in row.cells) - 1:
        return False
    sizes |= wholes
    return True


_PATIENTS = words("""
    patients participants subjects number no n of analysed analyzed randomised randomized total sample size
    evaluated evaluable
""")


def _is_size(columns: list[Column], i: int, own: list[Label]) -> bool:
    """A column "n" beside columns of means is the size of the group."""
    column = columns[i]
    if not column.bare or column.forms != ("count",):
        return False
    near = [c for j, c in enumerate(columns) if j != i and c.key[: len(column.key)] == column.key and not c.role]
    beside = {form for other in near for form in other.forms}
    said = {form for label in own for form in label.forms}
    measured = bool(beside & {"mean", "median", "sd", "se", "ci", "iqr"})
    return measured or (not beside and bool(said & {"mean", "median", "sd"}))


def _joined(
    frame: Frame, column: Column, cell: Cell, found: list[tuple[int, Figure]], columns: list[Column], i: int
) -> bool:
    """Whether a column holds only the spread or percentage of the number at its left; if so it is joined to it."""
    spread = set(column.forms) <= SPREADS
    if not found or not _same_figure(found[-1][0], i, columns):
        return spread
    before, figure = found[-1]
    quantities = quantities_of(cell)
    if not quantities:
        return True
    if spread:
        more = spread_of(quantities[0], column.forms[0], level_of(frame, column.labels))
    else:
        number = quantities[0].fields.get("percent", quantities[0].fields.get("value"))
        if figure.events is None or figure.percent is not None or number is None or not 0 <= number <= 100:
            return False
        more = {"percent": number, "value": number, "unit": "%"}
    if more and all(getattr(figure, key) is None for key in more):
        found[-1] = (before, replace(figure, end=cell.start + quantities[0].end, **more))
    return True


def _same_figure(before: int, i: int, columns: list[Column]) -> bool:
    """Whether two columns stand under one header with nothing but spreads and percentages between them."""
    mine, theirs = columns[i].key, columns[before].key
    between = columns[before + 1 : i]
    under = theirs[: len(mine)] == mine or mine[:-1] == theirs[:-1]
    return under and all(c.bare and set(c.forms) <= SPREADS | {"percent"} for c in between)


def _with_p(columns: list[Column], cells: Sequence[Cell], found: list[tuple[int, Figure]]) -> list[Figure]:
    """The row's figures with its p values: to the effects if there are any, else to all under the same header."""
    figures = dict(enumerate(found))
    values: dict[int, PValue] = {}
    since, several = -1, sum(column.role == "p" for column in columns) > 1
    for i, column in enumerate(columns[: len(cells)]):
        if column.role != "p":
            continue
        p, since, before = p_of(cells[i]), i, since
        if p is None:
            continue
        above = column.key[:-1] if column.key else ()
        near = [j for j, (at, _) in figures.items() if not above or columns[at].key[: len(above)] == above]
        between = [j for j in near if before < figures[j][0] < i] if several else near
        effects = [j for j in between or near if figures[j][1].kind == "effect"]
        for j in effects[-1:] or between:
            values.setdefault(j, p)
    by_column: dict[int, list[Figure]] = defaultdict(list)
    for j, (at, figure) in figures.items():
        by_column[at].append(replace(figure, p_value=figure.p_value or values.get(j)))
    return [figure for at in sorted(by_column) for figure in by_column[at]]
