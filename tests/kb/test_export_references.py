"""References as RIS and BibTeX: every identifier, and no title that can break a record."""

from contextlib import closing
from io import BytesIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.files.ris import iter_documents
from kb.export.references import Entry, Name, bibtex, entries_of, ris, write
from kb.store.connection import open_database

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)

ENTRY = Entry(
    "pmid-101", "article", "Cells & scores: 50% of {all} in $A_1$", 2020, "Journal of Invented Results", "12", "3",
    "101-9", "eng",
    (Name("Ada B Lovelace Jr", "Lovelace", "Ada B", "Jr", "author"),
     Name("Trial and Error Group", None, None, None, "author")),
    (("doi", "10.1000/x_(1)%2"), ("nct", "NCT00000101"), ("pmcid", "PMC101"), ("pmid", "101")),
)  # fmt: skip


def test_ris_reads_back_with_every_identifier():
    (document,) = iter_documents(BytesIO(ris(ENTRY).encode()), "references.ris")
    assert (document.title, document.journal, document.published.year) == (ENTRY.title, ENTRY.journal, 2020)
    assert {s: document.identifier(s) for s in ("pmid", "pmcid")} == {"pmid": "101", "pmcid": "PMC101"}
    assert document.identifier("doi") == "10.1000/x_(1)%2"
    assert [p.name for p in document.people] == ["Ada B Lovelace Jr", "Trial and Error Group"]
    assert document.pages == "101-9"
    assert "N1  - nct: NCT00000101" in ris(ENTRY)


@given(TEXT)
def test_no_title_can_break_a_ris_record(title):
    text = ris(Entry("x", "article", f"A {title}", people=(Name(f"B, {title}", f"B{title}", None, None, "author"),)))
    (document,) = iter_documents(BytesIO(text.encode()), "references.ris")
    assert document.title == " ".join("".join(c if c.isprintable() else " " for c in f"A {title}").split())


def test_bibtex_is_escaped_where_tex_would_act():
    text = bibtex(ENTRY)
    assert r"title = {{Cells \& scores: 50\% of \{all\} in \$A\_1\$}}" in text
    assert "author = {Lovelace, Jr, Ada B and {Trial and Error Group}}" in text
    assert "doi = {10.1000/x_(1)%2}" in text
    assert "pages = {101--9}" in text
    assert "note = {nct NCT00000101}" in text


@given(TEXT)
def test_no_title_can_break_a_bibtex_entry(title):
    text = bibtex(Entry("x", "article", title, note=title, identifiers=(("doi", f"10.1/{title}"),)))
    bare = text.replace(r"\{", "").replace(r"\}", "")
    depth = np.cumsum([(c == "{") - (c == "}") for c in bare])
    assert depth.min() >= 0
    assert depth[-1] == 0
    assert np.flatnonzero(depth == 0)[-1] - bare.rindex("}") <= 1


def test_references_name_every_paper_once(evidence_db, rows, tmp_path):
    with closing(open_database(evidence_db)) as db:
        write(tmp_path, entries_of(db))
    papers = rows(evidence_db, "select id from studies where pmid is not null or doi is not null")
    read = list(iter_documents(BytesIO((tmp_path / "references.ris").read_bytes()), "references.ris"))
    assert len(read) == len(papers)
    assert all(document.identifiers for document in read)
    assert (tmp_path / "references.bib").read_text().count("@article{") == len(papers)


def test_those_who_did_not_write_are_no_authors(demo):
    with closing(open_database(demo)) as db:
        payload = db.execute("select sha256 from payloads").fetchone()[0]
        db.execute("insert into documents (id, source, kind, title, payload, content_sha256) values "
                   "('pmid-101', 'pubmed-xml', 'article', 'Invented', ?, '')", [payload])  # fmt: skip
        for position, (name, role) in enumerate([("Lovelace", "author"), ("Hopper", "investigator")]):
            db.execute("insert into people (id, key, name) values (?, ?, ?)", [position, name, name])
            db.execute("insert into authorships values ('pmid-101', ?, ?, ?, 1, '')", [position, position, role])
        (entry,) = [e for e in entries_of(db) if e.id == "pmid-101"]
    assert [person.whole for person in entry.people] == ["Lovelace"]


def test_a_year_that_the_source_lacks_is_the_study_s(seed_db):
    with closing(open_database(seed_db)) as db:
        (entry,) = [e for e in entries_of(db) if e.id == "pmid-38206544"]
    assert entry.year == 2024
