"""A topic's searches: hits are identified once, noise is refused with its reason. Then references and duplicates."""

from contextlib import closing
from dataclasses import replace
from io import BytesIO

import pytest

from ingest.records import Document, Identifier, Person, PublicationDate, Reference
from ingest.services import eutils_search
from kb.stages import matching
from kb.stages.fetching.pulling import Wish
from kb.store import documents, payloads
from kb.store.connection import open_database
from tests.standin import esearch, faults
from tests.standin.world import CITED, SEED, crowd

GOOD = '"systemic sclerosis"[tiab] AND reference[ti]'
ALWAYS = 60


def wish(topic, *queries):
    return Wish((), topic=replace(
        topic, queries=queries, seeds=(), similar=(), citers=(), references=(), registrations=(),
    ))  # fmt: skip


def identified(session):
    return session.column("select document from screenings order by document")


def test_hits_are_identified_with_their_query_and_run(session, topic):
    run = session.pull(wish=wish(topic, GOOD))
    assert identified(session) == sorted(f"pmid-{one}" for one in CITED)
    assert session.rows("select distinct stage, decision, source, run from screenings") == [
        ("identified", "identified", f"PubMed: {GOOD}", run.id)
    ]


def test_the_bundled_topic_s_searches_run_as_written(session, topic):
    run = session.pull(wish=wish(topic, *topic.queries))
    assert (run.failed, run.messages) == (0, [])
    assert session.rows("select state, reason from requests where what = 'search'") == [("returned", None)] * 3
    assert session.rows("select document, stage, decision, source, run from screenings order by document") == [
        (f"pmid-9940000{number}", "identified", "identified", f"PubMed: {query}", run.id)
        for number, query in enumerate(topic.queries, 1)
    ]


def test_hits_have_their_records(session, topic):
    session.pull(wish=wish(topic, GOOD))
    assert set(CITED) <= set(session.column("select pmid from documents"))


def test_a_refresh_adds_hits_and_keeps_the_first_run(session, topic):
    run = session.pull(wish=wish(topic, GOOD))
    article = session.standin.store.article(CITED[0])
    session.standin.store.add(replace(article, pmid="99000299"), day=1)
    session.standin.store.delete(1, CITED[1])
    session.refresh(1)
    assert len(identified(session)) == len(CITED) + 1
    assert session.column("select run from screenings where document = ?", f"pmid-{CITED[1]}") == [run.id]


def test_s21_more_hits_than_pubmed_gives_at_once_come_whole_and_once(session, topic, monkeypatch):
    monkeypatch.setattr(esearch, "MOST", 99)
    monkeypatch.setattr(eutils_search, "LAST_HIT", 99)
    monkeypatch.setattr(eutils_search, "FULL_WINDOW", 90)
    many = crowd(400)
    session.standin.store.articles.clear()
    session.standin.store.add(*(replace(one, revised=(one.year, one.month, 1)) for one in many))
    found = session.pull(wish=wish(topic, "crowd[ti]"))
    assert found.messages == []
    assert len(identified(session)) == len(many)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ('"systemic sclerosis"[tiab] AND nosuchword[tiab]', "phrase dropped: nosuchword"),
        ("imaginary[nosuchfield]", "unknown field: imaginary[nosuchfield]"),
    ],
)
def test_s22_a_query_that_did_not_run_as_written_is_not_imported(session, topic, query, why):
    run = session.pull(wish=wish(topic, query))
    assert identified(session) == []
    assert why in run.messages[0]
    assert run.failed == 0
    assert session.one("select state from requests where what = 'search'") == "refused"


def test_s23_no_hits_is_an_answer(session, topic):
    session.pull(wish=wish(topic, '"systemic sclerosis"[tiab] AND 1850[dp] NOT 1850[dp]'))
    state = session.one("select state from requests where what = 'search'")
    assert state in {"returned", "refused"}
    assert identified(session) == []


def test_a_search_that_fails_is_pending_and_takes_nothing(session, topic):
    session.standin.faults.push("esearch", *[faults.status(503)] * ALWAYS)
    run = session.pull(SEED, wish=replace(wish(topic, GOOD), seeds=(SEED,)))
    assert run.failed == 1
    session.standin.faults.clear()
    assert session.pull(wish=wish(topic, GOOD)).failed == 0
    assert len(identified(session)) == len(CITED)


@pytest.fixture
def store(session):
    """Store invented documents; then match. Gives the database."""
    with closing(open_database(session.path)) as db:
        sha256 = payloads.keep_payload(db, BytesIO(b"invented"), "file", "a")

        def stored(*found):
            with db.atomic():
                for one in found:
                    documents.save_document(db, one, sha256, "run")
            matching.match(db)
            return session

        yield stored


def work(pmid, title, *, doi=None, year=2017, source="pubmed-xml", journal="Invented J"):
    identifiers = (*((Identifier("pmid", pmid),) if pmid else ()), *((Identifier("doi", doi),) if doi else ()))
    return Document(
        source, "article", title=title, identifiers=identifiers, journal=journal, volume="7", pages="101-110",
        published=PublicationDate(str(year), year), people=(Person("A Mossberg", last_name="Mossberg"),),
    )  # fmt: skip


RAIN = "Growth of moss in acid rain over eleven winters in the northern hills"


def citing(*texts):
    return replace(
        work("1", "A page that cites", source="pubmed-page"), references=tuple(Reference(text) for text in texts)
    )


MEANT = "select matched_document, method, score, evidence from references_text where position = 0"


def test_a_printed_reference_finds_its_document_with_evidence(store):
    text = f"Mossberg A, Fernman B. {RAIN}. Invented J. 2017;7:101-10."
    session = store(work("2", RAIN), work("3", "Another growth of fern in the northern hills"), citing(text))
    ((document, method, score, evidence),) = session.rows(MEANT)
    assert (document, method) == ("pmid-2", "text")
    assert 0.75 <= score <= 1
    assert '"title"' in evidence


def test_an_identifier_in_the_text_decides(store):
    text = f"Mossberg A. {RAIN}. 2017. doi:10.9999/other"
    session = store(work("2", RAIN, doi="10.9999/rain"), citing(text))
    assert session.rows(MEANT)[0][:3] == ("doi-10.9999_other", "doi", 1.0)


def test_a_doi_follows_to_the_record_that_comes_later(store):
    store(citing("Mossberg A. 2017. doi:10.9999/rain"))
    session = store(work("2", RAIN, doi="10.9999/RAIN"))
    assert session.rows(MEANT)[0][0] == "pmid-2"


def test_a_guess_is_no_match(store):
    session = store(work("2", RAIN), citing("Mossberg A. Something else altogether. 2017."))
    assert session.rows(MEANT) == [(None, None, None, None)]


@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        (work("2", RAIN), work(None, f"{RAIN}.", doi="10.9999/rain"), ["near duplicate"]),
        (work("2", f"{RAIN}. Part I"), work(None, f"{RAIN}. Part II", doi="10.9999/rain"), []),
        (work("2", RAIN, doi="10.9999/a"), work("3", RAIN, doi="10.9999/b"), []),
        (work("2", RAIN, doi="10.9999/a"), work(None, RAIN, doi="10.1101/2016.01", year=2016, journal="bioRxiv"),
         ["preprint and article"]),
    ],
    ids=["typed twice", "Part I and II", "two DOIs", "preprint"],
)  # fmt: skip
def test_near_duplicates_are_put_side_by_side_and_nothing_is_deleted(store, one, other, kinds):
    session = store(one, other)
    assert session.column("select kind from duplicates") == kinds
    assert session.one("select count(*) from documents") == 2
