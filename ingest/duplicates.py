"""Records that may be one work: near duplicates, and a preprint with its article. Grouped for a person, never merged.

Two records with different DOIs or PMIDs are two works (Part I and Part II have nearly one title); only a preprint and
its article may differ there, and they are a pair of two texts, not one text twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from ingest.citations import DECIDING, Candidate, conflict, counting

#: Titles of one work typed twice (ratio of rapidfuzz after lower-casing and without punctuation, 0–1).
SAME_TITLE = 0.95
#: Between a preprint and its article reviewers change the title.
PREPRINT_TITLE = 0.85
#: Years from preprint to article.
PREPRINT_YEARS = 4

#: DOI prefixes of preprint servers, as registered with Crossref and DataCite: bioRxiv and medRxiv, Research Square,
#: SSRN, Preprints.org, arXiv, OSF, JMIR Preprints, Authorea, ChemRxiv.
_PREPRINTS = (
    "10.1101/", "10.64898/", "10.21203/", "10.2139/ssrn", "10.20944/preprints", "10.48550/arxiv", "10.31219/",
    "10.2196/preprints", "10.22541/", "10.26434/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two records that may be one work. kind: same identifier, near duplicate, or preprint and article.

    fields: what agrees, each 0 to 1; score: the likeness of the titles, 1 for an identifier.
    """

    one: str
    other: str
    kind: str
    score: float
    fields: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Records that hang together by pairings; no two of them that pairings join have different identifiers."""

    keys: tuple[str, ...]
    pairings: tuple[Pairing, ...]


def is_preprint(one: Candidate) -> bool:
    """By its kind, its DOI, or its journal's name."""
    return (
        one.kind == "preprint"
        or (one.identifier("doi") or "").startswith(_PREPRINTS)
        or any(name.lower().endswith(("rxiv", "research square", "preprints")) for name in one.journals)
    )


def pairing(one: Candidate, other: Candidate) -> Pairing | None:
    """What two records may be to each other, None for nothing."""
    pair = is_preprint(one) != is_preprint(other)
    if conflict(one.identifiers, other.identifiers) and not pair:
        return None
    shared = next((s for s in DECIDING if one.identifier(s) and one.identifier(s) == other.identifier(s)), None)
    if shared:
        return Pairing(one.key, other.key, "same identifier", 1.0, ((shared, 1.0),))
    likeness = _likeness(one.title, other.title)
    if likeness < (PREPRINT_TITLE if pair else SAME_TITLE) or not _fits(one, other, PREPRINT_YEARS if pair else 1):
        return None
    kind = "preprint and article" if pair else "near duplicate"
    return Pairing(one.key, other.key, kind, round(likeness, 4), tuple(_evidence(one, other, likeness)))


def pairings(records: Sequence[Candidate]) -> tuple[Pairing, ...]:
    """Every pair among the records; the caller gives records that share something, so that pairs stay few."""
    return tuple(found for one, other in combinations(records, 2) if (found := pairing(one, other)))


def groups(records: Sequence[Candidate]) -> tuple[Group, ...]:
    """The records that pairings join, surest first; a pairing that would join two different works is left out."""
    by_key = {one.key: one for one in records}
    home: dict[str, list[str]] = {key: [key] for key in by_key}
    kept: list[Pairing] = []
    for pair in sorted(pairings(records), key=lambda pair: (-pair.score, pair.one, pair.other)):
        mine, theirs = home[pair.one], home[pair.other]
        if mine is theirs or not _clash(by_key, mine, theirs):
            kept.append(pair)
            _join(home, mine, theirs)
    members = {id(one): one for one in home.values() if len(one) > 1}
    return tuple(Group(tuple(sorted(one)), tuple(pair for pair in kept if pair.one in one)) for one in members.values())


def _join(home: dict[str, list[str]], mine: list[str], theirs: list[str]) -> None:
    if mine is not theirs:
        mine += theirs
        for key in theirs:
            home[key] = mine


def _clash(by_key: dict[str, Candidate], mine: list[str], theirs: list[str]) -> bool:
    """Whether two different works, none the other's preprint, would come into one group."""
    return any(
        conflict(by_key[one].identifiers, by_key[other].identifiers)
        and is_preprint(by_key[one]) == is_preprint(by_key[other])
        for one in mine
        for other in theirs
    )


def _likeness(one: str | None, other: str | None) -> float:
    """How alike two titles are; 0 where one has none or they number their work differently."""
    mine, theirs = default_process(one or ""), default_process(other or "")
    if not mine or not theirs or counting(mine) != counting(theirs):
        return 0.0
    return fuzz.ratio(mine, theirs) / 100


def _fits(one: Candidate, other: Candidate, years: int) -> bool:
    """Nothing speaks against it: first author, year, and at least one of them is known on both sides."""
    both_years = one.year is not None and other.year is not None
    if both_years and abs((one.year or 0) - (other.year or 0)) > years:
        return False
    both_authors = bool(one.authors and other.authors)
    if both_authors and not _same_author(one, other):
        return False
    return both_years or both_authors


def _same_author(one: Candidate, other: Candidate) -> bool:
    mine, theirs = default_process(one.authors[0]), default_process(other.authors[0])
    return fuzz.ratio(mine, theirs) >= 85


def _evidence(one: Candidate, other: Candidate, likeness: float) -> Iterator[tuple[str, float]]:
    yield "title", round(likeness, 4)
    if one.authors and other.authors:
        yield "author", float(_same_author(one, other))
    if one.year is not None and other.year is not None:
        yield "year", float(one.year == other.year)
    if one.pages and other.pages:
        yield "pages", float(one.pages.partition("-")[0] == other.pages.partition("-")[0])
