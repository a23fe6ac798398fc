"""Numbers that stand in a row: "13.95, 13.29 and 12.39", "38% vs 59%". Lists of arms or times are laid beside them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kb.extract.core import Quantity
from kb.extract.tokens import Token, words

_BETWEEN = words("""
    , ; and vs versus . to & or compared with against than respectively mean median only by a just
""")


@dataclass(frozen=True, slots=True)
class Run:
    """Quantities joined by nothing but commas, "and", "vs", "to"; positions in the sentence's list of quantities."""

    members: tuple[int, ...]
    first: int
    last: int
    versus: bool
    rising: bool


def find_runs(tokens: list[Token], quantities: Sequence[Quantity]) -> list[Run]:
    """The quantities of a sentence, grouped into runs from left to right."""
    runs: list[list[int]] = []
    for i, quantity in enumerate(quantities):
        if runs and _joined(tokens, quantities[runs[-1][-1]], quantity) and not _is_pair(tokens, quantities, runs[-1]):
            runs[-1].append(i)
        else:
            runs.append([i])
    return [_made(tokens, quantities, members) for members in runs]


def _is_pair(tokens: list[Token], quantities: Sequence[Quantity], run: list[int]) -> bool:
    """Whether "12 vs 15" is complete and another pair begins: "12 vs 15, 20 vs 22"."""
    last = run[-1]
    if len(run) != 2 or last + 2 >= len(quantities):
        return False
    gaps = [_weighs(tokens, quantities[i], quantities[i + 1]) for i in (last - 1, last, last + 1)]
    return gaps == [True, False, True]


def _weighs(tokens: list[Token], left: Quantity, right: Quantity) -> bool:
    near = tokens[left.last : right.first]
    return len(near) < 3 and any(t.text in ("vs", "versus") for t in near)


def _joined(tokens: list[Token], left: Quantity, right: Quantity) -> bool:
    if left.depth != right.depth or (left.form == "effect") != (right.form == "effect"):
        return False
    between = [t.text for t in tokens[left.last : right.first]]
    if between == ["/"]:
        return left.form == right.form == "percent"
    return (
        len(between) <= 5
        and bool(between)
        and all(text in _BETWEEN for text in between)
        and (";" not in between or len(between) == 1)
    )


def _made(tokens: list[Token], quantities: Sequence[Quantity], members: list[int]) -> Run:
    first, last = quantities[members[0]].first, quantities[members[-1]].last
    inner = [t.text for a, b in itertools.pairwise(members) for t in tokens[quantities[a].last : quantities[b].first]]
    versus = "/" in inner or any(text in ("vs", "versus", "than", "against", "compared") for text in inner)
    rising = "to" in inner and first > 0 and tokens[first - 1].text in ("from", "(", ":")
    return Run(tuple(members), first, last, versus, rising)


M = TypeVar("M")


def lists(
    tokens: list[Token],
    mentions: Sequence[M],
    span: Callable[[M], tuple[int, int]],
    extra: frozenset[str] = frozenset(),
) -> list[list[M]]:
    """Mentions grouped where only connecting words stand between them."""
    grouped: list[list[M]] = []
    for mention in mentions:
        if grouped:
            between = _outside(tokens, span(grouped[-1][-1])[1], span(mention)[0])
            if all(text in _LISTED or text in extra for text in between) and len(between) <= 6:
                grouped[-1].append(mention)
                continue
        grouped.append([mention])
    return grouped


def _outside(tokens: list[Token], first: int, last: int) -> list[str]:
    """The words between two places, a bracket that gives a size left out: "A (n = 20) and B"."""
    texts = [t.text for t in tokens[first:last]]
    if texts[:3] == ["(", "n", "="] and ")" in texts:
        return texts[texts.index(")") + 1 :]
    return texts


_LISTED = words("""
    , and or the with in for vs versus . than to of a both compared those patients group groups & / that as from
    at on
""")
