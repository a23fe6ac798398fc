"""Who is who: printed references find their documents, and records that may be one work are put side by side.

A reference is looked up by the identifiers in it, else among the documents that full-text search finds for its words.
The evidence of each match is stored; records with different DOIs or PMIDs are never taken for one.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlite_utils import Database

from ingest.citations import Candidate, Match, identifiers_in
from ingest.citations import match as best_match
from ingest.duplicates import Group, groups
from ingest.printed.identifiers import distinct
from ingest.records import Identifier, Reference
from kb.store import resolved

#: Documents that full-text search may offer for one reference.
MOST_CANDIDATES = 25
#: Letters of a title that records of one work share at its start, and long words that they share anywhere.
START, LONG_WORDS = 24, 4

#: Documents that are compared each with each; where more begin alike ("Editorial"), title and year must be the same.
MOST_ALIKE = 40

_WORD = re.compile(r"[^\W_]{4,}")


def match(db: Database) -> None:
    """Both, each in a transaction of its own."""
    match_references(db)
    pairs = duplicates(db)
    with db.atomic():
        resolved.save_duplicates(db, pairs)


def match_references(db: Database) -> None:
    """Store what printed references mean; one that was matched by a DOI follows it to a record that came later."""
    found = references(db)
    with db.atomic():
        resolved.save_matches(db, found)
        resolved.follow_identifiers(db)


def references(db: Database) -> list[resolved.Matched]:
    """A match for each unmatched reference of the seeds' and studies' documents that means a document for sure."""
    return [found for row in resolved.unmatched(db) if (found := matched(db, row)) is not None]


def matched(db: Database, row: resolved.Row) -> resolved.Matched | None:
    """The document that one printed reference means, with the evidence; None where that is a guess."""
    reference = Reference(row["text"], identifiers_in(row["text"]))
    found = best_match(reference, candidates(db, reference))
    if found is None and reference.identifiers:
        first = reference.identifiers[0]
        found = Match(resolved.id_of(reference.identifiers), first.scheme, 1.0, ((first.scheme, 1.0),))
    if found is None:
        return None
    return resolved.Matched(
        row["document"], row["position"], found.key, found.method, found.score, json.dumps(dict(found.fields))
    )


def candidates(db: Database, reference: Reference) -> list[Candidate]:
    """Documents with the reference's identifiers, and those that its words find."""
    by_id = resolved.with_identifiers(db, reference.identifiers)
    words = dict.fromkeys(word.lower() for word in _WORD.findall(reference.text))
    by_text = resolved.found_by_words(db, list(words), MOST_CANDIDATES)
    return [as_candidate(one) for one in resolved.described(db, [*by_id, *by_text])]


def duplicates(db: Database) -> list[Group]:
    """Groups of records that may be one work, among those that share the start or the long words of a title."""
    found: dict[tuple[str, ...], Group] = {}
    for block in blocks(resolved.titles(db)):
        for group in groups([as_candidate(one) for one in resolved.described(db, block)]):
            found.setdefault(group.keys, group)
    return list(found.values())


def blocks(titles: Iterator[resolved.Title]) -> Iterator[Sequence[str]]:
    """Ids of documents whose titles begin alike or share their longest words; never a block of one."""
    alike: dict[str, list[resolved.Title]] = defaultdict(list)
    for one in titles:
        words = [word.lower() for word in _WORD.findall(one[1])]
        longest = sorted(sorted(set(words)), key=len, reverse=True)[:LONG_WORDS]
        for key in {"".join(words)[:START], " ".join(sorted(longest))}:
            alike[key].append(one)
    for block in alike.values():
        for part in (block,) if len(block) <= MOST_ALIKE else split(block):
            if 1 < len(part) <= MOST_ALIKE:
                yield [name for name, _, _ in part]


def split(block: Sequence[resolved.Title]) -> Iterable[Sequence[resolved.Title]]:
    """A large block by the whole title and the year."""
    parts: dict[tuple[str, int | None], list[resolved.Title]] = defaultdict(list)
    for one in block:
        parts[" ".join(one[1].lower().split()), one[2]].append(one)
    return parts.values()


def as_candidate(one: resolved.Described) -> Candidate:
    """A stored document as `ingest.citations` wants it."""
    row = one.row
    return Candidate(
        key=row["id"],
        title=row["title"],
        authors=one.authors,
        year=row["year"],
        journals=tuple(name for name in (row["journal"],) if name),
        volume=row["volume"],
        pages=row["pages"],
        identifiers=distinct(Identifier(*pair) for pair in one.identifiers),
        kind=row["kind"],
    )
