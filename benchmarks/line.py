"""The cost of a bulk load by size: one `evidence-kb load` of many files, told while it grows.

    python benchmarks/line.py [--to 100000] [--every 100000]

For each stretch of records that was committed: microseconds of processors a record, records a second, and the peak
memory of all processes so far. A cost that grows with what is stored shows as stretches that become dearer. At the end
a word is looked for and a document fetched, so that the large database is seen to answer. Files of 30,000 records, as
PubMed's own.
"""

import argparse
import os
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bulk import FOLDER, LOAD, OURS, fresh, memory, versions
from generate import generate

IN_A_FILE = 30_000
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """One look at a load: seconds since it began, seconds of processors, records that are committed."""

    wall: float
    cpu: float
    records: int


def processors(pid: int) -> float:
    """Seconds of processors that a process, its children and theirs have used (Linux)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    # its own, and those of children that have ended
    return sum(map(int, stat[11:15])) / _TICKS + sum(processors(int(one)) for one in below)


def committed(db: sqlite3.Connection) -> int:
    return db.execute("select coalesce(sum(records), 0) from bulk_files").fetchone()[0]


def watched(place: Path, paths: list[Path], every: int) -> tuple[list[Sample], float]:
    """Samples of a load at each stretch of so many records, and its peak memory."""
    command = [*LOAD, str(place), *map(str, paths)]
    samples, peak, began = [Sample(0, 0, 0)], 0.0, time.perf_counter()
    last = samples[0]
    with (
        closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as db,
        subprocess.Popen(command) as child,
    ):
        while child.poll() is None:
            peak = max(peak, memory(child.pid))
            now = Sample(time.perf_counter() - began, processors(child.pid), committed(db))
            if now.records >= samples[-1].records + every:
                told(samples[-1], now, peak)
                samples.append(now)
            last = now
            time.sleep(0.2)
        if child.returncode:
            raise SystemExit("load failed")
        now = Sample(time.perf_counter() - began, last.cpu, committed(db))
    if now.records > samples[-1].records:
        told(samples[-1], now, peak)
        samples.append(now)
    return samples, peak


def told(before: Sample, now: Sample, peak: float) -> None:
    records = now.records - before.records
    used, rate = 1e6 * (now.cpu - before.cpu) / records, records / (now.wall - before.wall)
    print(f"  {now.records:>11,}{used:>16.0f}{rate:>16.0f}{peak:>12.0f}", flush=True)


def asked(place: Path) -> None:
    """Seconds that the database takes for one word and for one document."""
    with closing(sqlite3.connect(place)) as db:
        title = db.execute("select title from documents where pmid = (select max(pmid) from documents)").fetchone()[0]
        word = max(title.split(), key=len).strip(".")
        for what, sql, value in (
            ("a word of a title", "select count(*) from documents_fts where documents_fts match ?", f'"{word}"'),
            ("a document by its PMID", "select count(*) from documents where pmid = ?", "90000001"),
        ):
            began = time.perf_counter()
            found = db.execute(sql, [value]).fetchone()[0]
            print(f"  {what}: {found:,} found in {1000 * (time.perf_counter() - began):.1f} ms")
    print(f"  {place.stat().st_size / 2**30:.1f} GB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=0, help="records in a stretch (a tenth of all, if not said)")
    chosen = parser.parse_args()
    versions()
    paths = generate(FOLDER, chosen.to, -(-chosen.to // IN_A_FILE))
    print(f"\n  {'records':>11}{'CPU us/record':>16}{'records/s':>16}{'peak MB':>12}   (of each stretch)")
    place = fresh(f"{OURS} by size")
    samples, _ = watched(place, paths, chosen.every or chosen.to // 10)
    whole = samples[-1]
    print(f"  all: {1e6 * whole.cpu / whole.records:.0f} us of processors a record, {whole.records / whole.wall:.0f}/s")
    asked(place)


if __name__ == "__main__":
    main()
