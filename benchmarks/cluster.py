"""bulk on one worker process and on two: whole-process wall times, alternating, and what a killed worker changes.

    python benchmarks/cluster.py [--records 16000] [--files 8] [--runs 3]

Needs the extra [cluster]. Inputs are made by generate.py from a seed.
"""

import argparse
import hashlib
import platform
import shutil
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import psutil
from generate import generate

QUERIES = {
    "documents by year": "select year, count(*) from '{}/documents/*.parquet' group by year",
    "author × MeSH": "select name, descriptor, count(*) as n from '{0}/people/*.parquet' join "
    "'{0}/mesh_headings/*.parquet' using (document) group by all order by n desc limit 20",
    "figures by outcome": "select outcome, kind, count(*) from '{}/figures/*.parquet' group by all",
}


def started(sources: list[Path], root: Path, workers: int) -> psutil.Popen:
    shutil.rmtree(root, ignore_errors=True)
    code = "from kb.cli import main; main()"
    command = [sys.executable, "-P", "-c", code, "bulk", *map(str, sources), str(root), "--workers", str(workers)]
    return psutil.Popen(command, stderr=subprocess.PIPE)


def measured(sources: list[Path], root: Path, workers: int) -> tuple[float, int]:
    """Wall seconds, and the most bytes that any one process held."""
    began, peak = time.monotonic(), 0
    process = started(sources, root, workers)
    while process.poll() is None:
        peak = max([peak, *(memory(one) for one in family(process))])
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode())
    return time.monotonic() - began, peak


def family(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def killed(sources: list[Path], root: Path) -> int:
    """Kill one worker once two files are finished; returns its process id."""
    process = started(sources, root, 2)
    while len(list(root.glob("files/*.json"))) < 2:
        time.sleep(0.05)
    workers = [one for one in family(process) if "spawn_main" in " ".join(one.cmdline())]
    victim = max(workers, key=lambda one: sum(one.cpu_times()[:2]))
    victim.kill()
    process.wait()
    if process.returncode:
        raise SystemExit(process.stderr.read().decode())
    return victim.pid


def contents(root: Path) -> str:
    """A hash of all rows that stand."""
    digest = hashlib.sha256()
    with duckdb.connect() as db:
        for folder in sorted(path for path in root.iterdir() if next(path.glob("*.parquet"), None)):
            for row in db.execute(f"select * from '{folder}/*.parquet' order by all").fetchall():
                digest.update(repr(row).encode())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=16_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with TemporaryDirectory() as scratch:
        sources, root = generate(Path(scratch) / "xml", chosen.records, chosen.files), Path(scratch) / "out"
        walls: dict[int, list[float]] = {1: [], 2: []}
        peaks = {1: 0, 2: 0}
        for _ in range(chosen.runs):
            for workers, found in walls.items():
                wall, peak = measured(sources, root, workers)
                found.append(wall)
                peaks[workers] = max(peaks[workers], peak)
        say(walls, peaks, chosen.records)
        calm = contents(root)
        for name, query in QUERIES.items():
            with duckdb.connect() as db:
                began = time.monotonic()
                db.execute(query.format(root)).fetchall()
                print(f"{name}: {1000 * (time.monotonic() - began):.0f} ms")
        process = killed(sources, root)
        same = "the same rows" if contents(root) == calm else "OTHER ROWS"
        print(f"worker {process} killed at work: {same}, sha256 {calm[:16]}")


def say(walls: dict[int, list[float]], peaks: dict[int, int], records: int) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("dask", "distributed", "pyarrow", "duckdb"))
    print(f"Python {platform.python_version()}, {versions}; {records} records")
    print("| workers | wall s, median (all) | records/s | speed-up | peak MB of a process |")
    print("|---|---|---|---|---|")
    one = statistics.median(walls[1])
    for workers, found in walls.items():
        middle = statistics.median(found)
        each = ", ".join(f"{wall:.1f}" for wall in found)
        rate, times = records / middle, one / middle
        print(f"| {workers} | {middle:.1f} ({each}) | {rate:.0f} | {times:.2f} | {peaks[workers] >> 20} |")


if __name__ == "__main__":
    main()
