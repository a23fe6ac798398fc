"""Parts of the bulk path: a record's hash stays what it was, and what is sent arrives."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from ingest.records import (
    Document,
    Identifier,
    Keyword,
    MeshHeading,
    Person,
    PublicationDate,
    Reference,
    Section,
)
from kb.store.bulk.image import PLACES, pack, places
from kb.store.bulk.rows import Collected
from kb.store.canonical import content_sha256

PAPER = Document(
    "pubmed-xml", "article", 'A "b" \u2009c', identifiers=(Identifier("pmid", "1"),),
    sections=(Section("abstract", None, "Two of 9."),), people=(Person("A B", "B", "A", affiliations=("X",)),),
    mesh_headings=(MeshHeading("Skin", "D1", major=True),), keywords=(Keyword("k"),),
    references=(Reference("r", (Identifier("doi", "10.1/x"),)),), published=PublicationDate("2001", 2001),
)  # fmt: skip
#: What databases hold of it since the first version: another hash would make every stored record a changed one.
STORED = "fe15394aec7516bf6541a908dc896df46e8822a4251d14c0a362961861264edd"


@pytest.mark.parametrize(
    "same",
    [
        PAPER,
        replace(PAPER, revised=PublicationDate("2026")),
        replace(PAPER, title=' A  "b" \u2009c\n'),
        replace(PAPER, mesh_headings=(MeshHeading("Skin ", "D1", major=True),)),
    ],
)
def test_white_space_and_revision_are_no_content(same):
    assert content_sha256(same) == STORED


@pytest.mark.parametrize(
    "other",
    [replace(PAPER, title='A "b" c'), replace(PAPER, mesh_headings=()), replace(PAPER, keywords=(Keyword("l"),))],
)
def test_another_word_is_another_hash(other):
    assert content_sha256(other) != STORED


def collected(*documents):
    found = Collected()
    for number, one in enumerate(documents):
        found.add(f"pmid-{number}", one, b"x" * 32)
    return found


def test_an_image_holds_every_row_as_it_was_given():
    rows = collected(PAPER, replace(PAPER, references=())).rows
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(pack(rows))
        assert {table: db.execute(f"select * from {table}").fetchall() for table in rows} == rows


def test_nothing_new_makes_no_image():
    assert pack(collected().rows) == b""


def test_a_person_and_an_end_are_sent_once():
    found = collected(PAPER, PAPER)
    assert [len(found.rows[table]) for table in ("documents", "authorships", "people", "ends")] == [2, 2, 1, 1]
    assert found.counts() == tuple(len(rows) for rows in found.rows.values())


def test_as_many_images_as_there_are_places_hang_beside_a_database():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        with places(db) as free:
            db.execute("begin")
            for number, place in enumerate(free):
                db.deserialize(pack(collected(replace(PAPER, title=str(number))).rows), name=place)
            titles = [db.execute(f"select title from {place}.documents").fetchone()[0] for place in free]
            db.execute("commit")
        assert titles == [str(number) for number in range(PLACES)]
        assert len(db.execute("pragma database_list").fetchall()) == 1
