"""Bulk files: the same rows as the plain path, whatever ends a run, and nothing done twice."""

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path

import pytest

from benchmarks.generate import generate
from ingest.errors import Truncated
from ingest.files.pubmed_xml import iter_documents
from kb.cli.loading import Meter
from kb.errors import KbError, WorkerLost
from kb.stages import building, loading
from kb.stages.bulk import loading as bulk_loading
from kb.stages.bulk.crew import Crew
from kb.store import documents
from kb.store.bulk import indexes
from kb.store.bulk import writing as bulk
from kb.store.bulk.parsed import New
from kb.store.bulk.worker import Job
from kb.store.connection import create_database
from kb.store.rows import fetch
from kb.vocabulary import load_topic

RECORDS = 450
#: What differs between two loads of the same file: when, by which run, and how far a bulk file came.
APART = ("runs", "bulk_files", "record_prints", "_sqlite_migrations")
MOMENTS = {"first_seen", "last_seen", "fetched_at", "noticed_at", "run", "rowid"}


@pytest.fixture(scope="session")
def bulk_file(tmp_path_factory) -> Path:
    """Invented records with everything that bulk files hold, and one of them twice."""
    return generate(tmp_path_factory.mktemp("bulk"), RECORDS, seed=3)[0]


@pytest.fixture
def any_size(monkeypatch):
    """Every set of PubMed records takes the bulk path."""
    monkeypatch.setattr(bulk_loading, "BULK_FROM", 0)
    monkeypatch.setattr(bulk_loading, "BULK_FROM_PACKED", 0)


def content(path):
    """All rows of all tables without what tells one run from another; full-text search by what it finds."""
    with closing(sqlite3.connect(path)) as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        found = {}
        for table in tables:
            if table in APART or "_fts" in table:
                continue
            cursor = db.execute(f'select * from "{table}"')
            names = [column[0] for column in cursor.description]
            kept = [i for i, name in enumerate(names) if name not in MOMENTS]
            found[table] = [tuple(row[i] for i in kept) for row in cursor]
        for table in ("documents_fts", "sections_fts"):
            db.execute(f"insert into {table} ({table}, rank) values ('integrity-check', 1)")
        assert db.execute("pragma foreign_key_check").fetchall() == []
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        found["triggers"] = sorted(db.execute("select name from sqlite_master where type = 'trigger'"))
    return found


def loaded(path, *files, **how):
    with closing(create_database(path)) as db:
        return loading.load(db, files, **how)


@pytest.fixture(scope="module")
def calm(tmp_path_factory, bulk_file):
    """The invented records, loaded in bulk in one go; nobody may write to it."""
    path = tmp_path_factory.mktemp("calm") / "e.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_loading, "BULK_FROM", 0)
        patch.setattr(bulk_loading, "BULK_FROM_PACKED", 0)
        loaded(path, bulk_file)
    return path


@pytest.fixture
def again(calm, tmp_path):
    """A copy of it that the test may change."""
    return Path(shutil.copy(calm, tmp_path / "e.db"))


@pytest.fixture(scope="module")
def plainly(tmp_path_factory, bulk_file):
    """The content of the invented records, loaded on the plain path."""
    path = tmp_path_factory.mktemp("plainly") / "e.db"
    loaded(path, bulk_file)
    return content(path)


def in_any_order(found):
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def both_ways(tmp_path, monkeypatch, *files):
    """The content of a database that was loaded plainly, and of one that was loaded in bulk."""
    plain = loaded(tmp_path / "plain.db", *files)
    monkeypatch.setattr(bulk_loading, "BULK_FROM", 0)
    monkeypatch.setattr(bulk_loading, "BULK_FROM_PACKED", 0)
    bulk = loaded(tmp_path / "bulk.db", *files)
    assert (plain.new, plain.changed, plain.deleted) == (bulk.new, bulk.changed, bulk.deleted)
    return content(tmp_path / "plain.db"), content(tmp_path / "bulk.db")


def test_the_rows_are_those_of_the_plain_path(calm, plainly):
    plain, bulk = plainly, content(calm)
    assert plain["links"] == bulk["links"]
    assert in_any_order(plain) == in_any_order(bulk)
    assert len(plain["documents"]) == RECORDS


def test_the_rows_of_real_files_are_those_of_the_plain_path(tmp_path, monkeypatch, shared):
    plain, bulk = both_ways(tmp_path, monkeypatch, *sorted((shared / "corpus" / "bulk").iterdir()))
    assert in_any_order(plain) == in_any_order(bulk)


def test_people_and_sections_keep_their_numbers(calm, plainly):
    bulk = content(calm)
    assert plainly["people"] == bulk["people"]
    assert plainly["sections"] == bulk["sections"]


def test_a_payload_comes_back_as_the_file(again, bulk_file):
    with closing(create_database(again)) as db:
        sha256 = fetch(db, "select distinct payload from documents")[0]["payload"]
        assert loading.payloads.payload_body(db, sha256) == bulk_file.read_bytes()


@pytest.mark.usefixtures("any_size")
def test_the_same_file_is_not_read_again(again, bulk_file, monkeypatch):
    monkeypatch.setattr(loading.Crew, "read", lambda *_: pytest.fail("read again"))
    found = loaded(again, bulk_file)
    assert (found.new, found.changed, found.failed) == (0, 0, {})


@pytest.mark.usefixtures("any_size")
def test_a_record_touched_by_maintenance_is_unchanged(again, tmp_path):
    before = content(again)
    touched = generate(tmp_path, RECORDS, seed=3, revised="2026-02-02")[0]
    found = loaded(again, touched)
    assert (found.unchanged, found.new, found.changed) == (RECORDS, 0, 0)
    after = content(again)
    assert {table for table in after if after[table] != before[table]} == {"payloads", "fetches"}


@pytest.mark.usefixtures("any_size")
def test_a_changed_record_is_noted_and_the_others_are_not_parsed(again, tmp_path, bulk_file):
    text = gzip.decompress(bulk_file.read_bytes()).replace(b"<Volume>", b"<Volume>1", 1)
    (tmp_path / "new.xml").write_bytes(text)
    found = loaded(again, tmp_path / "new.xml")
    assert (found.changed, found.unchanged) == (1, RECORDS - 1)
    with closing(create_database(again)) as db:
        assert [row["field"] for row in fetch(db, "select field from changes")] == ["volume"]


def test_a_record_that_comes_twice_ends_as_its_later_version(tmp_path, monkeypatch, bulk_file):
    text = gzip.decompress(bulk_file.read_bytes())
    first = text[text.index(b"  <PubmedArticle>") : text.index(b"</PubmedArticle>") + 17]
    twice = text.replace(b"</PubmedArticleSet>", first.replace(b"<Volume>", b"<Volume>7") + b"</PubmedArticleSet>")
    (tmp_path / "twice.xml").write_bytes(twice)
    plain, bulk = both_ways(tmp_path, monkeypatch, tmp_path / "twice.xml")
    assert in_any_order(plain) == in_any_order(bulk)


@pytest.mark.usefixtures("any_size")
def test_what_another_program_stored_meanwhile_is_not_stored_twice(tmp_path, bulk_file, monkeypatch, calm):
    first, last = (next(iter(iter_documents(BytesIO(one), "one"))) for one in ends_of(bulk_file))
    read = loading.Crew.read

    def read_while_another_writes(*given):
        images = read(*given)
        held = next(images)
        with closing(create_database(tmp_path / "e.db")) as other, other.atomic():
            sha256 = fetch(other, "select sha256 from payloads")[0]["sha256"]
            for one in (first, last):
                documents.save_document(other, one, sha256, "another")
        yield held
        yield from images

    monkeypatch.setattr(loading.Crew, "read", read_while_another_writes)
    found = loaded(tmp_path / "e.db", bulk_file)
    assert (found.new, found.unchanged, found.failed) == (RECORDS - 2, 2, {})
    there, alone = content(tmp_path / "e.db"), content(calm)
    assert sorted(row[0] for row in there["documents"]) == sorted(row[0] for row in alone["documents"])


def ends_of(bulk_file):
    """The first record of a bulk file, and the last, each as a file."""
    records = gzip.decompress(bulk_file.read_bytes()).split(b"<PubmedArticle>")
    bodies = [one.partition(b"</PubmedArticle>")[0] for one in (records[1], records[-1])]
    return [b"<PubmedArticleSet><PubmedArticle>%b</PubmedArticle></PubmedArticleSet>" % body for body in bodies]


def test_files_that_are_parsed_ahead_come_in_their_order(tmp_path, monkeypatch, bulk_file):
    """Deleted, brought back with the same bytes, changed, outdated: each file finds what those before it left."""
    text = gzip.decompress(bulk_file.read_bytes())
    start, end = text.index(b"  <PubmedArticle>"), text.index(b"</PubmedArticle>") + 17
    head, first = text[:start], text[start:end]
    deleted = b"<DeleteCitation><PMID>%b</PMID></DeleteCitation>" % first.partition(b"</PMID>")[0].rpartition(b">")[2]
    files = []
    later = first.replace(b"<Volume>", b"<Volume>7").replace(b"<Year>2025</Year>", b"<Year>2026</Year>", 2)
    for body in (text[start:], deleted, first, later, first.replace(b"<Volume>", b"<Volume>5")):
        files.append(tmp_path / f"{len(files)}.xml")
        files[-1].write_bytes(head + body.removesuffix(b"</PubmedArticleSet>\n") + b"</PubmedArticleSet>")
    plain, bulk = both_ways(tmp_path, monkeypatch, *files)
    assert in_any_order(plain) == in_any_order(bulk)
    assert [row[:3] for row in bulk["changes"]] == [row[:3] for row in plain["changes"]] != []


def test_new_and_changed_records_in_turns_are_stored_and_found(tmp_path, monkeypatch, bulk_file):
    """As an update file has them: each second is stored already, and some come again with another title."""
    text = gzip.decompress(bulk_file.read_bytes())
    head, *records = text.split(b"  <PubmedArticle>")
    records = [b"<PubmedArticle>" + one.partition(b"</PubmedArticle>")[0] + b"</PubmedArticle>" for one in records][:60]
    titled = [one.replace(b"<ArticleTitle>", b"<ArticleTitle>Renamed %d " % i) for i, one in enumerate(records)]
    files = tmp_path / "first.xml", tmp_path / "update.xml"
    files[0].write_bytes(head + b"".join(records[::2]) + b"</PubmedArticleSet>")
    files[1].write_bytes(head + b"".join((*titled, *records[20:24])) + b"</PubmedArticleSet>")
    plain, bulk = both_ways(tmp_path, monkeypatch, *files)
    assert in_any_order(plain) == in_any_order(bulk)
    with closing(create_database(tmp_path / "bulk.db")) as db:
        found = fetch(db, "select count(*) as n from documents_fts where documents_fts match 'renamed'")
    assert found[0]["n"] == 56


def indexed(path):
    """Name and columns of each index of a database."""
    with closing(sqlite3.connect(path)) as db:
        names = [
            row[0] for row in db.execute("select name from sqlite_master where type = 'index' and sql is not null")
        ]
        return {name: [row[2] for row in db.execute(f"pragma index_info({name})")] for name in names}


@pytest.mark.usefixtures("any_size")
def test_a_large_load_does_without_some_indexes_and_makes_them_again(tmp_path, bulk_file, monkeypatch, calm):
    monkeypatch.setattr(indexes, "LARGE", RECORDS // 2)
    meanwhile = []
    save_new = bulk.save_new

    def looked_at(db, *given):
        meanwhile.append(set(indexed(tmp_path / "e.db")) & set(indexes.PUT_OFF))
        save_new(db, *given)

    monkeypatch.setattr(bulk, "save_new", looked_at)
    loaded(tmp_path / "e.db", bulk_file)
    assert meanwhile[0] == set()
    assert indexed(tmp_path / "e.db") == indexed(calm)
    # fewer than what is stored by now
    with closing(create_database(tmp_path / "e.db")) as db:
        assert not indexes.put_off(db, RECORDS - 1)
    assert indexed(tmp_path / "e.db") == indexed(calm)


@pytest.mark.parametrize("then", [loading.load, lambda db, _: building.build(db, Path("e.db"))])
def test_indexes_that_a_killed_load_left_out_come_back(tmp_path, calm, again, then, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(create_database(again)) as db:
        assert indexes.put_off(db, indexes.LARGE)
        with suppress(KbError):
            then(db, [])
    assert indexed(again) == indexed(calm)


@pytest.mark.parametrize(
    ("name", "bytes_", "records"), [("a.xml.gz", 17_000_000, 10_000), ("a.xml", 50_000_000, 5_000)]
)
def test_how_many_records_come_is_told_by_names_and_sizes(tmp_path, name, bytes_, records):
    with (tmp_path / name).open("wb") as file:
        file.truncate(bytes_)
    (tmp_path / "small.xml").write_bytes(b"<x/>")
    assert bulk_loading.records_in([tmp_path / name, tmp_path / "small.xml", tmp_path / "none"]) == records


@pytest.mark.usefixtures("any_size")
def test_a_broken_file_does_not_hold_up_those_behind_it(tmp_path, bulk_file, calm):
    broken, good = tmp_path / "broken.xml.gz", tmp_path / "good.xml.gz"
    broken.write_bytes(bulk_file.read_bytes()[:5000])
    shutil.copy(bulk_file, good)
    found = loaded(tmp_path / "e.db", broken, good, tmp_path / "none.xml.gz", good)
    assert (sorted(found.failed), found.new) == ([str(broken), str(tmp_path / "none.xml.gz")], RECORDS)
    assert len(content(tmp_path / "e.db")["documents"]) == len(content(calm)["documents"])


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.999])
@pytest.mark.usefixtures("any_size")
def test_a_broken_file_keeps_what_stands_before_the_fault(tmp_path, bulk_file, calm, cut):
    body = bulk_file.read_bytes()
    broken = tmp_path / "broken.xml.gz"
    broken.write_bytes(body[: int(len(body) * cut)])
    whole = complete_in(broken)
    for _ in range(2):
        found = loaded(tmp_path / "e.db", broken)
        assert "stops in the middle" in found.failed[str(broken)]
    with closing(create_database(tmp_path / "e.db")) as db:
        assert db.table("documents").count == whole
        assert [row["state"] for row in fetch(db, "select state from bulk_files")] == ["broken"]
    loaded(tmp_path / "e.db", bulk_file)
    assert in_any_order(apart(content(tmp_path / "e.db"))) == in_any_order(apart(content(calm)))


def complete_in(path):
    found = []
    with path.open("rb") as stream, pytest.raises(Truncated):
        found.extend(iter_documents(stream, path.name))
    return len(found)


def apart(found):
    """Without which file a record came from, and the numbers that were given on the way."""
    for table in ("payloads", "fetches", "triggers"):
        found.pop(table)
    return {**found, "documents": [(*row[:24], *row[25:]) for row in found["documents"]]}


@pytest.mark.usefixtures("any_size")
def test_xml_that_is_broken_inside_says_where(tmp_path, bulk_file):
    text = gzip.decompress(bulk_file.read_bytes())
    place = text.index(b"</ArticleTitle>", len(text) // 2)
    (tmp_path / "bad.xml").write_bytes(text[:place] + b"<oops>" + text[place:])
    found = loaded(tmp_path / "e.db", tmp_path / "bad.xml")
    assert "broken among records 201 to 301" in found.failed[str(tmp_path / "bad.xml")]
    with closing(create_database(tmp_path / "e.db")) as db:
        assert db.table("documents").count >= 200


KILLED = """
import os, signal, sys
from pathlib import Path
from kb.stages import building, loading
from kb.stages.bulk import loading as bulk_loading
from kb.store.bulk import writing as bulk
from kb.store.bulk import files as bulk_files
from kb.store.connection import create_database
bulk_loading.BULK_FROM_PACKED = 0
bulk_loading.COMMIT_RECORDS = 100
bulk_loading.TOGETHER = 1
left = [int(sys.argv[3])]
def counted(real):
    def wrapped(*given):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given)
    return wrapped
bulk._copy = counted(bulk._copy)
bulk_files._set = counted(bulk_files._set)
loading.load(create_database(Path(sys.argv[1])), [Path(sys.argv[2])])
"""


@pytest.mark.parametrize("steps", [1, 20, 50, 64])
@pytest.mark.usefixtures("any_size")
def test_killed_at_any_statement_and_run_again(tmp_path, bulk_file, calm, steps):
    path = tmp_path / "e.db"
    create_database(path).close()
    ended = subprocess.run([sys.executable, "-c", KILLED, path, bulk_file, str(steps)], check=False)
    assert ended.returncode == -signal.SIGKILL
    with closing(create_database(path)) as db:
        there = db.table("documents").count
    again = loaded(path, bulk_file)
    assert again.new == RECORDS - there
    assert without_sightings(content(path)) == without_sightings(content(calm))


def without_sightings(found):
    found.pop("fetches")
    return in_any_order(found)


def test_nothing_runs_on_when_the_writer_is_killed(tmp_path, bulk_file):
    create_database(tmp_path / "e.db").close()
    script = "from kb.stages.bulk.crew import Crew; from kb.store.bulk.worker import Job\n"
    script += "from pathlib import Path; import sys\n"
    script += "crew = Crew(2); chunks = crew.read(Job(Path(sys.argv[1]), Path(sys.argv[2]))); next(chunks)\n"
    script += "print(*[one.pid for one in crew._all], flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, bulk_file, tmp_path / "e.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        workers = [int(pid) for pid in writer.stdout.readline().split()]
        writer.kill()
    assert len(workers) == 2
    while any(alive(pid) for pid in workers):
        time.sleep(0.05)


def test_a_parsing_process_that_dies_is_said(tmp_path, bulk_file):
    create_database(tmp_path / "e.db").close()
    with Crew(1) as crew:
        images = crew.read(Job(bulk_file, tmp_path / "e.db", together=1))
        next(images)
        crew._all[0].kill()
        with pytest.raises(WorkerLost, match="the same command goes on behind it"):
            list(images)


def test_what_was_begun_and_is_not_wanted_is_dropped(tmp_path, bulk_file):
    create_database(tmp_path / "e.db").close()
    wanted = Job(bulk_file, tmp_path / "e.db", begun=RECORDS - 50)
    with Crew(2) as crew:
        crew.begin(Job(bulk_file, tmp_path / "e.db"))
        found = list(crew.read(wanted))
    new = [entry.ids for one in found for entry in one.entries if isinstance(entry, New)]
    assert [len(ids) for ids in new] == [50]
    assert [one.last for one in found] == [False, True]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # one that ended and that nobody waits for is no process any more
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")


def test_only_what_belongs_to_the_topic_is_kept(tmp_path, bulk_file):
    topic = load_topic()
    found = loaded(tmp_path / "e.db", bulk_file, topic=topic)
    with closing(create_database(tmp_path / "e.db")) as db:
        titles = [row["title"] for row in fetch(db, "select title from documents")]
    assert found.new == len(titles) == RECORDS // 200
    assert found.left_out == RECORDS - found.new
    assert all("mesenchymal stem" in title and "systemic sclerosis" in title for title in titles)


@pytest.mark.usefixtures("any_size")
def test_what_a_seed_is_linked_to_is_kept_too(tmp_path, bulk_file, make_seed):
    topic = load_topic()
    with closing(create_database(tmp_path / "e.db")) as db:
        loading.load(db, [make_seed(topic.seeds[0], cites="90000007")])
        found = loading.load(db, [bulk_file], topic)
        assert fetch(db, "select id from documents where id = 'pmid-90000007'")
    assert found.new == RECORDS // 200 + 1


@pytest.fixture
def make_seed(tmp_path):
    def make(pmid, cites):
        path = tmp_path / "seed.xml"
        path.write_text(
            f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article/></MedlineCitation><PubmedData>"
            f'<ReferenceList><Reference><ArticleIdList><ArticleId IdType="pubmed">{cites}</ArticleId></ArticleIdList>'
            "</Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>"
        )
        return path

    return make


def test_time_left_is_told_by_bytes():
    one, two = Path("one"), Path("two")
    meter = Meter({one: 1000, two: 3000}, 0)
    meter.line(one, 0, 0, 0)
    assert meter.line(one, 1000, 50, 10) == "50 records, 5/s, 30 s left"
