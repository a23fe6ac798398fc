"""What PubMed prints the same way on pages, in MEDLINE and in its text and CSV exports.

Citations ("J Inv. 2020 Jan 3;7(2):11-9"), section labels ("RESULTS: …"), grants, wrapped lines.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, dois_in, identifier
from ingest.printed.names import from_citation, full_name
from ingest.records import Grant, Identifier, Notice, Person, PublicationDate, Section

_DATE = r"\d{4}(?: [A-Z][a-z]+\.?(?:[-/][A-Z][a-z]+)?(?: \d{1,2}(?:-\d{1,2})?)?)?(?:-\d{4}(?: [A-Z][a-z]+)?)?"
_CITATION = re.compile(
    rf"(?P<journal>[^.?!]*)\.\s+(?P<date>{_DATE})(?=[;:.])"
    r"(?:;(?P<volume>[^(:.\s]*(?: Suppl(?: \w+)?)?)(?:\((?P<issue>[^)]*)\))?)?(?::\s?(?P<pages>[^.;\s]+))?"
)
_PMID = re.compile(r"\bPMID:\s*(\d+)")
_PMCID = re.compile(r"\bPMCID:\s*(PMC\d+)")
_LABEL = re.compile(r"([^\W\d_][\w '’,/&()-]{0,70}): (?=\S)")
_WORDS = (
    r"(?:aims?|approach|background|case|conclusions?|context|data|design|diagnos[ei]s|discussion|evidence|findings|"
    r"funding|goals?|hypothes[ei]s|implications?|importance|interpretation|interventions?|introduction|key points?|"
    r"limitations?|main|materials?|measures?|measurements?|methods?|methodology|objectives?|outcomes?|participants|"
    r"patients?|population|principal|purpose|rationale|registration|relevance|results?|settings?|significance|"
    r"statement|study|subjects|summary|trial)"
)
_LABEL_WORDS = re.compile(rf"\b{_WORDS}\b", re.IGNORECASE)
_INLINE_LABEL = re.compile(
    rf"(?:^|(?<=[.?!)] ))([A-Z][A-Z '’,/&()-]{{2,70}}|(?=[A-Z])(?i:{_WORDS}(?:(?: and |/|, ){_WORDS})*)): (?=\S)"
)
_MARKS = re.compile(r"\s*(?:\([\d#*]+\)\s*)*$")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an article stands; what the printed line does not say is None."""

    journal: str | None = None
    published: PublicationDate | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None


def citation(line: str) -> Citation:
    """The first "Journal. Date;Volume(Issue):Pages" in a line; all None where there is none."""
    found = _CITATION.search(line)
    if found is None:
        return Citation()
    return Citation(
        found["journal"].strip(" .") or None, read_date(found["date"]), found["volume"] or None, found["issue"],
        found["pages"],
    )  # fmt: skip


def title_before(line: str) -> str | None:
    """What stands before the citation in a line "Title. Journal. Date;…": the title."""
    found = _CITATION.search(line)
    return (line[: found.start()].strip() or None) if found else None


def identifiers_in(line: str) -> tuple[Identifier, ...]:
    """PMID, DOI and PMCID as a citation line prints them behind their names."""
    number, free = _PMID.search(line), _PMCID.search(line)
    return distinct((
        identifier("pubmed", number[1]) if number else None,
        *(identifier("doi", one) for one in dois_in(line)),
        identifier("pmc", free[1]) if free else None,
    ))  # fmt: skip


def paragraphs(lines: Iterable[str]) -> tuple[Section, ...]:
    """The paragraphs of an abstract, each with its printed label and the rest verbatim.

    A label is in capitals or of the words that abstracts use ("Main outcome measures: "). Where every
    paragraph begins like a label and two are such, the others are labels too ("Ethics and dissemination: ").
    """
    kept = tuple(lines)
    usual = sum(section(line).label is not None for line in kept)
    labelled = usual >= 2 and all(_LABEL.match(line) for line in kept)
    return tuple(section(line, sure=labelled) for line in kept)


def section(line: str, *, sure: bool = False) -> Section:
    """One paragraph; `sure` where the paragraphs around it show that what stands before a colon is a label."""
    found = _LABEL.match(line)
    if found and (sure or found[1].isupper() or _LABEL_WORDS.search(found[1])):
        return Section("abstract", found[1], line[found.end() :])
    return Section("abstract", None, line)


def sections(text: str) -> Iterator[Section]:
    """An abstract printed as one paragraph, parted at its labels where it begins with one.

    In the middle of a paragraph only capitals or the usual words ("Methods: ", "Results and discussion: ") are a label.
    """
    places = list(_INLINE_LABEL.finditer(text))
    if not places or places[0].start() != 0:
        yield Section("abstract", None, text)
        return
    ends = [found.start() for found in places[1:]] + [len(text)]
    for found, end in zip(places, ends, strict=True):
        yield Section("abstract", found[1], text[found.end() : end].rstrip())


def grant(line: str) -> Grant:
    """A grant as PubMed prints it: its number, perhaps an acronym, its agency and perhaps a country, parted by "/".

    A number may hold slashes of its own. A line without any is an agency.
    """
    parts = [part.strip() or None for part in line.split("/")]
    if len(parts) == 1:
        return Grant(agency=parts[0])
    if len(parts) == 2:
        return Grant(parts[0], parts[1])
    if len(parts) == 3:
        return Grant(parts[0], parts[1], parts[2])
    return Grant("/".join(part for part in parts[:-3] if part), parts[-2], parts[-1], parts[-3])


def notice(kind: str, text: str) -> Notice:
    """A notice with the PMID that it names, if it does."""
    found = _PMID.search(text)
    return Notice(kind, _PMID.sub("", text).strip(" ;") if found else text, found[1] if found else None)


def unwrapped(lines: Iterable[str]) -> str:
    """Lines of one paragraph joined as they were before they were wrapped.

    A line that kept its space, or was broken after a hyphen or slash, is joined without another space.
    """
    text = ""
    for line in lines:
        joined = not text or text[-1] in " -/" or line.startswith(" ")
        text += line if joined else f" {line}"
    return text.strip()


def authors(line: str) -> tuple[Person, ...]:
    """A line "Lovelace AB(1), Hopper G(1)(2); Moss Group." -> people; empty where it does not begin with a name."""
    parts = [part.strip() for part in line.strip().rstrip(".").split(";")]
    if not _is_name(parts[0].partition(",")[0]):
        return ()
    return tuple(author(name) for part in parts for name in _names(part) if name and name != "et al")


def _names(part: str) -> list[str]:
    """The names between two semicolons without their marks; the name of a group may hold commas."""
    names = [_MARKS.sub("", name.strip()) for name in part.split(",")]
    return names if _is_name(names[0]) else [part]


def _is_name(printed: str) -> bool:
    return from_citation(_MARKS.sub("", printed.strip())).initials is not None


def author(printed: str) -> Person:
    """One name as citations print it; words without initials are the name of a group."""
    parts = from_citation(printed)
    if parts.initials is None:
        return Person(printed, collective=True)
    return Person(
        full_name(parts.last_name, parts.initials, parts.suffix), parts.last_name, None, parts.initials, parts.suffix
    )
