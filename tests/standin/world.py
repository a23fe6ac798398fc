"""The invented world: every text says so. PMIDs of the topic are real numbers with invented records behind them.

| PMIDs | what they are for |
|---|---|
| 38206544 and the topic's neighbours | a pull of the topic finds something |
| 99000001-40, 99000101-60, 99000201-30 | similar, citers, references |
| 991000xx | odd shapes: book, no authors, group, no abstract, markup, vernacular, season, two DOIs … |
| 992000xx | what days 1 and 2 change: retraction, erratum, noise, additions, deletion, merger |
| 994000xx | what the bundled topic's searches find: each of their phrases stands in some record, as in PubMed |
| 993000xx | odd links: scores never work, 5,000 citers, references only in the record |
"""

from tests.standin.articles import Article, Author, Comment, Mesh
from tests.standin.store import FullText, Store

SEED = "38206544"
TOPIC = ("40059221", "28724445", "38899432", "35313985", "35535670", "39882532", "40046231", "39934871", "40601079")
SIMILAR = tuple(str(number) for number in range(99000001, 99000041))
CITERS = tuple(str(number) for number in range(99000101, 99000161))
CITED = tuple(str(number) for number in range(99000201, 99000231))
NO_SCORE, MUCH_CITED, ONLY_PRINTED = "99300001", "99300002", "99300003"
TRIAL = "NCT00962923"
RETRACTED = ("D016441", "Retracted Publication")
ARTICLE = ("D016428", "Journal Article")
SCLERODERMA = Mesh("D012595", "Scleroderma, Systemic", qualifiers=(("Q000628", "therapy", True),))


def invented_world() -> Store:
    """A fresh store, day 0."""
    store = Store()
    for part in (_topic, _neighbours, _shapes, _changes, _odd_links, _searched, _registry, _full_texts):
        part(store)
    return store


def crowd(count: int, first: int = 95_000_001) -> list[Article]:
    """Many small records, spread over the days of forty years: more than one search can return."""
    return [
        Article(
            pmid=str(first + number),
            title=f"Invented crowd record {number}",
            year=1985 + number % 40,
            month=1 + number // 40 % 12,
            authors=(),
        )
        for number in range(count)
    ]


def _small(pmid: str, role: str) -> Article:
    number = int(pmid)
    return Article(
        pmid=pmid,
        title=f"Invented {role} {pmid} on systemic sclerosis",
        abstract=((None, f"Nothing in this invented abstract {pmid} was ever measured; n = {10 + number % 50}."),),
        year=2005 + number % 20,
        month=1 + number % 12,
        doi=f"10.5555/invented.{pmid}",
        mesh=(SCLERODERMA,),
    )


def _topic(store: Store) -> None:
    store.add(
        Article(
            pmid=SEED,
            title="Invented record standing in for the seed: umbilical cord cells in systemic sclerosis",
            abstract=(
                ("OBJECTIVES", "This text was made up for tests and says nothing about patients."),
                ("METHODS", "Forty-one imaginary people were followed for five imaginary years."),
                (
                    "RESULTS",
                    "The imaginary skin score (mRSS) fell from 21.0 &#xb1; 4.0 to 12.0 &#xb1; 6.0 (p &lt; 0.01).",
                ),
            ),
            year=2024,
            month=1,
            doi="10.1007/s10067-024-06865-z",
            trials=(TRIAL,),
            mesh=(SCLERODERMA,),
            references=CITED[:12],
            keywords=("invented", "systemic sclerosis"),
        ),
        *(_small(pmid, "neighbour of the topic") for pmid in TOPIC),
    )


def _neighbours(store: Store) -> None:
    for role, pmids in (("similar article", SIMILAR), ("citer", CITERS), ("reference", CITED)):
        store.add(*(_small(pmid, role) for pmid in pmids))
    shapes = [f"991000{number:02}" for number in range(1, 14)]
    changing = [f"992000{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 21, 31, 32)]
    similar = [SEED, *TOPIC[:5], *shapes, *changing, NO_SCORE, MUCH_CITED, ONLY_PRINTED, *SIMILAR]
    store.link("pubmed_pubmed", SEED, similar)
    # A service forgets some links for a day; nothing may be deleted for that.
    store.link("pubmed_pubmed", SEED, similar[:-10], day=1)
    store.link("pubmed_pubmed", SEED, similar, day=2)
    store.link("pubmed_pubmed_citedin", SEED, [*TOPIC[5:], *CITERS])
    store.add(_small("99000199", "citer that appears on day 1"), day=1)
    store.link("pubmed_pubmed_citedin", SEED, ["99000199", *TOPIC[5:], *CITERS], day=1)
    store.link("pubmed_pubmed_refs", SEED, CITED)
    store.link("pubmed_pubmed", SIMILAR[0], [SEED, *SIMILAR[1:5], SIMILAR[1]])


def _shapes(store: Store) -> None:
    mathml = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi></mml:math>'
    shapes: list[dict[str, object]] = [
        {"title": "Invented chapter", "book": True, "journal": "Invented Book"},
        {"title": "Invented record without authors", "authors": ()},
        {"title": "Invented record of a group", "authors": (Author(collective="Invented Study Group"),)},
        {"title": "Invented record without abstract", "abstract": ()},
        {
            "title": f"CO<sub>2</sub> and <i>made up</i> markup {mathml}",
            "abstract": ((None, "Fell by 3 <i>vs</i> 5, invented; &#x3b1;<sup>2</sup>."),),
        },
        {"title": "[Invented translated title].", "vernacular": "Erfundener Titel", "language": "ger"},
        {"title": "Invented record of a season", "season": "Spring"},
        {"title": "Invented record with a free date", "medline_date": "1998 Dec-1999 Jan", "year": 1998},
        {"title": "Invented record in its second version", "version": 2},
        {"title": "Invented record with two locations", "doi": "10.5555/invented.two", "pii": "S0000-0000(24)00001-1"},
        {"title": "Invented record with many references", "references": CITED, "doi": None},
        {"title": "Invented trial", "abstract": ((None, f"Registered, in this invention, as {TRIAL}."),)},
        {
            "title": "Invented record with a DOI in its list alone",
            "doi": "10.5555/invented.list",
            "doi_in": frozenset({"list"}),
            "extra": '<InventedTag Novel="Y">unknown to every DTD</InventedTag>',
        },
    ]
    for number, fields in enumerate(shapes, 1):
        base: dict[str, object] = {"abstract": ((None, "An invented abstract of one sentence."),)}
        store.add(Article(pmid=f"991000{number:02}", **{**base, **fields}))  # type: ignore[arg-type]


def _changes(store: Store) -> None:
    pmids = [f"992000{number:02}" for number in (1, 2, 3, 4, 5, 6, 11, 12, 21, 31, 32)]
    store.add(*(_small(pmid, "record that changes") for pmid in pmids))
    notice = Comment("RetractionOf", pmid="99200001")
    store.add(
        Article(pmid="99200007", title="Invented notice", types=(("D016440", "Retraction Notice"),), comments=(notice,))
    )
    store.add(Article(pmid="99200013", title="Invented record, date rewritten", medline_date="1978 Jul-Aug", year=1978))
    in_, revised = "Invented J Tests. 2025", (2025, 1, 2)
    store.change(1, "99200001", types=(ARTICLE, RETRACTED), comments=(Comment("RetractionIn", in_, "99200007"),))
    store.change(1, "99200002", types=(ARTICLE, RETRACTED))
    store.change(1, "99200003", comments=(Comment("RetractionIn", in_),))
    store.change(1, "99200004", comments=(Comment("ErratumIn", in_, CITERS[0]),))
    store.change(1, "99200005", comments=(Comment("ExpressionOfConcernIn", in_, CITERS[1]),))
    store.change(1, "99200006", comments=(Comment("RetractedandRepublishedIn", in_, CITERS[2]),))
    store.change(1, "99200011", revised=revised)
    store.change(1, "99200012", airy=True)
    store.change(1, "99200013", medline_date=None, season="Jul-Aug")
    store.change(
        1,
        "99200021",
        title="Invented record with a corrected title",
        pmc="PMC99000021",
        electronic=(2024, 12, 24),
        mesh=(SCLERODERMA, Mesh("D059630", "Mesenchymal Stem Cells", major=True)),
        doi="10.5555/invented.added",
        revised=revised,
    )
    store.delete(1, "99200031")
    store.delete(1, "99200032", into=SIMILAR[0])
    store.change(2, "99200002", types=(ARTICLE,), revised=(2025, 2, 3))
    store.add(_small("99200031", "record that changes"), day=2)


def _odd_links(store: Store) -> None:
    store.add(
        _small(NO_SCORE, "record whose scores never come"),
        _small(MUCH_CITED, "much cited record"),
        Article(pmid=ONLY_PRINTED, title="Invented record with printed references only", references=CITED[:5]),
    )
    store.link("pubmed_pubmed", NO_SCORE, SIMILAR[:8])
    store.link("pubmed_pubmed_citedin", MUCH_CITED, [str(number) for number in range(97000001, 97005001)])


def _searched(store: Store) -> None:
    rows: list[tuple[str, str, tuple[Mesh, ...]]] = [
        (
            "Invented mesenchymal stem cells and mesenchymal stromal cells in scleroderma",
            "Made up.",
            (
                SCLERODERMA,
                Mesh("D059630", "Mesenchymal Stem Cells"),
                Mesh("D045164", "Mesenchymal Stem Cell Transplantation"),
            ),
        ),
        (
            "Invented adipose-derived cells in systemic sclerosis",
            "A stromal vascular fraction was imagined.",
            (SCLERODERMA,),
        ),
        (
            "Invented stem cell transplantation in systemic sclerosis",
            "Nobody was randomized, or randomised, in this invention.",
            (SCLERODERMA, Mesh("D018380", "Hematopoietic Stem Cell Transplantation")),
        ),
    ]
    for number, (title, abstract, mesh) in enumerate(rows, 1):
        kinds = (ARTICLE, ("D016449", "Randomized Controlled Trial")) if number == len(rows) else (ARTICLE,)
        store.add(Article(pmid=f"994000{number:02}", title=title, abstract=((None, abstract),), mesh=mesh, types=kinds))


def _registry(store: Store) -> None:
    store.trials[TRIAL] = trial(
        TRIAL,
        references=[
            {"pmid": SEED, "type": "DERIVED", "citation": "Invented citation."},
            {"pmid": SIMILAR[0], "type": "BACKGROUND", "citation": "Invented background."},
            {
                "pmid": "99200001",
                "type": "RESULT",
                "citation": "Invented result.",
                "retractions": [{"pmid": "99200007", "source": "Invented J Tests. 2025"}],
            },
        ],
    )
    for number in range(1, 26):
        name = f"NCT990000{number:02}"
        store.trials[name] = trial(name, enrolment=10 * number)
    store.trials["NCT99000001"]["protocolSection"].pop("outcomesModule")
    store.trials["NCT99000002"]["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = 99999999
    store.trial_aliases["NCT99009113"] = "NCT99000001"


def trial(name: str, *, enrolment: int = 20, references: list[dict[str, object]] | None = None) -> dict[str, object]:
    """An invented registry entry."""
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": name,
                "orgStudyIdInfo": {"id": f"INVENTED-{name}"},
                "briefTitle": f"Invented trial {name} in systemic sclerosis",
                "organization": {"fullName": "Invented Hospital"},
            },
            "statusModule": {
                "overallStatus": "UNKNOWN",
                "startDateStruct": {"date": "2009-07"},
                "completionDateStruct": {"date": "2011-12", "type": "ESTIMATED"},
                "lastUpdatePostDateStruct": {"date": "2009-08-20", "type": "ESTIMATED"},
            },
            "conditionsModule": {"conditions": ["Systemic Sclerosis"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE1", "PHASE2"],
                "designInfo": {"allocation": "NA"},
                "enrollmentInfo": {"count": enrolment, "type": "ESTIMATED"},
            },
            "armsInterventionsModule": {
                "armGroups": [{"label": "Cells", "type": "EXPERIMENTAL", "interventionNames": ["Other: cells"]}],
                "interventions": [{"type": "OTHER", "name": "cells"}],
            },
            "outcomesModule": {"primaryOutcomes": [{"measure": "Invented skin score", "timeFrame": "12 months"}]},
            "referencesModule": {"references": references or []},
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": "2026-01-01"}},
        "hasResults": False,
    }


def _full_texts(store: Store) -> None:
    rows = [
        FullText("PMC99000001", "99000001", "Invented open article", ("An invented paragraph.", "A second one.")),
        FullText("PMC99000002", "99000002", "Invented closed article", open_access=False, licence="TDM", body=False),
        FullText("PMC99000003", "99000003", "Invented article in two versions", ("Old and new.",), versions=2),
    ]
    for one in rows:
        store.full_texts[one.pmcid] = one
        store.change(0, one.pmid, pmc=one.pmcid)
    store.link("pubmed_pmc", "99000001", ["99000001"])
