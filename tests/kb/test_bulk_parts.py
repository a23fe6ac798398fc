"""Parts of the bulk path: a record's hash stays what it was, and what is sent arrives."""

from dataclasses import replace
from io import BytesIO

import pytest

from ingest.errors import Truncated
from ingest.records import (
    Document,
    Identifier,
    Keyword,
    MeshHeading,
    Notice,
    Person,
    PublicationDate,
    Reference,
    Section,
    Tombstone,
)
from kb.store.bulk.parsed import Parsed
from kb.store.bulk.rows import Again, rows_of
from kb.store.bulk.wire import receive, send
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


def test_what_is_sent_arrives():
    told = replace(PAPER, notices=(Notice("RetractionIn", "somewhere", "2"),))
    rows = [rows_of("pmid-1", one, "a" * 64, b"x" * 32) for one in (PAPER, told)]
    sent = Parsed(100, 103, 9000, [*rows, Again(told, b"y"), Tombstone("7")], 1, 2, Truncated("it stops"))
    pipe = BytesIO()
    send(sent, pipe)
    pipe.seek(0)
    got = receive(pipe)
    assert (got.entries, got.first, got.done, got.read) == (sent.entries, 100, 103, 9000)
    assert (got.unchanged, got.left_out, str(got.fault), got.last) == (1, 2, "it stops", False)


@pytest.mark.parametrize("left", [0, 5, 30])
def test_a_chunk_that_stops_in_the_middle_is_the_end(left):
    pipe = BytesIO()
    send(Parsed(0, 0, 0, last=True), pipe)
    with pytest.raises(EOFError):
        receive(BytesIO(pipe.getvalue()[:left]))
