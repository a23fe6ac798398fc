"""MEDLINE (.nbib, "PubMed" format) -> Documents. Tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html."""

import re
from collections.abc import Iterator

from ingest.errors import UnknownFormat
from ingest.markup.payload import Readable, read_text
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, identifier, is_trial_registry, orcid, registrations
from ingest.printed.labels import author, grant, notice, sections
from ingest.printed.names import from_inverted, full_name
from ingest.printed.tagged import Field, medline_records
from ingest.records import (
    Document,
    Identifier,
    Keyword,
    MeshHeading,
    Notice,
    Person,
    PublicationDate,
    PublicationType,
    Section,
    TrialRegistration,
)

_FIRST = re.compile(r"^PMID- *\d+ *$", re.MULTILINE)
_SECOND = re.compile(r"^(?:OWN |STAT|TI  |DP  |LR  )- ", re.MULTILINE)
_LOCATION = re.compile(r"^(?P<value>.*?)(?: \[(?P<kind>\w+)\])?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d\d)(\d\d)$")

# Tags of notices -> PubMed's RefType.
NOTICES = {
    "CIN": "CommentIn", "CON": "CommentOn", "CRI": "CorrectedandRepublishedIn", "CRF": "CorrectedandRepublishedFrom",
    "DDIN": "AssociatedDataset", "DRIN": "AssociatedPublication", "ECI": "ExpressionOfConcernIn",
    "ECF": "ExpressionOfConcernFor", "EIN": "ErratumIn", "EFR": "ErratumFor", "ORI": "OriginalReportIn",
    "RIN": "RetractionIn", "ROF": "RetractionOf", "RPI": "RepublishedIn", "RPF": "RepublishedFrom",
    "RRI": "RetractedandRepublishedIn", "RRF": "RetractedandRepublishedFrom", "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn", "UOF": "UpdateOf",
}  # fmt: skip
_ROLES = {"FAU": "author", "AU": "author", "FED": "editor", "ED": "editor", "FIR": "investigator", "IR": "investigator"}
_FULL = frozenset({"FAU", "FED", "FIR"})
_READ = frozenset({
    "PMID", "STAT", "TI", "TT", "JT", "TA", "BTI", "IS", "ISBN", "VI", "IP", "PG", "DP", "DEP", "LR", "LA", "AB", "OAB",
    "OABL", "CI", "COIS", "CN", "AUID", "AD", "IRAD", "MH", "OT", "OTO", "PT", "GR", "SI", "LID", "AID", "PMC", "MID",
})  # fmt: skip
_LEFT_OUT = frozenset({
    "OWN", "DA", "DCOM", "SB", "PL", "JID", "RF", "EDAT", "MHDA", "CRDT", "PHST", "PST", "SO", "RN", "NM", "GS", "PS",
    "FPS", "SFM", "GN", "OID", "PMCR", "PUBM", "CTI", "CTDT", "CDAT", "DRDT", "PB", "EN", "VTI", "ORIN",
})  # fmt: skip


def looks_like(text: str) -> bool:
    """Whether a text begins as MEDLINE does: a PMID line, then the tags of its record."""
    return _FIRST.search(text[:2000]) is not None and _SECOND.search(text) is not None


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """Every record of a MEDLINE file.

    Raises:
        UnknownFormat: no line "PMID- …".
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    if not looks_like(text):
        raise UnknownFormat(f"{name}: not MEDLINE (no record that begins with a line PMID- …)")
    for record in medline_records(text):
        yield read_record(record)


def read_record(fields: list[Field]) -> Document:
    """The Document of one record's tagged values."""
    title = _first(fields, "TI") or _first(fields, "BTI")
    kept = tuple(_sections(fields, title))
    return Document(
        source="medline",
        kind="book" if _first(fields, "BTI") else "article",
        title=title,
        vernacular_title=_first(fields, "TT"),
        identifiers=distinct(_identifiers(fields)),
        status=_first(fields, "STAT"),
        journal=_first(fields, "JT") or _first(fields, "BTI"),
        journal_abbreviation=_first(fields, "TA"),
        issn=(_first(fields, "IS") or "").partition(" ")[0] or None,
        volume=_first(fields, "VI"),
        issue=_first(fields, "IP"),
        pages=_first(fields, "PG"),
        published=_date(_first(fields, "DP")),
        electronic=_date(_first(fields, "DEP")),
        revised=_date(_first(fields, "LR")),
        languages=tuple(_all(fields, "LA")),
        copyright=_first(fields, "CI"),
        conflict_of_interest=_first(fields, "COIS"),
        sections=kept,
        people=tuple(_people(fields)),
        mesh_headings=tuple(pair for value in _all(fields, "MH") for pair in _mesh(value)),
        keywords=tuple(_keywords(fields)),
        publication_types=tuple(PublicationType(value) for value in _all(fields, "PT")),
        grants=tuple(grant(value) for value in _all(fields, "GR")),
        registrations=registrations(_stated(fields), (part.text for part in kept)),
        notices=tuple(_notices(fields)),
        unknown_tags=tuple(tag for tag, _ in fields if not _is_known(tag)),
    )


def _is_known(tag: str) -> bool:
    return tag in _READ or tag in _LEFT_OUT or tag in NOTICES or tag in _ROLES


def _all(fields: list[Field], tag: str) -> Iterator[str]:
    return (value for one, value in fields if one == tag and value)


def _first(fields: list[Field], tag: str) -> str | None:
    return next(_all(fields, tag), None)


def _date(value: str | None) -> PublicationDate | None:
    """A date as printed, "2012 Oct" as printed; "20121008" is read as "2012 10 08"."""
    return None if value is None else read_date(_COMPACT_DATE.sub(r"\1 \2 \3", value))


def _identifiers(fields: list[Field]) -> Iterator[Identifier | None]:
    kinds = {"PMID": "pubmed", "PMC": "pmc", "MID": "mid", "ISBN": "isbn"}
    for tag, value in fields:
        if tag in kinds:
            yield identifier(kinds[tag], value)
        elif tag in {"LID", "AID"}:
            found = _LOCATION.match(value)
            if found and found["kind"]:
                yield identifier(found["kind"], found["value"])


def _sections(fields: list[Field], title: str | None) -> Iterator[Section]:
    if title:
        yield Section("title", None, title)
    abstract = _first(fields, "AB")
    if abstract:
        yield from sections(abstract)
    language = None
    for tag, value in fields:
        if tag == "OABL":
            language = value
        elif tag == "OAB" and value:
            yield Section("other", None, value, language)


def _people(fields: list[Field]) -> Iterator[Person]:
    """FAU (else AU) begins a person; AU, AUID, AD up to the next one are that person's."""
    person: Person | None = None
    full = {role for tag, role in _ROLES.items() if tag in _FULL and _first(fields, tag)}
    for tag, value in fields:
        role = _ROLES.get(tag)
        if tag == "CN" or (role and (tag in _FULL or role not in full)):
            if person:
                yield person
            person = Person(value, collective=True) if role is None else _person(tag, value, role)
        elif person:
            person = _with_line(person, tag, value)
    if person:
        yield person


def _person(tag: str, value: str, role: str) -> Person:
    if tag not in _FULL:
        short = author(value)
        return Person(short.name, short.last_name, None, short.initials, short.suffix, role=role)
    parts = from_inverted(value)
    return Person(
        full_name(parts.last_name, parts.fore_name, parts.suffix), parts.last_name, parts.fore_name, None, parts.suffix,
        role=role,
    )  # fmt: skip


def _with_line(person: Person, tag: str, value: str) -> Person:
    if tag in {"AD", "IRAD"} and value:
        return person._replace(affiliations=(*person.affiliations, value))
    if tag == "AUID" and "ORCID" in value:
        return person._replace(orcid=person.orcid or orcid(value))
    if tag in {"AU", "IR", "ED"}:
        return person._replace(initials=author(value).initials)
    return person


def _mesh(value: str) -> Iterator[MeshHeading]:
    """A term "Descriptor/adverse effects/*methods" -> one heading a qualifier; a star makes its half major."""
    descriptor, *qualifiers = value.split("/")
    major = descriptor.startswith("*")
    name = descriptor.removeprefix("*")
    for qualifier in qualifiers:
        yield MeshHeading(name, qualifier=qualifier.removeprefix("*"), major=major or qualifier.startswith("*"))
    if not qualifiers:
        yield MeshHeading(name, major=major)


def _keywords(fields: list[Field]) -> Iterator[Keyword]:
    owner = None
    for tag, value in fields:
        if tag == "OTO":
            owner = value
        elif tag == "OT" and value:
            yield Keyword(value.removeprefix("*"), owner, value.startswith("*"))


def _stated(fields: list[Field]) -> Iterator[TrialRegistration]:
    for value in _all(fields, "SI"):
        bank, slash, accession = value.partition("/")
        if slash and is_trial_registry(bank):
            yield TrialRegistration(bank, accession)


def _notices(fields: list[Field]) -> Iterator[Notice]:
    for tag, value in fields:
        if tag in NOTICES:
            yield notice(NOTICES[tag], value)
