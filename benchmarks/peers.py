"""What `bulk.py` measures us beside, each from .xml.gz to a database with indexes and full-text search.

pubmed_parser -> sqlite-utils as its users would write it; Debian's xtract with all the fields that we read, as far as it
can name them, and with the few that many need, its lines into tables by executemany. Each is one process:

    python benchmarks/peers.py NAME DB FILE...
"""

# ruff: noqa: E501 - tables and commands of other programs
import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

#: Child table -> its key in what pubmed_parser gives.
LISTS = {"mesh_headings": "mesh_terms", "keywords": "keywords", "publication_types": "publication_types"}


# --- pubmed_parser -> sqlite-utils ----------------------------------------------------------------------------------


def parsed(path: Path) -> list[dict]:
    import pubmed_parser

    return list(pubmed_parser.parse_medline_xml(str(path), author_list=True, reference_list=True))


def with_pubmed_parser(place: Path, paths: list[Path], *, processes: int = 1, upsert: bool = False) -> None:
    """Its dictionaries into four kinds of tables, file by file while other files are parsed; then indexes and search."""
    from sqlite_utils import Database

    with (
        closing(Database(str(place))) as db,
        multiprocessing.Pool(processes) if processes > 1 else nullcontext() as pool,
    ):
        for records in pool.imap(parsed, paths) if pool else map(parsed, paths):
            into_tables(db, records, upsert=upsert)
        if not upsert:
            for table in ("authors", "references_text", *LISTS):
                db.table(table).create_index(["pmid"])
            db.table("articles").create_index(["doi"])
            db.table("articles").create_index(["pubdate"])
            db.table("articles").enable_fts(["title", "abstract"], create_triggers=True, tokenize="porter")


def into_tables(db, records: list[dict], *, upsert: bool) -> None:
    lists = (*LISTS.values(), "authors", "references")
    plain = ({k: v for k, v in one.items() if k not in lists} for one in records if not one["delete"])
    write(db, "articles", plain, "pmid", upsert=upsert)
    write(db, "authors", children(records, "authors"), ("pmid", "position"), upsert=upsert)
    write(db, "references_text", children(records, "references"), ("pmid", "position"), upsert=upsert)
    for table, key in LISTS.items():
        write(db, table, words(records, key), ("pmid", "position"), upsert=upsert)


def write(db, table: str, rows: Iterator[dict], key, *, upsert: bool) -> None:
    (db.table(table).upsert_all if upsert else db.table(table).insert_all)(rows, pk=key)


def children(records: list[dict], key: str) -> Iterator[dict]:
    for one in records:
        for position, row in enumerate(one.get(key) or ()):
            yield {**row, "pmid": one["pmid"], "position": position}


def words(records: list[dict], key: str) -> Iterator[dict]:
    for one in records:
        for position, word in enumerate((one.get(key) or "").split("; ")):
            yield {"pmid": one["pmid"], "position": position, "text": word}


# --- xtract -> import -----------------------------------------------------------------------------------------------

#: Kind of line -> its table: how xtract finds the items in a record, and the columns that it gives of each.
BLOCKS = {
    "S": ("sections", "Abstract/AbstractText", {"label": "AbstractText@Label", "text": "AbstractText"}),
    "O": ("other_abstracts", "OtherAbstract", {"language": "OtherAbstract@Language", "text": "AbstractText"}),
    "A": ("authors", "AuthorList/Author", {
        "last_name": "LastName", "fore_name": "ForeName", "initials": "Initials", "suffix": "Suffix", "collective": "CollectiveName",
        "orcid": "Identifier", "affiliations": "Affiliation",
    }),
    "V": ("investigators", "Investigator", {"last_name": "LastName", "fore_name": "ForeName", "initials": "Initials"}),
    "M": ("mesh_headings", "MeshHeading", {
        "descriptor_ui": "DescriptorName@UI", "descriptor": "DescriptorName", "major": "DescriptorName@MajorTopicYN",
        "qualifier_uis": "QualifierName@UI", "qualifiers": "QualifierName", "qualifiers_major": "QualifierName@MajorTopicYN",
    }),
    "K": ("keywords", "Keyword", {"text": "Keyword", "major": "Keyword@MajorTopicYN"}),
    "T": ("publication_types", "PublicationType", {"ui": "PublicationType@UI", "text": "PublicationType"}),
    "G": ("grants", "Grant", {"number": "GrantID", "acronym": "Acronym", "agency": "Agency", "country": "Country"}),
    "D": ("registrations", "DataBank", {"registry": "DataBankName", "accessions": "AccessionNumber"}),
    "N": ("notices", "CommentsCorrections", {"ref_type": "CommentsCorrections@RefType", "text": "RefSource", "other": "PMID", "note": "Note"}),
    "I": ("identifiers", "PubmedData/ArticleIdList/ArticleId", {"scheme": "ArticleId@IdType", "value": "ArticleId"}),
    "C": ("references_text", "PubmedData/ReferenceList/Reference", {"text": "Citation", "schemes": "ArticleId@IdType", "ids": "ArticleId"}),
}  # fmt: skip
#: Column of the record itself -> where it stands. The first is the PMID, which every line of a block begins with.
RECORD = {
    "pmid": "&PMID", "version": "MedlineCitation/PMID@Version", "status": "MedlineCitation@Status", "title": "ArticleTitle",
    "vernacular_title": "VernacularTitle", "journal": "Journal/Title", "iso": "ISOAbbreviation", "issn": "Journal/ISSN", "volume": "Volume",
    "issue": "Issue", "pages": "MedlinePgn", "year": "PubDate/Year", "month": "PubDate/Month", "medline_date": "MedlineDate",
    "e_year": "ArticleDate/Year", "e_month": "ArticleDate/Month", "e_day": "ArticleDate/Day", "r_year": "DateRevised/Year",
    "r_month": "DateRevised/Month", "r_day": "DateRevised/Day", "language": "Language", "copyright": "CopyrightInformation",
    "conflict_of_interest": "CoiStatement", "complete": "AuthorList@CompleteYN",
}  # fmt: skip
#: Those of our indexes that these tables have a column for.
INDEXES = (
    "articles(year)", "articles(journal)", "articles(status)", "sections(label)", "authors(last_name)", "mesh_headings(descriptor)",
    "publication_types(ui)", "publication_types(text)", "grants(agency)", "grants(country)", "registrations(registry)",
    "registrations(accessions)", "notices(ref_type)", "identifiers(scheme, value)", "references_text(ids)", "references_text(schemes)",
)  # fmt: skip
FEW = (
    "&PMID",
    "ArticleTitle",
    "Journal/Title",
    "PubDate/Year",
    "Abstract/AbstractText",
    "Author/LastName",
    "DescriptorName",
)
PATTERN = (
    "xtract",
    "-strict",
    "-pattern",
    "PubmedArticle",
    "-PMID",
    "MedlineCitation/PMID",
    "-def",
    "-",
    "-tab",
    r"\t",
    "-sep",
    "|",
)


def with_xtract(place: Path, paths: list[Path]) -> None:
    """All fields: one line a record, one more for each item of its lists; a table a kind of line."""
    tables = {"R": ("articles", list(RECORD))}
    command = [*PATTERN, "-lbl", "R", "-element", *RECORD.values()]
    for kind, (table, block, columns) in BLOCKS.items():
        tables[kind] = (table, ["pmid", *columns])
        command += ["-block", block, "-tab", "", "-pfx", rf"\n{kind}\t", "-def", "-", "-sep", "|"]
        command += ["-element", "&PMID", "-pfx", r"\t", "-element", *columns.values()]
    with closing(sqlite3.connect(place)) as db:
        for kind, (table, columns) in tables.items():
            key = "pmid primary key" if kind == "R" else "pmid"
            first = "" if kind == "R" else "position integer, "
            last = "" if kind == "R" else ", primary key (pmid, position)"
            db.execute(f"create table {table} ({first}{', '.join([key, *columns[1:]])}{last})")
        for path in paths:
            import_lines(db, tables, lines_of(path, command))
            db.commit()
        index(db, INDEXES, {"articles": "title, journal", "sections": "text"})


def import_lines(db: sqlite3.Connection, tables: dict[str, tuple[str, list[str]]], lines: Iterable[str]) -> None:
    rows: dict[str, list[list]] = {kind: [] for kind in tables}
    position = 0
    for line in lines:
        kind, *row = line.rstrip("\n").rstrip("\t").split("\t")
        wide = len(tables[kind][1])
        # a field that holds a tabulator cannot be told from two
        row = [None if one == "-" else one for one in row[:wide]] + [None] * (wide - len(row))
        position = 0 if kind == "R" else position + 1
        rows[kind].append(row if kind == "R" else [position, *row])
    for kind, (table, columns) in tables.items():
        marks = ", ".join("?" * (len(columns) + (kind != "R")))
        db.executemany(f"insert or ignore into {table} values ({marks})", rows[kind])


def with_xtract_few(place: Path, paths: list[Path]) -> None:
    """Seven fields, one table."""
    with closing(sqlite3.connect(place)) as db:
        db.execute("create table articles (pmid primary key, title, journal, year, abstract, authors, mesh)")
        for path in paths:
            rows = (line.rstrip("\n").split("\t") for line in lines_of(path, [*PATTERN, "-element", *FEW]))
            db.executemany(
                "insert or ignore into articles values (?, ?, ?, ?, ?, ?, ?)",
                (row[: len(FEW)] for row in rows if len(row) >= len(FEW)),
            )
            db.commit()
        index(db, ("articles(year)", "articles(journal)"), {"articles": "title, abstract"})


def lines_of(path: Path, command: list[str]) -> Iterator[str]:
    with (
        subprocess.Popen(["gzip", "-dc", path], stdout=subprocess.PIPE) as plain,
        subprocess.Popen(command, stdin=plain.stdout, stdout=subprocess.PIPE, text=True) as made,
    ):
        yield from made.stdout or ()


def index(db: sqlite3.Connection, indexes: Iterable[str], searched: dict[str, str]) -> None:
    for number, columns in enumerate(indexes):
        db.execute(f"create index found_{number} on {columns}")
    for table, columns in searched.items():
        db.execute(f"create virtual table {table}_fts using fts5({columns}, content={table}, tokenize=porter)")
        db.execute(f"insert into {table}_fts({table}_fts) values ('rebuild')")
    db.commit()


UPSERT = "pubmed_parser -> sqlite-utils upsert"
RUNS: dict[str, Callable[[Path, list[Path]], None]] = {
    "pubmed_parser -> sqlite-utils": with_pubmed_parser,
    "the same, two processes": lambda place, paths: with_pubmed_parser(place, paths, processes=2),
    "xtract, our fields -> import": with_xtract,
    "xtract, seven fields -> import": with_xtract_few,
    UPSERT: lambda place, paths: with_pubmed_parser(place, paths, upsert=True),
}


def main() -> None:
    name, place, *paths = sys.argv[1:]
    RUNS[name](Path(place), [Path(path) for path in paths])


if __name__ == "__main__":
    main()
