"""A text cut where its figures stand, so that each can be marked and linked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.store.rows import Row


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the section's text; figure is the id of the figure that it belongs to, here marks this one."""

    text: str
    figure: str | None
    here: bool


def pieces(text: str, here: str, spans: Sequence[Row]) -> Iterator[Piece]:
    """The text cut at every figure's ends; where figures overlap, here wins, then the shortest."""
    edges = sorted({0, len(text), *(edge for s in spans for edge in (s["start"], s["end"]) if 0 <= edge <= len(text))})
    last: Piece | None = None
    for start, end in pairwise(edges):
        name = _owner(start, end, here, spans)
        if last is not None and last.figure == name:
            last = Piece(last.text + text[start:end], name, name == here)
            continue
        if last is not None:
            yield last
        last = Piece(text[start:end], name, name == here)
    if last is not None:
        yield last


def _owner(start: int, end: int, here: str, spans: Iterable[Row]) -> str | None:
    covering = [s for s in spans if s["start"] <= start and end <= s["end"]]
    best = min(covering, key=lambda s: (s["id"] != here, s["end"] - s["start"], s["id"]), default=None)
    return None if best is None else best["id"]
