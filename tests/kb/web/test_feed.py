"""The Atom feed keeps RFC 4287: each id once and the same everywhere, times that never fall behind their entries."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette

ATOM = "{http://www.w3.org/2005/Atom}"
CHANGES = (
    ("pmid-900001", "title", "old", "new", "2026-01-02T03:04:05.001+00:00"),
    ("pmid-900001", "title", "old", "new", "2026-01-02T03:04:05.001+00:00"),
    ("pmid-900001", "year", None, "2020", "2026-01-02T03:04:05.001+00:00"),
    ("pmid-900001", "title", "new", "old", "2026-01-03T03:04:05.001+00:00"),
    ("pmid-38206544", "title", "x" * 999, "<![CDATA[ & ]]>", "2026-01-01T00:00:00.000+00:00"),
)


@pytest.fixture
def changed(site_db, tmp_path):
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        sql = "insert into changes (run, document, field, before, after, noticed_at) values ('r', ?, ?, ?, ?, ?)"
        db.executemany(sql, CHANGES)
    return path


def read(get, path, **more):
    answer = get("/-/changes.atom", Datasette([str(path)], **more))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own output


def ids(feed):
    return [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]


def test_feed_and_entries_have_what_atom_asks_for_once(get, changed):
    feed = read(get, changed)
    for element, names in ((feed, ("id", "title", "updated", "author")), *(
        (entry, ("id", "title", "updated", "content")) for entry in feed.findall(f"{ATOM}entry")
    )):  # fmt: skip
        assert [len(element.findall(f"{ATOM}{name}")) for name in names] == [1] * len(names)
    assert len(feed.findall(f"{ATOM}entry")) == len(CHANGES) - 1
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}


def test_each_id_stands_once_and_is_the_same_elsewhere(get, changed):
    feed, elsewhere = read(get, changed), read(get, changed, settings={"base_url": "/kb/"})
    assert len(set(ids(feed))) == len(ids(feed))
    assert ids(feed) == ids(elsewhere)
    assert feed.findtext(f"{ATOM}id") == elsewhere.findtext(f"{ATOM}id") == "urn:evidence-kb:changes:ssc-msc"


def test_times_are_those_of_the_noticing_and_newest_first(get, changed):
    feed = read(get, changed)
    times = [datetime.fromisoformat(e.findtext(f"{ATOM}updated")) for e in feed.findall(f"{ATOM}entry")]
    assert all(time.tzinfo for time in times)
    assert times == sorted(times, reverse=True)
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated")) == times[0]


def test_what_is_new_leaves_old_ids_and_never_turns_the_time_back(get, changed):
    before = read(get, changed)
    with closing(sqlite3.connect(changed)) as db, db:
        db.execute("insert into changes (run, document, field, before, after, noticed_at) values "
                   "('s', 'pmid-900001', 'title', 'a', 'b', '2026-02-01T00:00:00.000+00:00')")  # fmt: skip
    after = read(get, changed)
    assert ids(after)[1:] == ids(before)
    assert after.findtext(f"{ATOM}updated") > before.findtext(f"{ATOM}updated")


def test_an_empty_feed_is_a_feed(get, site_db):
    feed = read(get, site_db)
    assert ids(feed) == []
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated")).tzinfo
