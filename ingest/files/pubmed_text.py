"""PubMed's "Abstract (text)" and "Summary (text)" exports -> Documents.

Both number their records and wrap their lines. An abstract record is blocks parted by blank lines
(citation, title, authors, affiliations, abstract, ids); a summary record is one citation.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.errors import UnknownFormat
from ingest.markup.payload import Readable, read_text
from ingest.printed.identifiers import registrations
from ingest.printed.labels import authors, citation, identifiers_in, notice, paragraphs, title_before, unwrapped
from ingest.records import Document, Notice, Person, Section

_SUMMARY_START = re.compile(r"(?:\A|\n\n)\d+: (?=\S)")
_NEXT_ABSTRACT = r"\n\n\n(\d+)\. (?=\S)|(?<=\S)({})\. (?=[A-Z][^\n.]*\. \d{{4}}[ ;:.])"
_BLANK = re.compile(r"\n[ \t]*\n+")
_NOTICE = re.compile(r"^(Comment|Erratum|Retraction|Update|Expression of concern) (in|on|of|for)\n")
_IDS = re.compile(r"^(?:DOI|PMID|PMCID): ", re.MULTILINE)
_COPYRIGHT = re.compile(r"^(?:©|[A-Z]{0,8} ?Copyright\b|Published by )")
_CONFLICT = "Conflict of interest statement: "
_AFFILIATIONS = "Author information:"
_PLACE = re.compile(r"^\((\d+)\)", re.MULTILINE)
_MARK = re.compile(r"\((\d+)\)")
# A wrapped line that happens to begin so ("… in\nMice: a study") is none: a label follows the end of a sentence.
_LABEL_LINE = re.compile(r"(?<=[.?!)\]\"’”%])\n(?=[A-Z][A-Za-z '’,/&()-]{2,70}: )")


def looks_like_abstracts(text: str) -> bool:
    """Whether a text is numbered blocks ("1. Journal. 2020 …") with a line of ids at their end."""
    return re.match(r"\s*\d+\. \S", text) is not None and re.search(r"^PMID: \d+", text, re.MULTILINE) is not None


def looks_like_summaries(text: str) -> bool:
    """Whether a text is numbered citations ("1: Author A. Title. …") that name their PMID."""
    return re.match(r"\s*\d+: \S", text) is not None and re.search(r"PMID:\s*\d+", text) is not None


def abstract_documents(stream: Readable, name: str) -> Iterator[Document]:
    """Every record of an "Abstract (text)" export.

    Raises:
        UnknownFormat: not numbered blocks with a PMID.
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    if not looks_like_abstracts(text):
        raise UnknownFormat(f'{name}: not an "Abstract (text)" export of PubMed')
    for record in _abstract_records(text.strip()):
        yield read_abstract(record)


def summary_documents(stream: Readable, name: str) -> Iterator[Document]:
    """Every record of a "Summary (text)" export.

    Raises:
        UnknownFormat: not numbered citations with a PMID.
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    if not looks_like_summaries(text):
        raise UnknownFormat(f'{name}: not a "Summary (text)" export of PubMed')
    for record in _SUMMARY_START.split(text.strip())[1:]:
        yield read_summary(record)


def _abstract_records(text: str) -> Iterator[str]:
    """The records without their numbers, told by two blank lines or by the number that is next.

    Where exports were strung together, a record may begin right behind the last word of the one before it.
    """
    begin, wanted = text.index(". ") + 2, int(text[: text.index(".")]) + 1
    while found := re.compile(_NEXT_ABSTRACT.format(wanted)).search(text, begin):
        yield text[begin : found.start()]
        begin, wanted = found.end(), int(found[1] or found[2]) + 1
    yield text[begin:]


def read_summary(record: str) -> Document:
    """The Document of one wrapped citation, "Authors. Title. Journal. Date;Place. doi: X. PMID: N; PMCID: N."."""
    line = unwrapped(record.strip().split("\n"))
    first, _, more = line.partition(". ")
    people = authors(first)
    rest = more if people else line
    title = title_before(rest)
    return _placed(Document(
        source="pubmed-summary",
        kind="article",
        title=title,
        identifiers=identifiers_in(line),
        sections=(Section("title", None, title),) if title else (),
        people=people,
    ), rest[len(title or "") :])  # fmt: skip


def read_abstract(record: str) -> Document:
    """The Document of one record of blocks."""
    blocks = [block.strip("\n") for block in _BLANK.split(record.strip())]
    title = _joined(blocks[1]) if len(blocks) > 1 else None
    named = next((block for block in blocks[2:5] if authors(_joined(block))), None)
    places = next((block for block in blocks if block.startswith(_AFFILIATIONS)), None)
    last_ids = next((block for block in reversed(blocks) if _IDS.match(block)), "")
    told = [block for block in blocks[2:] if block is not named and _is_abstract(block)]
    abstract = paragraphs(_joined(part) for block in told for part in _LABEL_LINE.split(block))
    kept = (*((Section("title", None, title),) if title else ()), *abstract)
    return _placed(Document(
        source="pubmed-abstract",
        kind="article",
        title=title,
        identifiers=identifiers_in(last_ids),
        copyright=next((_joined(block) for block in blocks[2:] if _COPYRIGHT.match(block)), None),
        conflict_of_interest=next(
            (_joined(block).removeprefix(_CONFLICT) for block in blocks if block.startswith(_CONFLICT)), None
        ),
        sections=kept,
        people=tuple(_people(named, places)),
        registrations=registrations((), (part.text for part in kept)),
        notices=tuple(_notices(blocks)),
    ), _joined(blocks[0]))  # fmt: skip


def _placed(document: Document, line: str) -> Document:
    place = citation(line)
    return replace(
        document, journal_abbreviation=place.journal, published=place.published, volume=place.volume, issue=place.issue,
        pages=place.pages,
    )  # fmt: skip


def _joined(block: str) -> str:
    return unwrapped(block.split("\n"))


def _is_abstract(block: str) -> bool:
    other = (_AFFILIATIONS, _CONFLICT, "[Article in ", "Collaborators: ", "Republished ")
    return not (block.startswith(other) or any(sign.match(block) for sign in (_NOTICE, _IDS, _COPYRIGHT)))


def _people(named: str | None, places: str | None) -> Iterator[Person]:
    """Authors with the affiliations that their marks (1)(2) point at; without marks there is one for all."""
    if named is None:
        return
    lines = (places or "").removeprefix(_AFFILIATIONS).strip("\n")
    parts = _PLACE.split(lines)
    numbered = {mark: _joined(place) for mark, place in zip(parts[1::2], parts[2::2], strict=True)}
    marks = (_MARK.findall(name) for name in re.split("[,;]", _joined(named)))
    everybody = () if numbered else (_joined(lines),)
    for person in authors(_joined(named)):
        own = next(marks, [])
        where = everybody or tuple(numbered[mark] for mark in own if mark in numbered)
        yield person._replace(affiliations=tuple(place for place in where if place))


def _notices(blocks: list[str]) -> Iterator[Notice]:
    for block in blocks:
        found = _NOTICE.match(block)
        if found:
            kind = "".join(word.capitalize() for word in f"{found[1]} {found[2]}".split())
            for line in block[found.end() :].split("\n"):
                yield notice(kind, line.strip())
