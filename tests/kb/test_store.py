"""Nothing is lost: payloads by hash, documents by identifiers, sections by their text."""

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from ingest.errors import EmptyPayload
from ingest.records import Document, Identifier, Link, PublicationType, Reference, Section, Tombstone
from kb.errors import NothingThere
from kb.stages import loading
from kb.store import document_rows, documents, payloads
from kb.store.connection import create_database
from kb.store.rows import fetch

PMID = Identifier("pmid", "101")
PLAIN = Document(
    "pubmed-xml", "article", title="Moss", identifiers=(PMID,), sections=(Section("abstract", None, "A."),)
)


@pytest.fixture
def db(tmp_path):
    with closing(create_database(tmp_path / "e.db")) as opened:
        yield opened


@pytest.fixture
def save(db):
    """Store a document under a payload of its own; gives what became of it."""
    sha256 = payloads.keep_payload(db, BytesIO(b"body"), "file", "a.xml")

    def saved(document=PLAIN, **changes):
        return documents.save_document(db, replace(document, **changes), sha256, "run")

    return saved


@settings(deadline=None, derandomize=True)
@given(st.binary(min_size=1))
def test_a_payload_comes_back_as_it_came(body):
    with closing(create_database_in_memory()) as db:
        sha256 = payloads.keep_payload(db, BytesIO(body), "file", "a")
        assert payloads.payload_body(db, sha256) == body


def create_database_in_memory():
    from_file = Database(memory=True)
    from_file.execute("create table payloads (sha256 text primary key, size integer, body blob)")
    from_file.execute("create table fetches (payload text, source text, url text, fetched_at text)")
    return from_file


def test_bytes_are_kept_once_and_every_sighting_is_a_row(db):
    names = [payloads.keep_payload(db, BytesIO(b"same"), "file", url) for url in ("a.txt", "b.txt", "a.txt")]
    assert len(set(names)) == 1
    assert [db.table("payloads").count, db.table("fetches").count] == [1, 3]


def test_a_large_payload_is_packed_beside_the_memory_and_comes_back(db):
    body = bytes(range(256)) * (payloads.IN_MEMORY // 100)
    sha256 = payloads.keep_payload(db, BytesIO(gzip.compress(body, 0)), "file", "a.gz")
    assert gzip.decompress(payloads.payload_body(db, sha256)) == body


def test_an_empty_payload_is_refused(db):
    with pytest.raises(EmptyPayload, match=r"a\.txt: empty"):
        payloads.keep_payload(db, BytesIO(b""), "file", "a.txt")


def test_an_unknown_payload_says_so(db):
    with pytest.raises(NothingThere, match="no payload ffff"):
        payloads.payload_body(db, "ffff")


@pytest.mark.parametrize(
    ("identifiers", "name"),
    [
        ([("doi", "10.1007/s10067-024-06865-z"), ("pmid", "38206544")], "pmid-38206544"),
        ([("doi", "10.1007/S10067-024-06865-Z")], "doi-10.1007_s10067-024-06865-z"),
        ([("doi", "10.1002/(SICI)1097<1::AID>3.0")], "doi-10.1002_-sici-1097-1-aid-3.0"),
        ([("sheet", "alip-2024")], "sheet-alip-2024"),
        ([("pmcid", "PMC12"), ("doi", "10.1/x")], "pmcid-pmc12"),
        ([], "title-f59ab8d1331b"),
    ],
)
def test_an_id_is_stable_and_safe_in_a_url(identifiers, name):
    found = document_rows.document_id([Identifier(*pair) for pair in identifiers], "Untitled")
    assert found == name


@settings(deadline=None, derandomize=True)
@given(st.text(), st.text())
def test_an_id_never_needs_escaping(scheme_value, title):
    name = document_rows.document_id([Identifier("doi", scheme_value)] if scheme_value else [], title)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._")


def test_the_same_document_twice_changes_nothing(db, save):
    assert [save().state, save().state] == ["new", "unchanged"]
    assert db.table("changes").count == 0


def test_a_new_text_is_a_new_section_and_the_old_one_stays(db, save):
    save()
    assert save(sections=(Section("abstract", None, "B."),)).state == "changed"
    texts = fetch(db, "select text, current from sections order by text")
    assert texts == [{"text": "A.", "current": 0}, {"text": "B.", "current": 1}]
    save(sections=PLAIN.sections)
    assert [row["current"] for row in fetch(db, "select current from sections order by text")] == [1, 0]


def test_a_poorer_source_adds_links_and_references_and_takes_nothing(db, save):
    save()
    link = Link("cited_by", (Identifier("pmid", "202"),), "pubmed-page")
    page = replace(
        PLAIN, source="pubmed-page", title="moss", sections=(), links=(link,), references=(Reference("Old. 1990"),),
        identifiers=(PMID, Identifier("doi", "10.9999/moss")),
    )  # fmt: skip
    assert save(page).state == "unchanged"
    assert fetch(db, "select title, source from documents") == [{"title": "Moss", "source": "pubmed-xml"}]
    assert db.execute("select to_document from links").fetchone()[0] == "pmid-202"
    assert db.execute("select text from references_text").fetchone()[0] == "Old. 1990"
    assert db.execute("select document from identifiers where slug = '10.9999_moss'").fetchone()[0] == "pmid-101"


def test_a_richer_source_without_references_keeps_those_printed(db, save):
    save(source="pubmed-page", references=(Reference("Old. 1990"),))
    assert save().state == "changed"
    assert db.table("references_text").count == 1


def test_a_link_to_a_doi_finds_the_document_that_came_later(db, save):
    save(links=(Link("cites", (Identifier("doi", "10.9999/FERN"),), "reference-list"),))
    save(identifiers=(Identifier("pmid", "202"), Identifier("doi", "10.9999/fern")), title="Fern")
    documents.assign_studies(db)
    assert db.execute("select to_document from links").fetchone()[0] == "pmid-202"


@pytest.mark.parametrize(
    ("kind", "retracted"),
    [("D016441", True), ("D016428", False), ("D016440", False)],  # Retracted Publication, Article, Retraction notice
)
def test_a_retraction_is_told_by_its_ui(kind, retracted):
    typed = replace(PLAIN, publication_types=(PublicationType("Whatever", kind),))
    assert document_rows.is_retracted(typed) is retracted


def test_a_deleted_record_stays_but_is_withdrawn(db, save):
    save()
    assert documents.bury(db, Tombstone("101"), "run") is True
    assert documents.bury(db, Tombstone("101"), "run") is False
    assert fetch(db, "select withdrawn from documents") == [{"withdrawn": 1}]
    assert [row["event"] for row in fetch(db, "select event from events")] == ["withdrawal"]


def test_a_load_that_breaks_anywhere_leaves_the_previous_state(demo, tmp_path, pubmed_xml, rows):
    """At its n-th statement, for every n, the load is interrupted: the file is there wholly or not at all."""
    path = tmp_path / "a.xml"
    path.write_bytes(pubmed_xml("7", "Two of 9 died."))
    counted = (
        "select (select count(*) from documents where pmid = '7') + (select count(*) from fetches where url = ?) n"
    )
    broken = 0
    while rows(demo, counted, "a.xml") == [{"n": 0}]:
        broken += 1
        load_until(demo, path, statement=broken)
    assert broken > 20
    assert rows(demo, counted, "a.xml") == [{"n": 2}]
    assert rows(demo, "select count(*) as n from runs where command = 'load' and ok = 0") == [{"n": broken - 1}]


def load_until(database, path, statement):
    """Load until the n-th statement that writes, which is refused."""
    seen = 0

    def interrupt(action, *_):
        nonlocal seen
        writes = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
        seen += writes
        return sqlite3.SQLITE_DENY if writes and seen == statement else sqlite3.SQLITE_OK

    with closing(create_database(database)) as db, suppress(sqlite3.DatabaseError):
        db.conn.set_authorizer(interrupt)
        loading.load(db, [path])


def test_killed_in_the_middle_of_a_load_the_previous_state_stands(demo, rows):
    """A process of its own dies with its transaction open."""
    code = (
        "import os, sys; from pathlib import Path; from io import BytesIO\n"
        "from kb.store import payloads; from kb.store.connection import open_database\n"
        "db = open_database(Path(sys.argv[1])); db.execute('begin')\n"
        "payloads.keep_payload(db, BytesIO(b'lost'), 'file', 'lost.txt'); os._exit(9)\n"
    )
    before = rows(demo, "select count(*) as n from payloads")
    assert subprocess.run([sys.executable, "-c", code, str(demo)], check=False).returncode == 9
    assert rows(demo, "select count(*) as n from payloads") == before
    assert rows(demo, "pragma integrity_check") == [{"integrity_check": "ok"}]


def test_another_process_reads_while_one_writes(demo):
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1])\n"
        "print(c.execute('select count(*) from documents').fetchone()[0])\n"
    )
    with closing(create_database(demo)) as db, db.atomic():
        before = db.table("documents").count
        db.execute("update documents set title = 'being written'")
        read = subprocess.run([sys.executable, "-c", code, str(demo)], check=True, capture_output=True, text=True)
    assert int(read.stdout) == before > 0


def test_a_second_writer_waits_and_is_not_turned_away(demo, tmp_path, pubmed_xml, rows):
    """Two processes load forty files at the same time; every file is stored."""
    code = (
        "import sys; from pathlib import Path; from kb.stages import loading\n"
        "from kb.store.connection import open_database\n"
        "loaded = loading.load(open_database(Path(sys.argv[1])), [Path(p) for p in sys.argv[2:]])\n"
        "assert loaded.new == 20, loaded\n"
    )
    paths = [tmp_path / f"{n}.xml" for n in range(1000, 1040)]
    for path in paths:
        path.write_bytes(pubmed_xml(path.stem))
    halves = [[sys.executable, "-c", code, str(demo), *map(str, part)] for part in (paths[:20], paths[20:])]
    running = [subprocess.Popen(half, stderr=subprocess.PIPE, text=True) for half in halves]
    assert [one.communicate()[1] for one in running] == ["", ""]
    assert rows(demo, "select count(*) as n from documents where pmid between '1000' and '1039'") == [{"n": 40}]


def test_search_finds_what_was_stored_and_forgets_what_was_replaced(db, save):
    save()
    save(title="Fern")
    found = [row["id"] for query in ("moss", "ferns") for row in db.table("documents").search(query)]
    assert found == ["pmid-101"]


def test_foreign_keys_are_enforced(db):
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute("insert into keywords (document, position, text) values ('none', 0, 'x')")


def test_search_hears_of_an_update_only_where_searched_words_changed(db, save):
    save()
    words = [fetch(db, f"select * from {table}_fts_data") for table in ("documents", "sections")]
    db.execute("update documents set year = 2001, title = title")
    db.execute("update sections set current = 0")
    assert [fetch(db, f"select * from {table}_fts_data") for table in ("documents", "sections")] == words
    save(title="Fern")
    assert [row["title"] for row in db.table("documents").search("fern")] == ["Fern"]
    assert not list(db.table("documents").search("moss"))
