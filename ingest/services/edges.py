"""The edges of one article from several sources as one list: who says so stays with each edge.

PubMed knows references of papers in PMC only, so an empty list there says nothing; the record's own reference list,
iCite and Europe PMC fill it. Where all of them are empty the number of references is unknown and not zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.records import Link

#: A paper that cites nothing hardly exists; an empty list means that nobody typed the references in.
_NEVER_NONE = frozenset({"cites"})


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of one kind. known False: nobody could say, so an empty list is not "none"."""

    kind: str
    links: tuple[Link, ...]
    known: bool


def gather(kind: str, *told: Iterable[Link] | None) -> Edges:
    """One kind of edge from what each source told; None for a source that gave no answer.

    Each edge stands once for each source that asserts it, in the order of the sources.
    """
    answers = [tuple(one for one in each if one.kind == kind) for each in told if each is not None]
    kept: dict[tuple[str, str, str], Link] = {}
    for link in (one for each in answers for one in each):
        target = link.target[0]
        kept.setdefault((target.scheme, target.value.lower(), link.source), link)
    known = bool(kept) if kind in _NEVER_NONE else bool(answers)
    return Edges(kind, tuple(kept.values()), known)
