"""S45: PubMed's update files, in whatever order they come: the later file wins, and the final state is the same."""

import gzip
from contextlib import closing
from itertools import permutations

import pytest

from kb.stages import loading
from kb.stages.turns import in_turn
from kb.store.connection import create_database
from kb.store.rows import fetch

DATED = "<DateRevised><Year>2025</Year><Month>01</Month><Day>{day:02}</Day></DateRevised><Article>"
DELETED = '<DeleteCitation><PMID Version="1">8</PMID></DeleteCitation></PubmedArticleSet>'


@pytest.fixture
def update(pubmed_xml):
    """The bytes of an update file: records as (PMID, title, day of revision), and perhaps the end that deletes 8."""

    def made(*records, deletes=False):
        found = [
            pubmed_xml(pmid, "Nothing.", title).decode().replace("<Article>", DATED.format(day=day))
            for pmid, title, day in records
        ]
        inside = "".join(one[one.index("<PubmedArticle>") : one.index("</PubmedArticleSet>")] for one in found)
        head, end = found[0].split("<PubmedArticle>")[0], DELETED if deletes else "</PubmedArticleSet>"
        return f"{head}{inside}{end}".encode()

    return made


@pytest.fixture
def files(tmp_path, update):
    contents = {
        "pubmed25n1274.xml": update(("7", "Fern", 9), ("7", "Oak", 9), ("8", "Gone", 9)),
        "pubmed26n1335.xml": update(("7", "Moss", 10), ("9", "Lichen", 1)),
        "pubmed26n1336.xml.gz": gzip.compress(update(("7", "Moss again", 11), ("9", "Lichen", 1), deletes=True)),
    }
    for name, body in contents.items():
        (tmp_path / name).write_bytes(body)
    return [tmp_path / name for name in contents]


def loaded(path, *groups):
    with closing(create_database(path)) as db:
        for group in groups:
            assert not loading.load(db, group).failed
        return fetch(db, "select id, title, withdrawn from documents order by id")


LATEST = [
    {"id": "pmid-7", "title": "Moss again", "withdrawn": 0},
    {"id": "pmid-8", "title": "Gone", "withdrawn": 1},
    {"id": "pmid-9", "title": "Lichen", "withdrawn": 0},
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_s45_in_one_command_every_order_gives_the_same(tmp_path, files, order):
    assert loaded(tmp_path / "e.db", [files[at] for at in order]) == LATEST


def test_s45_a_file_that_comes_late_takes_no_newer_record_back(tmp_path, files):
    assert loaded(tmp_path / "e.db", files[2:], files[:2])[0] == LATEST[0]


def test_s45_of_a_record_that_comes_twice_in_a_file_the_later_one_wins(tmp_path, files):
    assert loaded(tmp_path / "e.db", files[:1])[0]["title"] == "Oak"


def test_other_files_come_first_and_keep_their_order(tmp_path):
    names = ["pubmed26n1335.xml", "b.xml", "PUBMED25N9999.XML.GZ", "a.txt"]
    assert [path.name for path in in_turn(tmp_path / one for one in names)] == ["b.xml", "a.txt", names[2], names[0]]
