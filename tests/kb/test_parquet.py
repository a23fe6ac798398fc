"""Many PubMed files into Parquet: the rows are those of the database, later files win, and nothing is done twice."""

import gzip
import json
import os
import re
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from signal import SIGKILL
from threading import Thread

import duckdb
import pytest
from click.testing import CliRunner
from distributed import Client
from pyarrow.parquet import read_table

from ingest.formats import read_documents
from kb.cli import cli
from kb.errors import NoScheduler, NotInstalled, NotOurFolder
from kb.stages import building, loading, starting
from kb.stages.bulk.selecting import named_by
from kb.stages.cluster import spreading
from kb.stages.cluster.filing import made_with
from kb.stages.cluster.spreading import processes, spread
from kb.store.connection import create_database
from kb.store.document_rows import name_of
from kb.store.parquet.folder import Finished, finished, partitions, stem
from kb.store.parquet.tables import COLUMNS, OF_RECORDS, SCHEMAS
from kb.store.rows import fetch
from kb.vocabulary import load_topic, vocabulary_of

ROOT = Path(__file__).parents[2]
#: Words of ours that the topic's queries find, and a result of it.
OURS = "mesenchymal stem cells in systemic sclerosis"
RESULT = "At 12 months the mRSS was 14.5 (SD 3.2) in 18 patients, and 16 of 18 patients (88.9%) were alive."


def article(pmid, title="Invented title.", text="Nothing was counted.", version=1, cites=()):
    ids = [f'<ArticleIdList><ArticleId IdType="pubmed">{cited}</ArticleId></ArticleIdList>' for cited in cites]
    cited = "".join(f"<Reference>{one}</Reference>" for one in ids)
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="{version}">{pmid}</PMID><Article>'
        "<Journal><JournalIssue><PubDate><Year>2024</Year></PubDate></JournalIssue>"
        "<Title>Journal of Inventions</Title></Journal>"
        f"<ArticleTitle>{title}</ArticleTitle><Abstract><AbstractText Label='RESULTS'>{text}</AbstractText></Abstract>"
        "<AuthorList><Author><LastName>Doe</LastName><ForeName>Ada</ForeName></Author></AuthorList></Article>"
        "<MeshHeadingList><MeshHeading><DescriptorName UI='D1' MajorTopicYN='N'>Skin</DescriptorName></MeshHeading>"
        "</MeshHeadingList>"
        f"</MedlineCitation><PubmedData><ReferenceList>{cited}</ReferenceList></PubmedData></PubmedArticle>"
    )


def deletion(*pmids):
    numbers = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in pmids)
    return f"<DeleteCitation>{numbers}</DeleteCitation>"


def write(path, *records):
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n{chr(10).join(records)}\n</PubmedArticleSet>\n'
    path.write_bytes(gzip.compress(body.encode(), mtime=0) if path.suffix == ".gz" else body.encode())
    return path


@pytest.fixture(scope="module")
def client():
    """Dask without another process and without a port."""
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as client:
        yield client


@pytest.fixture
def base(tmp_path):
    """Two files as PubMed numbers them, in the wrong order by age: the update deletes, changes and adds."""
    old = (article(1, f"Cells &amp; {OURS}", RESULT), article(2), article(3, OURS), article(5))
    new = (article(2, OURS, RESULT), article(4, cites=[38206544]), deletion(3))
    return [write(tmp_path / "pubmed26n0002.xml.gz", *new), write(tmp_path / "pubmed26n0001.xml.gz", *old)]


def rows(root, table, *columns):
    found = [row for path in sorted((root / table).glob("*.parquet")) for row in read_table(path).to_pylist()]
    return sorted((tuple(row[c] for c in columns) for row in found), key=repr)


def everything(root):
    """All that stands, but for where it came from."""
    return {t: rows(root, t, *(c for c, _, _ in COLUMNS[t] if c not in ("file", "record"))) for t in OF_RECORDS}


def same_in(db, table, columns, where="1"):
    names = ", ".join(f'"{c}"' for c in columns)
    return sorted((tuple(row.values()) for row in fetch(db, f'select {names} from "{table}" where {where}')), key=repr)


def database(path, *sources):
    topic = load_topic()
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), topic.id)
        assert not loading.load(db, sources).failed
        building.build(db, path)
    return closing(create_database(path))


def test_the_rows_are_those_of_the_database(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    found = spread(client, base, root, vocabulary)
    assert (found.new, found.failed, found.documents, found.superseded) == (2, {}, 4, 2)
    with database(tmp_path / "e.db", *sorted(base)) as db:
        of = "document in (select id from documents where kind = 'article' and withdrawn = 0)"
        figures = [c for c, _, _ in COLUMNS["figures"] if c != "record"]
        assert rows(root, "figures", *figures) == same_in(db, "figures", figures, of) != []
        sections = ("id", "document", "position", "kind", "label", "text", "language", "sha256")
        assert rows(root, "sections", *sections) == same_in(db, "sections", sections, f"current = 1 and {of}")
        documents = ("id", "pmid", "title", "year", "journal", "retracted", "content_sha256")
        standing = "kind = 'article' and withdrawn = 0"
        assert rows(root, "documents", *documents) == same_in(db, "documents", documents, standing)
        headings = [c for c, _, _ in COLUMNS["mesh_headings"] if c != "record"]
        assert rows(root, "mesh_headings", *headings) == same_in(db, "mesh_headings", headings, of)
        assert rows(root, "links", "from_document", "to_document") == [("pmid-4", "pmid-38206544")]
    texts = dict(rows(root, "sections", "id", "text"))
    places = rows(root, "figures", "section", "start", "end", "quote")
    assert all(texts[section][start:end] == quote for section, start, end, quote in places)


SAME = {
    "documents": ("id", "version", "title", "year", "doi", "content_sha256"),
    "sections": ("id", "kind", "text"),
    "figures": ("id", "quote", "start"),
    "mesh_headings": ("document", "position", "descriptor"),
}
#: A database keeps older texts beside the current one.
CURRENT = {"sections": " and current = 1", "figures": " and drifted = 0"}


def test_real_files_give_the_rows_of_the_database(tmp_path, client, vocabulary, shared):
    """Roots before 2016, byte order marks, deletions, versions, and records that stand in several files."""
    kinds = ("medsamp*", "pubmedsample*", "pubmed_sample*", "*_sr_*")
    sources = {path.name: path for kind in kinds for path in sorted((shared / "corpus" / "bulk").glob(kind))}
    found = spread(client, list(sources.values()), tmp_path / "out", vocabulary)
    assert (found.new, found.failed) == (len(sources), {})
    in_order = [sources[one.name] for one in finished(tmp_path / "out").values()]
    with database(tmp_path / "e.db", *in_order) as db:
        standing = "(select id from documents where source = 'pubmed-xml' and withdrawn = 0)"
        for table, columns in SAME.items():
            where = f"{'id' if table == 'documents' else 'document'} in {standing}{CURRENT.get(table, '')}"
            assert rows(tmp_path / "out", table, *columns) == same_in(db, table, columns, where) != []


STANDING = {
    "a later file wins": ([[article(1, "a")], [article(1, "b")]], ["b"]),
    "what is not touched stays": ([[article(1, "a"), article(2, "c")], [article(1, "b")]], ["b", "c"]),
    "a lower version does not": ([[article(1, "a", version=2)], [article(1, "b")]], ["a"]),
    "the same version does": ([[article(1, "a", version=2)], [article(1, "b", version=2)]], ["b"]),
    "the last of one file": ([[article(1, "a"), article(1, "b")]], ["b"]),
    "the highest version of one file": ([[article(1, "a", version=3), article(1, "b", version=2)]], ["a"]),
    "a deletion removes": ([[article(1, "a"), article(2, "c")], [deletion(1)]], ["c"]),
    "a deletion of nobody": ([[article(1, "a")], [deletion(7, 900_000_000)]], ["a"]),
    "a deletion comes before what follows it": ([[article(1, "a")], [deletion(1), article(1, "b")]], ["b"]),
    "a record comes back": ([[article(1, "a")], [deletion(1)], [article(1, "b")]], ["b"]),
    "a record of no known number": ([[article(900_000_000, "a")], [article(900_000_000, "b")]], ["b"]),
}


@pytest.mark.parametrize(("files", "titles"), STANDING.values(), ids=STANDING)
def test_update_files_apply_in_order_as_load_applies_them(tmp_path, client, vocabulary, files, titles):
    sources = [write(tmp_path / f"pubmed26n{i:04}.xml", *records) for i, records in enumerate(files, 1)]
    spread(client, sources[::-1], tmp_path / "out", vocabulary)
    assert rows(tmp_path / "out", "documents", "title") == [(title,) for title in titles]
    assert [s[0] for s in rows(tmp_path / "out", "sections", "text", "kind") if s[1] == "title"] == titles
    with closing(create_database(tmp_path / "e.db")) as db:
        assert not loading.load(db, sources).failed
        assert same_in(db, "documents", ["title"], "withdrawn = 0") == [(title,) for title in titles]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["pubmed26n0010.xml.gz", "pubmed26n0009.xml.gz"], ["pubmed26n0009", "pubmed26n0010"]),
        (["pubmed26n0001.xml.gz", "pubmed25n1300.xml.gz"], ["pubmed25n1300", "pubmed26n0001"]),
        (["new.xml", "later.xml"], ["new", "later"]),
        (["export.xml", "pubmed26n0001.xml"], ["pubmed26n0001", "export"]),
    ],
)
def test_the_order_is_that_of_pubmed_s_numbers_then_as_given(names, expected):
    files = [Finished(name, "", given, "", "", {}) for given, name in enumerate(names)]
    assert [stem(one.name) for one in sorted(files, key=lambda one: one.order)] == expected


def test_what_is_finished_is_not_done_twice(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    spread(client, base[1:], root, vocabulary)
    assert rows(root, "documents", "pmid") == [("1",), ("2",), ("3",), ("5",)]
    before = {path: path.stat().st_mtime_ns for path in root.rglob("pubmed26n0001*.parquet")}
    (root / ".partial" / "left" / "over").mkdir(parents=True)
    again = spread(client, base, root, vocabulary)
    assert (again.new, again.unchanged) == (1, 1)
    assert not (root / ".partial").exists()
    as_filed = {path for path in before if "as-filed" in path.parts}
    assert {path: path.stat().st_mtime_ns for path in as_filed} == {path: before[path] for path in as_filed}
    assert rows(root, "documents", "pmid") == [("1",), ("2",), ("4",), ("5",)]
    calm = {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")}
    assert spread(client, base, root, vocabulary).unchanged == 2
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")} == calm


def test_a_file_with_other_bytes_replaces_its_former_self(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    spread(client, base, root, vocabulary)
    write(base[0], article(9))
    assert spread(client, base[:1], root, vocabulary).new == 1
    assert rows(root, "documents", "pmid") == [("1",), ("2",), ("3",), ("5",), ("9",)]
    assert len(list((root / "as-filed" / "documents").iterdir())) == 2


def test_another_vocabulary_reads_again(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    spread(client, base, root, vocabulary)
    place = root / "files" / "pubmed26n0001.json"
    assert json.loads(place.read_text())["made_with"] == made_with(vocabulary)
    place.write_text(place.read_text().replace(made_with(vocabulary), "0" * 64))
    assert spread(client, base, root, vocabulary).new == 1


def run(monkeypatch, client, *arguments):
    """The command, with the fixture's Dask for processes of its own."""
    monkeypatch.setattr(spreading, "processes", lambda *_: nullcontext(client))
    return CliRunner().invoke(cli, ["bulk", *map(str, arguments)])


def test_a_broken_file_is_named_and_the_others_finish(tmp_path, client, base, monkeypatch):
    cut = tmp_path / "pubmed26n0003.xml.gz"
    cut.write_bytes(base[0].read_bytes()[:-30])
    torn = tmp_path / "torn.xml"
    torn.write_text(f"<PubmedArticleSet>{article(7)}<PubmedArticle><Medline")
    gone, root = tmp_path / "gone.xml", tmp_path / "out"
    result = run(monkeypatch, client, cut, *base, torn, gone, root)
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 4
    assert all(path.name in result.stderr for path in (cut, torn, gone))
    assert "2 files new, 0 unchanged, 3 failed; 4 documents" in result.stderr
    assert rows(root, "documents", "pmid") == [("1",), ("2",), ("4",), ("5",)]
    assert run(monkeypatch, client, gone, tmp_path / "none").exit_code == 1
    assert run(monkeypatch, client, *base, root).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["one.xml"], "last of all the folder"),
        (["a/x.xml", "b/x.xml.gz", "out"], "one name"),
        (["empty", "out"], "no .xml"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(tmp_path, client, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = run(monkeypatch, client, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_a_folder_of_other_things_is_left_alone(tmp_path, client, base, vocabulary):
    with pytest.raises(NotOurFolder, match="folder of its own"):
        spread(client, base, tmp_path, vocabulary)


def test_a_cluster_is_told_by_its_address(tmp_path, client, base, vocabulary):
    with processes(client.scheduler.address) as cluster:
        assert spread(cluster, base, tmp_path / "out", vocabulary).new == 2


def test_nobody_at_the_address_is_one_line():
    with pytest.raises(NoScheduler, match="nowhere"), processes("nowhere://1"):
        pass


#: The modules that need the extra, all of them behind kb.stages.cluster.extra.
BEHIND = {f"kb.stages.cluster.{name}" for name in ("filing", "settling", "spreading")} | {"kb.store.parquet.tables"}


def test_without_the_extra_one_line_says_how_to_install_it(tmp_path, monkeypatch):
    for name in BEHIND:
        monkeypatch.delitem(sys.modules, name)
    for name in ("dask", "distributed", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    result = CliRunner().invoke(cli, ["bulk", "a.xml", str(tmp_path / "out")])
    assert isinstance(result.exception, NotInstalled)
    assert "pip install 'evidence-kb[cluster]'" in str(result.exception)


def test_all_else_runs_without_the_extra():
    needed = re.compile(
        rf"^(?:from|import) (?:dask|distributed|pyarrow|{'|'.join(map(re.escape, BEHIND))})\b", re.MULTILINE
    )
    found = {path for path in (ROOT / "kb").rglob("*.py") if needed.search(path.read_text("utf-8"))}
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found} == BEHIND


def test_a_slice_gives_the_rows_that_the_files_give(tmp_path, client, base, vocabulary, topic):
    """The topic's queries find 1 and 2 (only its newer copy), its seed is cited by 4; 5 belongs to nobody."""
    root = tmp_path / "out"
    spread(client, base, root, vocabulary)
    selection = named_by(topic)
    chosen = set()
    for path in sorted(base):
        with path.open("rb") as stream:
            found = [one for one in read_documents(stream, path.name) if hasattr(one, "sections")]
        chosen |= {name_of(one) for one in found if selection.keeps(one)}
    assert chosen == {"pmid-1", "pmid-2", "pmid-3", "pmid-4"}
    with database(tmp_path / "slice.db", root) as ours, database(tmp_path / "whole.db", *sorted(base)) as whole:
        mine, here = "kind = 'article'", "withdrawn = 0 and id in ('pmid-1', 'pmid-2', 'pmid-4')"
        documents = ("id", "title", "year", "content_sha256", "retracted", "study")
        assert same_in(ours, "documents", documents, mine) == same_in(whole, "documents", documents, here)
        of = f"document in (select id from documents where {here})"
        sections, figures = ("id", "text"), ("id", "quote", "start", "value")
        assert same_in(ours, "sections", sections, of) == same_in(whole, "sections", sections, f"{of} and current = 1")
        assert same_in(ours, "figures", figures, of) == same_in(whole, "figures", figures, of) != []
        (kept,) = fetch(ours, "select distinct payload from documents where id = 'pmid-1'")
        body = loading.payloads.payload_body(ours, kept["payload"])
        assert b"&amp;" in body
        assert b">5</PMID>" not in body


def test_a_slice_taken_again_follows_the_files(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    spread(client, base[1:], root, vocabulary)
    with database(tmp_path / "e.db", root) as db:
        assert same_in(db, "documents", ["pmid"], "kind = 'article'") == [("1",), ("3",)]
        spread(client, base, root, vocabulary)
        loaded = loading.load(db, [root])
        assert (loaded.new, loaded.unchanged, loaded.deleted) == (2, 1, 1)
        assert same_in(db, "documents", ["pmid"], "kind = 'article' and withdrawn = 0") == [("1",), ("2",), ("4",)]
        told = {}
        again = loading.load(db, [root], say=lambda path, *done: told.setdefault(path.name, []).append(done))
        assert (again.new, again.unchanged, again.deleted) == (0, 3, 0)
        assert told == {path.name: [(0, 0), (path.stat().st_size, 2)] for path in partitions(root, "records")}


def test_a_slice_of_what_is_not_finished_is_refused(tmp_path, client, base, vocabulary):
    root = tmp_path / "out"
    spread(client, base, root, vocabulary)
    (root / "standing.json").unlink()
    with closing(create_database(tmp_path / "e.db")) as db:
        starting.init(db, load_topic(), vocabulary, "ssc-msc")
        with pytest.raises(NotOurFolder, match="run the same bulk again"):
            loading.load(db, [root])
    assert spread(client, base, root, vocabulary).unchanged == 2
    assert (root / "standing.json").exists()


def test_every_column_has_its_words(tmp_path, client, base, vocabulary):
    spread(client, base, tmp_path / "out", vocabulary)
    for table in COLUMNS:
        for path in (tmp_path / "out" / table).glob("*.parquet"):
            assert read_table(path).schema.equals(SCHEMAS[table])
    assert all(len(words) > 4 for columns in COLUMNS.values() for _, _, words in columns)
    assert (tmp_path / "out" / "columns.csv").read_text("utf-8").count("\n") == 1 + sum(map(len, COLUMNS.values()))


def documented():
    """The queries of the README that read Parquet."""
    return re.findall(r"```sql\n([^`]*parquet[^`]*)```", (ROOT / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("query", documented(), ids=lambda q: q.splitlines()[0])
def test_the_documented_queries_run(tmp_path, client, base, vocabulary, monkeypatch, query):
    spread(client, base, tmp_path / "pubmed", vocabulary)
    monkeypatch.chdir(tmp_path)
    with closing(duckdb.connect()) as db:
        assert db.execute(query).fetchall()


def opened_by_another(pipe, work):
    """The pipe's other end, once a reader has opened it; no wait without end where nobody will."""
    while True:
        try:
            return os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
        except OSError:
            # ENXIO: nobody reads yet
            work.join(0.05)
            if not work.is_alive():
                raise


def test_a_killed_worker_changes_nothing(tmp_path, client, base, vocabulary):
    """One file is a pipe that never gives a byte: whoever opens it is at work on it for sure, and is killed there."""
    spread(client, base, tmp_path / "calm", vocabulary)
    pipe, held = base[0], base[0].rename(tmp_path / "held")
    os.mkfifo(pipe)
    with processes(None, 2) as killed:
        found = []
        work = Thread(target=lambda: found.append(spread(killed, base, tmp_path / "out", vocabulary)))
        work.start()
        with opened_by_another(pipe, work):
            (worker,) = [w for w, tasks in killed.processing().items() if any(pipe.name in str(task) for task in tasks)]
            held.replace(pipe)
            os.kill(killed.run(os.getpid, workers=[worker])[worker], SIGKILL)
            work.join()
    assert (found[0].new, found[0].failed) == (2, {})
    assert everything(tmp_path / "out") == everything(tmp_path / "calm")
