"""A printed reference -> the identifiers in it, and the record that it means, with the evidence of the match.

    identifiers_in("… Lancet 390:1685. https://doi.org/10.1234/x.")   # DOI, PMID, PMCID
    match(reference, candidates)            # the record that it means, or None
    ranked(reference, candidates)           # all that it may mean, the best first

The caller gives the candidates (found by full-text search, say); nothing here looks anything up. An identifier decides
for and against: a record with another DOI or PMID is never the one that is meant, however alike the titles are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from ingest.printed.identifiers import distinct, dois_in, identifier
from ingest.records import Document, Identifier, Person, Reference

#: Schemes that name one article; two records with different ones are two articles.
DECIDING = ("pmid", "doi", "pmcid")

#: A title counts as found in a reference from here on (partial ratio of rapidfuzz, 0–1): a misprint or two.
TITLE_FOUND = 0.9
#: A match by text needs this much of all that could agree.
MATCHED = 0.75
#: Below, a title alone says little ("Systemic sclerosis"), so author, year and one more field must agree.
LONG_TITLE = 40
#: The best must lead the second by so much; otherwise it is a guess.
LEAD = 0.05

_WEIGHTS = {"title": 0.5, "author": 0.15, "year": 0.15, "journal": 0.1, "volume": 0.05, "page": 0.05}
_PMID = re.compile(
    r"(?:\bPMID:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})\b", re.IGNORECASE
)
_PMCID = re.compile(r"\bPMC\s?(\d{1,10})\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d.:/-])(1[89]\d\d|20\d\d)(?![\d/])")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))
_GLUED = re.compile(r"[.,;]+(?:PMC?ID\b|PMC\d|doi:|https?:|Epub\b)", re.IGNORECASE)
#: What tells Part I from Part II, phase 1 from phase 2, 2017 from 2020.
_COUNTING = re.compile(r"\b(?:\d+|[ivx]+|one|two|three|four|first|second|third|fourth)\b")
#: A number right behind the title that the title of the candidate lacks: "… Part II", "… III".
_NUMBERED = re.compile(
    r"\s*(?:(?:part|phase|stage|section|paper|study|trial|chapter)\s+(?:\d{1,2}|[ivx]+|one|two|three|four)|ii|iii|iv)\b"
)
#: What is left of a word that a place ends in.
_REST = re.compile(r"^[^\W_]+")
#: MeSH publication type "Preprint".
_PREPRINT = "D000076942"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a reference may mean. key is the caller's name for it; authors are family names, the first author first."""

    key: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    journals: tuple[str, ...] = ()
    volume: str | None = None
    pages: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    kind: str = "article"

    def identifier(self, scheme: str) -> str | None:
        """The first identifier of that scheme in lower case, or None."""
        return next((one.value.lower() for one in self.identifiers if one.scheme == scheme), None)


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a reference means: how it was found (pmid, doi, pmcid or text) and what agrees, each 0 to 1.

    score: 1 for an identifier; else the agreement of the fields that both have, weighted.
    """

    key: str
    method: str
    score: float
    fields: tuple[tuple[str, float], ...] = ()


def candidate(document: Document, key: str) -> Candidate:
    """A document as a candidate under the caller's key."""
    published = document.published or document.electronic
    names = (document.journal, document.journal_abbreviation)
    return Candidate(
        key=key,
        title=document.title,
        authors=tuple(_family_name(one) for one in document.people if one.role == "author"),
        year=published.year if published else None,
        journals=tuple(name for name in names if name),
        volume=document.volume,
        pages=document.pages,
        identifiers=tuple(one for one in document.identifiers if one.scheme in DECIDING),
        kind="preprint" if any(one.ui == _PREPRINT for one in document.publication_types) else document.kind,
    )


def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """DOIs, PMIDs and PMCIDs in a printed reference, without the punctuation that stands around them."""
    return distinct((
        *(identifier("doi", _without_tail(one)) for one in dois_in(text)),
        *(identifier("pubmed", found) for found in _PMID.findall(text)),
        *(identifier("pmc", f"PMC{found}") for found in _PMCID.findall(text)),
    ))  # fmt: skip


def match(reference: Reference, candidates: Iterable[Candidate]) -> Match | None:
    """The record that a reference means; None where none does, or two do about equally well."""
    found = ranked(reference, candidates)
    if not found:
        return None
    best = found[0]
    rivals = [one for one in found[1:] if one.method == best.method and best.score - one.score < LEAD]
    return None if rivals else best


def ranked(reference: Reference, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
    """Every record that a reference may mean, those by identifier first, then by score, then by key."""
    own = distinct((*reference.identifiers, *identifiers_in(reference.text)))
    found = (_matched(reference.text, own, one) for one in candidates)
    return tuple(sorted((one for one in found if one), key=lambda one: (one.method == "text", -one.score, one.key)))


def conflict(one: Iterable[Identifier], other: Iterable[Identifier]) -> str | None:
    """The scheme by which two records are two articles: both have a DOI (or PMID, PMCID), and never the same."""
    mine, theirs = _by_scheme(one), _by_scheme(other)
    return next((s for s in DECIDING if mine[s] and theirs[s] and mine[s].isdisjoint(theirs[s])), None)


def counting(text: str) -> tuple[str, ...]:
    """The words that number a work, in order: ("ii",) of "Moss in rain. Part II"."""
    return tuple(_COUNTING.findall(text.lower()))


def _matched(text: str, own: tuple[Identifier, ...], one: Candidate) -> Match | None:
    mine, theirs = _by_scheme(own), _by_scheme(one.identifiers)
    if conflict(own, one.identifiers):
        return None
    shared = next((scheme for scheme in DECIDING if mine[scheme] & theirs[scheme]), None)
    if shared:
        return Match(one.key, shared, 1.0, ((shared, 1.0),))
    return _by_text(text, one)


def _by_text(text: str, one: Candidate) -> Match | None:
    """By what is printed: the title must be there; year, author and the rest must not speak against it."""
    place = _title_in(text, one.title)
    if place is None:
        return None
    likeness, rest = place
    fields = dict(_agreement(rest, one))
    if fields.get("year") == 0.0 or not _enough(one.title or "", fields):
        return None
    fields = {"title": likeness} | fields
    weight = sum(_WEIGHTS[name] for name in fields)
    score = sum(_WEIGHTS[name] * value for name, value in fields.items()) / weight
    return Match(one.key, "text", round(score, 4), tuple(fields.items())) if score >= MATCHED else None


def _enough(title: str, fields: dict[str, float]) -> bool:
    """A long title needs one field that agrees with it, a short one author, year and one more."""
    agreeing = [name for name, value in fields.items() if value >= TITLE_FOUND]
    if len(title) >= LONG_TITLE:
        return bool(agreeing)
    return {"author", "year"} <= set(agreeing) and len(agreeing) >= 3


def _title_in(text: str, title: str | None) -> tuple[float, str] | None:
    """How well a title stands in a reference, and the reference without it; None where it does not.

    The words that number a work must be the same on both sides, or Part II would match Part I.
    """
    wanted, printed = default_process(title or ""), default_process(text)
    if not wanted or len(wanted) > len(printed):
        return None
    place = fuzz.partial_ratio_alignment(wanted, printed, score_cutoff=100 * TITLE_FOUND)
    if place is None:
        return None
    start, end = _whole_words(printed, place.dest_start, place.dest_end)
    if counting(printed[start:end]) != counting(wanted) or _numbered(printed, end, place.dest_end):
        return None
    return place.score / 100, f"{printed[:start]} {printed[end:]}"


def _numbered(text: str, *ends: int) -> bool:
    """Whether a number stands behind the title. Misprints shift its end, so the rest of a cut word is passed over."""
    return any(_NUMBERED.match(_REST.sub("", text[end:]) if text[:end][-1:].isalnum() else text[end:]) for end in ends)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without the halves of words at its edges."""
    while 0 < start < end and text[start - 1].isalnum() and text[start].isalnum():
        start += 1
    while start < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end -= 1
    return start, end


def _agreement(rest: str, one: Candidate) -> Iterator[tuple[str, float]]:
    """Each field that candidate and reference both have: 1 agrees, 0 does not, names between."""
    words = set(rest.split())
    if one.authors:
        family = default_process(one.authors[0])
        yield "author", fuzz.partial_ratio(family, rest) / 100 if len(family) > 3 else float(family in words)
    years = [int(found) for found in _YEAR.findall(rest)]
    if one.year and years:
        # An article is printed up to a year after it appeared online.
        yield "year", 1.0 if one.year in years else 0.5 if any(abs(one.year - each) == 1 for each in years) else 0.0
    if one.journals:
        yield "journal", max(fuzz.partial_ratio(default_process(name), rest) for name in one.journals) / 100
    if one.volume:
        yield "volume", float(default_process(one.volume) in words)
    page = default_process((one.pages or "").partition("-")[0])
    if page:
        yield "page", float(page in words)


def _by_scheme(identifiers: Iterable[Identifier]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {scheme: set() for scheme in DECIDING}
    for one in identifiers:
        if one.scheme in found:
            found[one.scheme].add(one.value.lower())
    return found


def _family_name(person: Person) -> str:
    return person.last_name or person.name


def _without_tail(doi: str) -> str:
    """Without what is glued to it, quotation marks, and closing brackets that nothing in the DOI opened."""
    word = _GLUED.split(doi)[0]
    while word:
        kept = word.rstrip(".,;:'\"”’»*")
        for opening, closing in _PAIRS:
            if kept.endswith(closing) and kept.count(closing) > kept.count(opening):
                kept = kept[:-1]
        if kept == word:
            break
        word = kept
    return word
