"""Who is who: printed references find their documents, and records that may be one work are put side by side.

A reference is looked up by the identifiers in it, else among the documents that full-text search finds for its words.
The evidence of each match is stored; records with different DOIs or PMIDs are never taken for one.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlite_utils import Database

from ingest.citations import Candidate, Match, identifiers_in
from ingest.citations import match as best_match
from ingest.duplicates import Group, groups
from ingest.printed.identifiers import distinct
from ingest.records import Identifier, Reference
from kb.store import made_from, resolved

#: Documents that are compared with one reference.
MOST_CANDIDATES = 25
#: Letters of a title that records of one work share at its start, and long words that they share anywhere.
START, LONG_WORDS = 24, 4

#: Documents that are compared each with each; where more begin alike ("Editorial"), title and year must be the same.
MOST_ALIKE = 40

_WORD, _TOKEN = re.compile(r"[^\W_]{4,}"), re.compile(r"[^\W_]+")


def match(db: Database) -> None:
    """Both, among what came or changed since they were last looked for, in one transaction."""
    with db.atomic():
        made_from.take_turn(db)
        news = made_from.unmatched(db)
        match_references(db, news)
        match_duplicates(db, news)
        made_from.save_matchings(db, news)


def match_references(db: Database, news: Sequence[str]) -> None:
    """Store what printed references mean; one that was matched by a DOI follows it to a record that came later."""
    useless: set[str] = set()
    for row in to_ask(db, news):
        resolved.save_match(db, row, matched(db, row, useless))
    resolved.follow_identifiers(db, news)


def to_ask(db: Database, news: Sequence[str]) -> list[resolved.Row]:
    """References of the seeds' and studies' documents that nobody looked for yet, or that a new document may be.

    A match by text is a comparison, so it is made again when somebody else may be meant.
    """
    rows = resolved.uncertain(db)
    by_word: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        for word in words_of(row["text"]):
            by_word[word].append(at)
    asked = {at for at, row in enumerate(rows) if not row["tried"] or row["matched_document"] in set(news)}
    for title in resolved.titles_of(db, news):
        words = words_of(title)
        found = Counter(at for word in words for at in by_word.get(word, ()))
        asked |= {at for at, shared in found.items() if alike(shared, words)}
    return [rows[at] for at in sorted(asked)]


def matched(db: Database, row: resolved.Row, useless: set[str]) -> Match | None:
    """The document that one printed reference means, with the evidence; None where that is a guess.

    useless: words and phrases that find nothing worth following; it grows with each reference, and holds as long as no
    title changes.
    """
    reference = Reference(row["text"], identifiers_in(row["text"]))
    found = best_match(reference, candidates(db, reference, useless))
    if found is None and reference.identifiers:
        first = reference.identifiers[0]
        found = Match(resolved.id_of(reference.identifiers), first.scheme, 1.0, ((first.scheme, 1.0),))
    return found


def candidates(db: Database, reference: Reference, useless: set[str]) -> list[Candidate]:
    """Documents with the reference's identifiers, and those whose titles share their words with it."""
    by_id = resolved.with_identifiers(db, reference.identifiers)
    by_text = sharing(db, reference.text, sorted(words_of(reference.text)), useless)
    by_text = by_text or sharing(db, reference.text, phrases_of(reference.text), useless)
    return [as_candidate(one) for one in resolved.described(db, [*by_id, *by_text])]


def sharing(db: Database, text: str, asked: Sequence[str], useless: set[str]) -> list[str]:
    """Documents that search finds for these words or phrases and whose titles share their words with a text."""
    printed = words_of(text)
    found = ((name, words_of(title)) for name, title in resolved.found_by_words(db, asked, MOST_CANDIDATES, useless))
    return [name for name, words in found if alike(len(printed & words), words)]


def phrases_of(text: str) -> list[str]:
    """Every three words in a row: rare in titles even where each word is common."""
    words = _TOKEN.findall(text.lower())
    return list(dict.fromkeys(" ".join(words[at : at + 3]) for at in range(len(words) - 2)))


def words_of(text: str) -> frozenset[str]:
    """The longer words of a text, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(text))


def alike(shared: int, words: Collection[str]) -> bool:
    """Whether a reference that has so many of a title's words may mean it: misprints leave more than half of them."""
    return 0 < len(words) <= 2 * shared


def match_duplicates(db: Database, news: Sequence[str]) -> None:
    """Store which records may be one work, in every block of titles that a new one comes into or an old one left."""
    before = resolved.title_keys(db, news)
    now = {(key, one[0]) for one in resolved.titles(db, news) for key in keys_of(one[1])}
    resolved.replace_title_keys(db, news, now)
    touched = resolved.in_blocks(db, {key for key, _ in before | now}) | set(news)
    pairs = (pair for group in duplicates(db, touched) for pair in group.pairings)
    resolved.replace_duplicates(db, touched, (pair for pair in pairs if {pair.one, pair.other} <= touched))


def duplicates(db: Database, among: Collection[str]) -> Iterator[Group]:
    """Groups of records that may be one work, in every block of titles that one of these documents is in."""
    for block in blocks(resolved.blocks_with(db, among)):
        yield from groups([as_candidate(one) for one in resolved.described(db, block)])


def keys_of(title: str) -> set[str]:
    """What titles of one work share: how they begin, or their longest words."""
    words = [word.lower() for word in _WORD.findall(title)]
    longest = sorted(sorted(set(words)), key=len, reverse=True)[:LONG_WORDS]
    return {"".join(words)[:START], " ".join(sorted(longest))}


def blocks(alike: Iterable[Sequence[resolved.Title]]) -> Iterator[Sequence[str]]:
    """Ids of documents whose titles share a key, large blocks in parts; never a block of one."""
    for block in alike:
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
