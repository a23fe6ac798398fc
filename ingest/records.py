"""The nouns of ingest: what every source becomes. Frozen, without behaviour, absent is None.

One Document is one thing that was published or written about a study: a PubMed record, a saved
page, a curated sheet, a registry entry, a full text. Its sections hold text verbatim, so that a
figure can be a place in it.

What a document has dozens of (identifiers, sections, people, links, references) are named tuples: a bulk load makes
forty of them a record, and a frozen dataclass takes three times as long to make.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Identifier(NamedTuple):
    """A name that somebody gave: scheme is pmid, doi, pmcid, pii, nct, isbn, bookaccession, or another."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """A date as printed and as far as it can be understood (PubMed has seasons and free text)."""

    raw: str
    year: int | None = None
    month: int | None = None
    day: int | None = None


class Section(NamedTuple):
    """A stretch of text kept verbatim, markup removed without gluing or losing characters.

    kind: title, abstract, statement (our own words in a sheet), body, table, other.
    label: the heading as printed ("Results"), None where there is none.
    """

    kind: str
    label: str | None
    text: str
    language: str | None = None


class Person(NamedTuple):
    """An author or investigator as printed; a collective has only a name."""

    name: str
    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    orcid: str | None = None
    affiliations: tuple[str, ...] = ()
    collective: bool = False
    role: str = "author"
    valid: bool = True


@dataclass(frozen=True, slots=True)
class MeshHeading:
    """One descriptor–qualifier pair; qualifier None for a bare descriptor."""

    descriptor: str
    descriptor_ui: str | None = None
    qualifier: str | None = None
    qualifier_ui: str | None = None
    major: bool = False


@dataclass(frozen=True, slots=True)
class Keyword:
    """An author's or indexer's keyword (owner NOTNLM, NASA, …)."""

    text: str
    owner: str | None = None
    major: bool = False


@dataclass(frozen=True, slots=True)
class PublicationType:
    """Matched by UI where there is one, never by text alone (D016441 = Retracted Publication)."""

    text: str
    ui: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as printed."""

    number: str | None = None
    agency: str | None = None
    country: str | None = None
    acronym: str | None = None


@dataclass(frozen=True, slots=True)
class TrialRegistration:
    """A registry number; strong if the record states it in its data banks, weak if found in text."""

    registry: str
    accession: str
    evidence: str = "strong"


class Link(NamedTuple):
    """An edge that a source asserts from this document to another.

    kind: similar, cites, cited_by, reports (from a sheet to the paper it speaks of).
    source: who says so (pubmed-page, reference-list, elink, icite, europepmc, ctgov, sheet, …).
    target identifiers are tried in order; title is what the source printed of the target.
    """

    kind: str
    target: tuple[Identifier, ...]
    source: str
    score: float | None = None
    title: str | None = None


class Reference(NamedTuple):
    """A reference as printed, with the identifiers that stand with it (may be none)."""

    text: str
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """PubMed's CommentsCorrections: ref_type RetractionIn, ErratumIn, CommentOn, …; pmid may be missing."""

    ref_type: str
    text: str
    pmid: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class KeyedFigure:
    """A figure that a person keyed into a sheet: the keys of the figure JSON beside our own statement.

    section is the position of the statement among the document's sections; place says where in the
    paper the figure stands; secondary marks a figure read in somebody else's review.
    """

    section: int
    keys: dict[str, Any]
    place: str
    secondary: bool = False
    estimator: str | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of a study as the sheet names it, with the intervention and its class.

    role: experimental, control, or other (a part of an arm, or the groups before matching).
    """

    name: str
    intervention: str
    intervention_class: str
    n: int | None = None
    role: str = "experimental"
    aliases: tuple[str, ...] = ()
    cohort: str | None = None


@dataclass(frozen=True, slots=True)
class RiskOfBias:
    """One domain of one instrument, judged (low, some concerns, high, …, not assessable) with its support."""

    instrument: str
    domain: str
    judgement: str
    support: str


@dataclass(frozen=True, slots=True)
class CohortNote:
    """Which patients: centre, registration, years; overlap is none, known or assumed, and why."""

    id: str
    centre: str | None = None
    registration: str | None = None
    years: str | None = None
    overlap: str = "none"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """What a sheet says of a study beyond its documents.

    design: single-arm, cohort, matched-cohort, rct, registry, meta-analysis, …
    made_from: where the sheet's writer read (abstract, full text, review, registry). If it was the abstract,
    agreement with that abstract checks the transcription and not the paper.
    """

    id: str
    title: str
    design: str
    year: int | None = None
    role: str = "evidence"
    cohort: CohortNote | None = None
    arms: tuple[Arm, ...] = ()
    risk_of_bias: tuple[RiskOfBias, ...] = ()
    registrations: tuple[str, ...] = ()
    note: str | None = None
    made_from: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredArm:
    """A group as a registry names it: kind EXPERIMENTAL, ACTIVE_COMPARATOR, …, with its interventions by name."""

    label: str
    kind: str | None = None
    description: str | None = None
    interventions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredOutcome:
    """An outcome that a registry entry promises: rank primary, secondary or other, with its time frame as printed."""

    rank: str
    measure: str
    description: str | None = None
    time_frame: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredNotice:
    """A retraction or an expression of concern of a paper that a registry knows: its PMID, and where it was printed."""

    pmid: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredReference:
    """A paper that a registry entry names.

    kind: RESULT (the sponsor says that it reports the trial), DERIVED (the registry matched it by itself),
    BACKGROUND (not a result). notices are the retractions that the registry knows of.
    """

    text: str
    pmid: str | None = None
    kind: str | None = None
    notices: tuple[RegisteredNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """What a registry holds of a trial beside its texts. None is unknown, or not among the fields asked for.

    enrolment counts people, planned (enrolment_kind ESTIMATED) or counted afterwards (ACTUAL).
    """

    status: str | None = None
    study_type: str | None = None
    phases: tuple[str, ...] = ()
    allocation: str | None = None
    masking: str | None = None
    enrolment: int | None = None
    enrolment_kind: str | None = None
    start: PublicationDate | None = None
    primary_completion: PublicationDate | None = None
    completion: PublicationDate | None = None
    updated: PublicationDate | None = None
    sponsor: str | None = None
    conditions: tuple[str, ...] = ()
    arms: tuple[RegisteredArm, ...] = ()
    outcomes: tuple[RegisteredOutcome, ...] = ()
    references: tuple[RegisteredReference, ...] = ()
    has_results: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One published or written thing. source names the reader that made it (pubmed-xml, pubmed-page, sheet, …)."""

    source: str
    kind: str
    title: str | None = None
    vernacular_title: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    version: int = 1
    status: str | None = None
    journal: str | None = None
    journal_abbreviation: str | None = None
    issn: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    published: PublicationDate | None = None
    electronic: PublicationDate | None = None
    revised: PublicationDate | None = None
    languages: tuple[str, ...] = ()
    copyright: str | None = None
    conflict_of_interest: str | None = None
    sections: tuple[Section, ...] = ()
    people: tuple[Person, ...] = ()
    people_complete: bool = True
    mesh_headings: tuple[MeshHeading, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    publication_types: tuple[PublicationType, ...] = ()
    grants: tuple[Grant, ...] = ()
    registrations: tuple[TrialRegistration, ...] = ()
    links: tuple[Link, ...] = ()
    references: tuple[Reference, ...] = ()
    notices: tuple[Notice, ...] = ()
    study: Study | None = None
    registry: RegistryEntry | None = None
    keyed_figures: tuple[KeyedFigure, ...] = ()
    unknown_tags: tuple[str, ...] = field(default=())

    def identifier(self, scheme: str) -> str | None:
        """The first identifier of that scheme, or None."""
        return next((i.value for i in self.identifiers if i.scheme == scheme), None)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A PMID that an update file deletes (DeleteCitation)."""

    pmid: str
    version: int = 1
