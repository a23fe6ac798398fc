"""Bulk files into a database: ours beside pubmed_parser -> sqlite-utils and xtract -> import, in one run, alternating.

    python benchmarks/bulk.py [--records 60000] [--files 6] [--rounds 3] [--again 10000]

Whole processes: wall time, processor time of all their processes, peak memory of all of them together. Ours is the
command itself, `evidence-kb load`, with its start-up, on an empty database. Everybody starts from the same .xml.gz
files, so many that whoever has two processes can write one file while another is parsed, and ends with a file that has
indexes and full-text search. A first round that does not count compiles everybody's modules. Inputs are made where they
are missing and kept (build/benchmark).
"""

import argparse
import gzip
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generate import generate
from peers import RUNS, UPSERT, with_pubmed_parser

from kb.store.connection import create_database

FOLDER = Path("build/benchmark")
LATER = "2026-01-01"
OURS = "ours"
#: The command; -P, so that an installed build is measured and not the sources beside us.
LOAD = [sys.executable, "-P", "-c", "from kb.cli import main; main()", "load"]
#: Whoever else is measured starts there, so that nobody pays for our imports.
PEERS = Path(__file__).with_name("peers.py")


@dataclass(frozen=True)
class Cost:
    """One whole run: seconds on the clock, seconds of processors, MB at the highest."""

    wall: float
    cpu: float
    peak: float


def measured(name: str, place: Path, paths: list[Path]) -> Cost:
    command = LOAD if name == OURS else [sys.executable, str(PEERS), name]
    # whoever may not keep its compiled modules compiles them in every run
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    began, peak = time.perf_counter(), 0.0
    child = subprocess.Popen([*command, str(place), *map(str, paths)], env=environment)
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, memory(child.pid))
        time.sleep(0.05)
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
    """A place for a database where there is none; ours is an empty one, as `load` wants it."""
    place = FOLDER / f"{name.replace(' ', '-').replace('>', '').replace(',', '')}.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{place}{end}").unlink(missing_ok=True)
    if name.startswith(OURS):
        create_database(place).close()
    return place


def table(title: str, found: dict[str, list[Cost]], records: int) -> None:
    rounds = len(found[OURS])
    print(f"\n{title}: {records:,} records, {rounds} rounds, median (min-max)")
    print(
        f"  {'':<38}{'records/s':>24}{'CPU us/record':>24}{'peak MB':>9}{'its wall / ours':>20}{'its CPU / ours':>20}"
    )
    for name, costs in found.items():
        rate, used = [records / one.wall for one in costs], [1e6 * one.cpu / records for one in costs]
        pairs = list(zip(costs, found[OURS], strict=True))
        wall, cpu = [one.wall / own.wall for one, own in pairs], [one.cpu / own.cpu for one, own in pairs]
        print(
            f"  {name:<38}{spread(rate):>24}{spread(used):>24}{max(one.peak for one in costs):>9.0f}"
            f"{spread(wall, 2):>20}{spread(cpu, 2):>20}",
            flush=True,
        )


def spread(found: list[float], digits: int = 0) -> str:
    low, middle, high = (f"{one:,.{digits}f}" for one in (min(found), statistics.median(found), max(found)))
    return f"{middle} ({low}-{high})"


def loads(records: int, files: int, rounds: int) -> None:
    paths = generate(FOLDER, records, files)
    names = [OURS, *(name for name in RUNS if name != UPSERT and (shutil.which("xtract") or "xtract" not in name))]
    if not shutil.which("xtract"):
        print("xtract is not installed (Debian: ncbi-entrez-direct)")
    found: dict[str, list[Cost]] = {name: [] for name in names}
    for name in names:
        measured(name, fresh(name), paths[:1])
    for _ in range(rounds):
        for name in names:
            found[name].append(told(name, measured(name, fresh(name), paths)))
    table(f"From {files} .xml.gz to an indexed, searchable database", found, records)
    print(f"  of ours {start_up():.1f} s of wall time is the start of the command, whatever it loads", flush=True)


def start_up() -> float:
    """Seconds that the command takes with one record."""
    place, one = fresh("ours start"), FOLDER / "one.xml"
    one.write_text(
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    return min(measured(OURS, place, [one]).wall for _ in range(3))


def told(name: str, cost: Cost) -> Cost:
    print(
        f"  {name}: {cost.wall:.1f} s, {cost.cpu:.1f} s of processors, {cost.peak:.0f} MB", file=sys.stderr, flush=True
    )
    return cost


def reloads(records: int, files: int, rounds: int) -> None:
    """The same files again, under new bytes of the packing, and the same records with another date of revision."""
    same, touched = generate(FOLDER, records, files), generate(FOLDER, records, files, revised=LATER)
    place, other = fresh("ours again"), fresh("pubmed_parser again")
    measured(OURS, place, same)
    with_pubmed_parser(other, same)
    found: dict[str, list[Cost]] = {OURS: [], "ours, other bytes": [], UPSERT: []}
    for number in range(rounds):
        found[OURS].append(told(OURS, measured(OURS, place, same)))
        # bytes that were not seen yet, or the file itself would be skipped
        again = [path.with_name(f"{number}-{path.name}") for path in touched]
        for path, copy in zip(touched, again, strict=True):
            # an empty member of gzip behind the others: another file, the same records
            copy.write_bytes(path.read_bytes() + gzip.compress(b"", mtime=number))
        found["ours, other bytes"].append(told("ours, other bytes", measured(OURS, place, again)))
        found[UPSERT].append(told(UPSERT, measured(UPSERT, other, same)))
        for copy in again:
            copy.unlink()
    table("Nothing has changed (ours: the same bytes; other bytes: another DateRevised in each record)", found, records)


def versions() -> None:
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, {load_average()}"
    )
    for package in ("evidence-kb", "lxml", "sqlite-utils", "pubmed_parser"):
        try:
            print(f"  {package} {version(package)}")
        except PackageNotFoundError:
            print(f"  {package} is not installed")
    if shutil.which("xtract"):
        found = subprocess.run(["xtract", "-version"], capture_output=True, text=True, check=False)
        print(f"  xtract {found.stdout.strip()}", flush=True)


def load_average() -> str:
    return f"load average {os.getloadavg()[0]:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--files", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--again", type=int, default=10_000, help="records that are loaded again unchanged")
    chosen = parser.parse_args()
    versions()
    loads(chosen.records, chosen.files, chosen.rounds)
    reloads(chosen.again, 2, chosen.rounds)
    print(f"\nAt the end: {load_average()}")


if __name__ == "__main__":
    main()
