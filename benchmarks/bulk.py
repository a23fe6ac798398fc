"""Bulk files into a database: ours beside pubmed_parser -> sqlite-utils and xtract -> import, in one run, alternating.

    python benchmarks/bulk.py [--records 60000] [--rounds 3] [--to 100000]

Whole processes: wall time, processor time of all their processes, peak memory of all of them together. On a machine that
others use too, the processor time is what repeats. Everybody starts from the same .xml.gz files and ends with a file
that has indexes and full-text search. Inputs are made where they are missing (build/benchmark).
"""

# ruff: noqa: E501 - tables and commands of other programs
import argparse
import gzip
import multiprocessing
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generate import generate

FOLDER = Path("build/benchmark")
LATER = "2026-01-01"
#: What xtract gives of a record.
COLUMNS = 19
#: Child table -> its key in what pubmed_parser gives.
LISTS = {"mesh_headings": "mesh_terms", "keywords": "keywords", "publication_types": "publication_types"}
#: The same fields for xtract: one line a record, lists with a separator of their own.
XTRACT = (
    "xtract", "-strict", "-pattern", "PubmedArticle", "-tab", "\\t", "-sep", "|", "-def", "-", "-element", "MedlineCitation/PMID",
    "ArticleTitle", "Journal/Title", "ISOAbbreviation", "-first", "PubDate/Year", "-element", "Volume", "Issue",
    "MedlinePgn", "Language", "-element", "Abstract/AbstractText", "PubmedData/ArticleIdList/ArticleId",
    "Author/LastName", "Author/ForeName", "Affiliation", "DescriptorName@UI", "Keyword", "PublicationType@UI",
    "Citation", "Reference/ArticleIdList/ArticleId",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """One whole run: seconds on the clock, seconds of processors, MB at the highest."""

    wall: float
    cpu: float
    peak: float


# --- what is measured: each is one process, `python benchmarks/bulk.py NAME DB FILE...` -----------------------------


def ours(place: Path, paths: list[Path]) -> None:
    from kb.stages import loading
    from kb.store.connection import create_database

    with closing(create_database(place)) as db:
        loaded = loading.load(db, paths)
    if loaded.failed:
        raise SystemExit(str(loaded.failed))


def parsed(path: Path) -> list[dict]:
    import pubmed_parser

    return list(pubmed_parser.parse_medline_xml(str(path), author_list=True, reference_list=True))


def peer(place: Path, paths: list[Path], *, processes: int = 1, upsert: bool = False) -> None:
    """pubmed_parser, its dictionaries into four kinds of tables by sqlite-utils, then indexes and full-text search."""
    from sqlite_utils import Database

    db = Database(str(place))
    with multiprocessing.Pool(processes) if processes > 1 else closing(sys.stdin) as pool:
        for records in pool.imap(parsed, paths) if processes > 1 else map(parsed, paths):
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


def xtract(place: Path, paths: list[Path]) -> None:
    """Debian's xtract, its lines parted into the same tables, inserted by executemany, indexes and search after."""
    db = sqlite3.connect(place)
    db.execute(
        "create table articles (pmid primary key, title, journal, iso, year, volume, issue, pages, language, abstract)"
    )
    lists = ("ids", "last", "fore", "places", "mesh", "keywords", "types", "citations", "cited")
    for table in lists:
        db.execute(f"create table {table} (pmid, position, text, primary key (pmid, position)) without rowid")
    for path in paths:
        with (
            subprocess.Popen(["gzip", "-dc", path], stdout=subprocess.PIPE) as plain,
            subprocess.Popen(XTRACT, stdin=plain.stdout, stdout=subprocess.PIPE, text=True) as made,
        ):
            rows = [row for line in made.stdout if len(row := line.rstrip("\n").split("\t")) == COLUMNS]
        db.executemany("insert or ignore into articles values (?,?,?,?,?,?,?,?,?,?)", (row[:10] for row in rows))
        for place_, table in enumerate(lists, 10):
            db.executemany(
                f"insert or ignore into {table} values (?, ?, ?)",
                ((row[0], i, word) for row in rows for i, word in enumerate(row[place_].split("|"))),
            )
        db.commit()
    for column in ("year", "journal"):
        db.execute(f"create index articles_{column} on articles({column})")
    db.execute("create virtual table found using fts5(title, abstract, content=articles, tokenize=porter)")
    db.execute("insert into found(found) values ('rebuild')")
    db.commit()


RUNS: dict[str, Callable[[Path, list[Path]], None]] = {
    "ours": ours,
    "pubmed_parser -> sqlite-utils": peer,
    "the same, two processes": lambda place, paths: peer(place, paths, processes=2),
    "xtract -> import": xtract,
    "pubmed_parser -> sqlite-utils upsert": lambda place, paths: peer(place, paths, upsert=True),
}


# --- how it is measured ---------------------------------------------------------------------------------------------


def measured(name: str, place: Path, paths: list[Path]) -> Cost:
    began, peak = time.perf_counter(), 0.0
    child = subprocess.Popen([sys.executable, __file__, "--run", name, str(place), *map(str, paths)])
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, memory(child.pid))
        time.sleep(0.1)
    child.returncode = status
    if status:
        raise SystemExit(f"{name} failed")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss / 1024))


def memory(pid: int) -> float:
    """MB of a process and all below it, shared pages in each counted once a process (Linux; elsewhere 0)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    own = next((float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)
    return own + sum(memory(int(one)) for one in below)


def fresh(name: str) -> Path:
    place = FOLDER / f"{name.replace(' ', '-').replace('>', '')}.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{place}{end}").unlink(missing_ok=True)
    return place


def table(title: str, found: dict[str, list[Cost]], records: int) -> None:
    print(f"\n{title}: {records:,} records, median of {len(next(iter(found.values())))} (min-max)")
    print(f"  {'':<38}{'records/s':>22}{'CPU us a record':>24}{'peak MB':>9}{'ours, wall':>12}{'ours, CPU':>11}")
    base = found["ours"]
    for name, costs in found.items():
        rate, used = [records / one.wall for one in costs], [1e6 * one.cpu / records for one in costs]
        wall = statistics.median(one.wall / own.wall for one, own in zip(costs, base, strict=True))
        cpu = statistics.median(one.cpu / own.cpu for one, own in zip(costs, base, strict=True))
        print(
            f"  {name:<38}{spread(rate):>22}{spread(used):>24}{statistics.median(one.peak for one in costs):>9.0f}"
            f"{wall:>11.2f}x{cpu:>10.2f}x"
        )


def spread(found: list[float]) -> str:
    return f"{statistics.median(found):,.0f} ({min(found):,.0f}-{max(found):,.0f})"


def loads(records: int, rounds: int) -> None:
    paths = generate(FOLDER, records, 2)
    names = [name for name in RUNS if "upsert" not in name and (name != "xtract -> import" or shutil.which("xtract"))]
    if not shutil.which("xtract"):
        print("xtract is not installed (Debian: ncbi-entrez-direct)")
    found: dict[str, list[Cost]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(measured(name, fresh(name), paths))
            print(f"  {name}: {found[name][-1]}", file=sys.stderr, flush=True)
    table("From .xml.gz to an indexed, searchable database", found, records)


def reloads(records: int, rounds: int) -> None:
    """After the loads: the same files again, and the same records with another date of revision."""
    same, touched = generate(FOLDER, records, 2), generate(FOLDER, records, 2, revised=LATER)
    place, other = fresh("ours").with_name("ours-again.db"), FOLDER / "pubmed_parser---sqlite-utils.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{place}{end}").unlink(missing_ok=True)
    measured("ours", place, same)
    found: dict[str, list[Cost]] = {"ours": [], "ours, other bytes": [], "pubmed_parser -> sqlite-utils upsert": []}
    for number in range(rounds):
        found["ours"].append(measured("ours", place, same))
        # bytes that were not seen yet, or the file itself would be skipped
        again = [path.with_name(f"{number}-{path.name}") for path in touched]
        for path, copy in zip(touched, again, strict=True):
            # an empty member of gzip behind the others: another file, the same records
            copy.write_bytes(path.read_bytes() + gzip.compress(b"", mtime=number))
        found["ours, other bytes"].append(measured("ours", place, again))
        found["pubmed_parser -> sqlite-utils upsert"].append(
            measured("pubmed_parser -> sqlite-utils upsert", other, same)
        )
        for copy in again:
            copy.unlink()
    table("Nothing has changed", found, records)


def line(to: int) -> None:
    print("\nCost by size: CPU microseconds a record, records/s, peak MB")
    for records in [size for size in (10_000, 30_000, 100_000, 300_000, 1_000_000) if size <= to]:
        paths = generate(FOLDER, records, -(-records // 30_000))
        cost = measured("ours", fresh("ours by size"), paths)
        print(f"  {records:>9,}{1e6 * cost.cpu / records:>10.0f}{records / cost.wall:>10.0f}{cost.peak:>8.0f}")


def versions() -> None:
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for package in ("evidence-kb", "lxml", "sqlite-utils", "pubmed_parser"):
        try:
            print(f"  {package} {version(package)}")
        except PackageNotFoundError:
            print(f"  {package} is not installed")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=int, default=100_000)
    parser.add_argument("--run", nargs="+")
    chosen = parser.parse_args()
    if chosen.run:
        name, place, *paths = chosen.run
        RUNS[name](Path(place), [Path(path) for path in paths])
        return
    versions()
    loads(chosen.records, chosen.rounds)
    reloads(chosen.records, chosen.rounds)
    line(chosen.to)


if __name__ == "__main__":
    main()
