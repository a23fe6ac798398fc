"""The tables of a folder of Parquet: columns, types and words, and one source file's rows on their way into it.

Names and meaning of columns are those of the database. Every table has `record`: the place of the record in its source
file, counted from 0, so that a record's rows can be told from those of an earlier copy in the same file.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile, ParquetWriter

#: Records in one row group: bounds memory, and what is unpacked to take one record out (about 10 MB of XML).
GROUP = 1000
#: Changes whenever the same file would give other columns or rows: a folder made before is made anew.
FORMAT = 1

_TEXT, _INT, _SMALL, _REAL, _YES = pa.string(), pa.int32(), pa.int16(), pa.float64(), pa.bool_()
_TEXTS = pa.list_(pa.field("item", _TEXT, nullable=False))

Columns = tuple[tuple[str, pa.DataType, str], ...]
_RECORD = ("record", _INT, "place of the record in its source file, from 0")
_DOCUMENT = ("document", _TEXT, "documents.id")
_POSITION = ("position", _INT, "order within the document, from 0")

COLUMNS: dict[str, Columns] = {
    "documents": (
        ("id", _TEXT, "pmid-38206544: the document in every other table, and in the database"),
        _RECORD,
        ("file", _TEXT, "name of the source file"),
        ("kind", _TEXT, "article or book"),
        ("pmid", _TEXT, "PubMed's number"),
        ("version", _SMALL, "PubMed's version of the record"),
        ("doi", _TEXT, "as printed, without resolver"),
        ("pmcid", _TEXT, "number in PMC"),
        ("title", _TEXT, "verbatim, markup removed"),
        ("vernacular_title", _TEXT, "title in the article's own language"),
        ("year", _SMALL, "of the issue, else of the electronic version"),
        ("published", _TEXT, "date of the issue as printed"),
        ("electronic", _TEXT, "date of the electronic version as printed"),
        ("revised", _TEXT, "when PubMed last revised the record"),
        ("journal", _TEXT, "title of the journal"),
        ("volume", _TEXT, "as printed"),
        ("issue", _TEXT, "as printed"),
        ("pages", _TEXT, "as printed"),
        ("language", _TEXT, "codes, with commas between"),
        ("status", _TEXT, "MEDLINE, PubMed-not-MEDLINE, Publisher, …"),
        ("publication_types", _TEXTS, "as PubMed names them"),
        ("keywords", _TEXTS, "of authors and indexers"),
        ("registrations", _TEXTS, "trial numbers, stated or found in the text"),
        ("retracted", _YES, "a retracted publication, or one with a retraction notice"),
        ("content_sha256", _TEXT, "of what the record says, white space and date of revision aside"),
    ),
    "sections": (
        ("id", _TEXT, "document, position and the first 12 digits of the hash"),
        _DOCUMENT,
        _RECORD,
        _POSITION,
        ("kind", _TEXT, "title, abstract, or other (another language's abstract)"),
        ("label", _TEXT, "heading as printed"),
        ("text", _TEXT, "verbatim, markup removed: figures are places in it"),
        ("language", _TEXT, "where it is stated"),
        ("sha256", _TEXT, "of label and text"),
    ),
    "figures": (
        ("id", _TEXT, "the same as in the database"),
        ("section", _TEXT, "sections.id"),
        _DOCUMENT,
        _RECORD,
        ("start", _INT, "first character of the quote in the section's text, from 0"),
        ("end", _INT, "one past its last character"),
        ("quote", _TEXT, "text[start:end], verbatim"),
        ("outcome", _TEXT, "name of the outcome, where it could be bound"),
        ("kind", _TEXT, "mean, median, proportion, change or effect"),
        ("arm", _TEXT, "group as the text names it"),
        ("timepoint", _TEXT, "baseline, or 5 year"),
        ("months", _REAL, "months since baseline"),
        ("value", _REAL, "as printed"),
        ("unit", _TEXT, "as printed"),
        ("sd", _REAL, "standard deviation"),
        ("se", _REAL, "standard error"),
        ("iqr_low", _REAL, "first quartile"),
        ("iqr_high", _REAL, "third quartile"),
        ("range_low", _REAL, "lowest"),
        ("range_high", _REAL, "highest"),
        ("ci_low", _REAL, "lower end of the interval"),
        ("ci_high", _REAL, "upper end of the interval"),
        ("ci_level", _REAL, "percent"),
        ("n", pa.int64(), "patients in the denominator"),
        ("events", pa.int64(), "patients with the event"),
        ("percent", _REAL, "as printed"),
        ("p_op", _TEXT, "<, = or >"),
        ("p_value", _REAL, "as printed"),
        ("effect_measure", _TEXT, "HR, OR, MD, …"),
        ("confidence", _REAL, "of the reader, 0 to 1"),
        ("unbound", _TEXT, "what could not be bound, and why"),
    ),
    "people": (
        _DOCUMENT,
        _RECORD,
        _POSITION,
        ("role", _TEXT, "author, editor or investigator"),
        ("name", _TEXT, "as printed, or the group's name"),
        ("last_name", _TEXT, "family name"),
        ("fore_name", _TEXT, "given names"),
        ("initials", _TEXT, "of the given names"),
        ("suffix", _TEXT, "Jr, 3rd, …"),
        ("orcid", _TEXT, "sixteen digits"),
        ("collective", _YES, "a group, not a person"),
        ("valid", _YES, "false: PubMed corrected the name"),
        ("affiliations", _TEXTS, "as printed"),
    ),
    "mesh_headings": (
        _DOCUMENT,
        _RECORD,
        _POSITION,
        ("descriptor", _TEXT, "the heading"),
        ("descriptor_ui", _TEXT, "its number"),
        ("qualifier", _TEXT, "one subheading a row"),
        ("qualifier_ui", _TEXT, "its number"),
        ("major", _YES, "a main subject of the article"),
    ),
    "identifiers": (
        _DOCUMENT,
        _RECORD,
        ("scheme", _TEXT, "pmid, doi, pmcid, pii, …"),
        ("value", _TEXT, "as printed"),
    ),
    "links": (
        ("from_document", _TEXT, "documents.id of the one that cites"),
        _RECORD,
        ("to_document", _TEXT, "documents.id of the cited one; it may be in no file"),
        ("kind", _TEXT, "cites"),
        ("source", _TEXT, "reference-list"),
    ),
    "records": (
        _DOCUMENT,
        _RECORD,
        ("xml", pa.binary(), "the record as it stands in the file: load makes a database's rows of it"),
    ),
    "deletions": (
        ("pmid", _TEXT, "a number that this file deletes (DeleteCitation)"),
        ("record", _INT, "how many records of the file came before"),
    ),
}  # fmt: skip

#: Columns without which a row says nothing.
_NEVER_NULL = {
    "id",
    "document",
    "from_document",
    "to_document",
    "record",
    "kind",
    "quote",
    "start",
    "end",
    "xml",
    "text",
}

#: The tables of what a record says; deletions are about other records.
OF_RECORDS = tuple(name for name in COLUMNS if name != "deletions")

SCHEMAS: dict[str, pa.Schema] = {
    table: pa.schema([
        pa.field(name, kind, name not in _NEVER_NULL, {"words": words}) for name, kind, words in columns
    ])
    for table, columns in COLUMNS.items()
}  # fmt: skip

Row = Mapping[str, Any]


def words() -> list[tuple[str, str, str, str]]:
    """Table, column, type and words of every column: the data dictionary."""
    return [(table, name, str(kind), said) for table, columns in COLUMNS.items() for name, kind, said in columns]


def table_of(name: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as dictionaries → an Arrow table of that name's schema; keys that are no column are left out."""
    schema, batch = SCHEMAS[name], list(rows)
    return pa.table([pa.array([row[f.name] for row in batch], f.type) for f in schema], schema=schema)


class Tables:
    """Rows of one source file, written in groups to one Parquet file a table."""

    def __init__(self, writers: Mapping[str, ParquetWriter]) -> None:
        """The writers by table."""
        self._writers = writers
        self._rows: dict[str, list[Row]] = {name: [] for name in writers}
        self.counts = dict.fromkeys(writers, 0)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows of one record; they are in the file once the group is full, or at the end."""
        self._rows[table].extend(rows)

    def flush_if_full(self) -> None:
        """Between two records: write the group once it has enough of them."""
        if len(self._rows["records"]) >= GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what was taken, the same records in one row group of every table."""
        for name, rows in self._rows.items():
            self.counts[name] += len(rows)
            if rows:
                self._writers[name].write_table(table_of(name, rows), row_group_size=len(rows))
                rows.clear()


@contextmanager
def writing(paths: Mapping[str, Path]) -> Iterator[Tables]:
    """One Parquet file a table, all of them whole when the block ends well. Raises OSError."""
    with ExitStack() as opened:
        tables = Tables({name: opened.enter_context(_writer(name, path)) for name, path in paths.items()})
        yield tables
        tables.flush()


def _writer(table: str, path: Path) -> ParquetWriter:
    return ParquetWriter(path, SCHEMAS[table], compression="zstd", write_statistics=True)


def write_kept(source: Path, target: Path, table: str, kept: pa.Array) -> None:
    """Copy the rows of a partition whose record is kept (`kept`: one boolean a record), row group by row group."""
    with ParquetFile(source) as opened, _writer(table, target) as writer:
        for group in range(opened.num_row_groups):
            rows = opened.read_row_group(group)
            writer.write_table(rows.filter(kept.take(rows["record"].combine_chunks())))


def column(path: Path, name: str) -> Iterator[Any]:
    """The values of one column of a partition, in order, a row group at a time."""
    with ParquetFile(path) as opened:
        for batch in opened.iter_batches(batch_size=GROUP, columns=[name]):
            yield from batch.column(0).to_pylist()
