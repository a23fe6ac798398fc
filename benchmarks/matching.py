"""Printed references to the documents that they mean: time each, recall, and matches that are wrong.

    python benchmarks/matching.py [--documents 100000] [--references 1000] [DB]

The database is filled with invented records. References are printed from them with light noise: a misprint or two in
the title, the journal abbreviated, authors left out, now and then no year; a fifth mean works that are not there, half
of these differing from a stored one in a word that counts ("Part II").
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filled import fill
from sqlite_utils import Database

from kb.stages.matching import matched
from kb.store.connection import open_database
from kb.store.rows import fetch

ABSENT = 0.2
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Printed:
    """A reference and the document that it means, None for a work that is not there."""

    text: str
    meant: str | None


def printed(db: Database, count: int, seed: int) -> list[Printed]:
    """So many references to random documents."""
    dice = random.Random(seed)
    last = db.execute("select max(rowid) from documents").fetchone()[0]
    found: list[Printed] = []
    while len(found) < count:
        sql = """select d.*, (select group_concat(p.last_name || ' A', ', ') from authorships a join people p
        on p.id = a.person where a.document = d.id) as authors
        from documents d where d.rowid = ? and d.kind = 'article'"""
        for row in fetch(db, sql, [dice.randint(1, last)]):
            absent = dice.random() < ABSENT
            title = misprinted(dice, row["title"].rstrip("."))
            if absent:
                title = f"{title}: part II" if dice.random() < 0.5 else " ".join(dice.sample(title.split(), 4))
            found.append(Printed(reference(dice, row, title), None if absent else row["id"]))
    return found


def misprinted(dice: random.Random, title: str) -> str:
    """Up to two letters of the title changed, left out or doubled."""
    for _ in range(dice.choice((0, 0, 1, 1, 2))):
        at = dice.randrange(1, len(title))
        new = dice.choice((dice.choice(LETTERS), "", title[at] * 2))
        title = title[:at] + new + title[at + 1 :]
    return title


def reference(dice: random.Random, row: dict[str, Any], title: str) -> str:
    """As journals print them: authors, title, abbreviated journal, year, volume and pages, some of it missing."""
    first = f"{row['authors'].partition(',')[0]} et al"
    authors = dice.choices((f"{row['authors']}. ", f"{first}. ", ""), (5, 3, 1))[0]
    short = ". ".join(word[: dice.randint(3, 6)] for word in row["journal"].split())
    journal = short if dice.random() < 0.7 else row["journal"]
    year = "" if dice.random() < 0.05 else f"{row['year']};"
    pages = row["pages"].partition("-")[0] if dice.random() < 0.5 else row["pages"]
    return f"{authors}{title}. {journal}. {year}{row['volume']}:{pages}."


def measure(path: Path, count: int, seed: int) -> None:
    """Match so many references and print what came of it."""
    with closing(open_database(path)) as db:
        references = printed(db, count, seed)
        times, busy, hit, wrong, missed = [], [], 0, 0, 0
        useless: set[str] = set()  # kept over all references, as the stage does
        for one in references:
            start, cpu = time.perf_counter(), time.process_time()
            found = matched(db, {"text": one.text}, useless)
            times.append(1000 * (time.perf_counter() - start))
            busy.append(1000 * (time.process_time() - cpu))
            hit += found is not None and found.key == one.meant
            wrong += found is not None and found.key != one.meant
            missed += found is None and one.meant is not None
    present = sum(one.meant is not None for one in references)
    cuts = statistics.quantiles(times, n=100)
    print(f"{count} references, {count - present} of them to works that are not there")
    print(f"CPU ms each: median {statistics.median(busy):.2f}, most {max(busy):.2f}; load {os.getloadavg()[0]:.1f}")
    print(f"ms each: median {statistics.median(times):.2f}, 95 % {cuts[94]:.2f}, most {max(times):.2f}")
    print(f"recall {hit / present:.4f} ({missed} missed), wrong matches {wrong}")


def main() -> None:
    """Fill a database unless one is given, then measure."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("db", nargs="?", type=Path, help="a database made by filled.py")
    asked.add_argument("--documents", type=int, default=100_000)
    asked.add_argument("--references", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--keep", type=Path, help="where the filled database stays, or stands already")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = told.db or told.keep or Path(folder) / "evidence.db"
        if told.db is None and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            fill(place, told.documents)
        measure(place, told.references, told.seed)


if __name__ == "__main__":
    main()
