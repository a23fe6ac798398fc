"""The command load: saved files and bulk files into a database."""

import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click
from sqlite_utils import Database

from kb.cli.shared import DATABASE, INCOMPLETE, said
from kb.errors import UnknownTopic
from kb.stages import loading
from kb.stages.bulk.loading import Say, quiet
from kb.stages.topic import topic_of
from kb.store.connection import open_database
from kb.store.parquet.folder import is_folder, partitions
from kb.vocabulary import Topic, VocabularyError, load_topic

#: Stands for the database's own topic where --topic names none.
OWN = "-"


@click.command()
@DATABASE
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--topic", is_flag=False, flag_value=OWN, default=None, metavar="[NAME|PATH]",
    help="Of PubMed XML keep only what the topic's searches, names and links select; without a name the database's "
    "topic. Put it last, or write --topic=NAME.",
)  # fmt: skip
@click.pass_context
def load(context: click.Context, db: Path, paths: tuple[Path, ...], topic: str | None) -> None:
    """Load saved files, recognised by their content.

    Each file wholly or not at all; but a bulk file of PubMed (5 MB packed, 40 MB plain, or more) in short transactions:
    a run that was stopped goes on behind what is done, and of a broken file stands what comes before the fault.
    """
    with closing(open_database(db)) as database:
        chosen = None if topic is None else _topic(database, topic)
        loaded = loading.load(database, paths, chosen, progress(paths))
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    for message in loaded.failed.values():
        click.echo(f"evidence-kb: {message}", err=True)
    click.echo(f"{db}: {said(loaded)}", err=True)
    if loaded.failed:
        context.exit(1 if len(loaded.failed) == len(set(paths)) else INCOMPLETE)


def progress(paths: Iterable[Path]) -> Say:
    """A line that overwrites itself on a terminal, nothing elsewhere: records, their rate, time left."""
    if not sys.stderr.isatty():
        return quiet
    sizes = {file: file.stat().st_size for path in paths for file in _read(path)}
    meter = Meter(sizes, time.monotonic())
    return lambda path, read, done: click.echo(
        f"\r\033[K{path.name}: {meter.line(path, read, done, time.monotonic())}", err=True, nl=False
    )


def _read(path: Path) -> list[Path]:
    """The files that are read for a path: itself, or the partitions of records in a folder that bulk made."""
    if is_folder(path):
        return partitions(path, "records")
    return [path] if path.is_file() else []


class Meter:
    """How far a load has come: bytes tell the time left, records the rate."""

    def __init__(self, sizes: dict[Path, int], began: float) -> None:
        """`sizes` in bytes, `began` in seconds."""
        self._sizes, self._began = sizes, began
        self._first: dict[Path, tuple[int, int]] = {}
        self._now: dict[Path, tuple[int, int]] = {}

    def line(self, path: Path, read: int, done: int, at: float) -> str:
        """In words, after so many bytes and records of a file; what an earlier run did is no work of this one."""
        self._first.setdefault(path, (read, done))
        self._now[path] = (read, done)
        seconds = max(at - self._began, 1e-3)
        records = sum(now[1] - self._first[one][1] for one, now in self._now.items())
        work = sum(now[0] - self._first[one][0] for one, now in self._now.items())
        # files before the one that is read now are behind us, those after it wait
        order = list(self._sizes)
        place = order.index(path) if path in self._sizes else len(order)
        ahead = sum(self._sizes[one] for one in order[place + 1 :]) + max(0, self._sizes.get(path, read) - read)
        left = "" if not work else f", {_time(ahead * seconds / work)} left"
        return f"{done:,} records, {records / seconds:,.0f}/s{left}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _topic(database: Database, name: str) -> Topic:
    if name == OWN:
        return topic_of(database)
    try:
        return load_topic(name)
    except VocabularyError as error:
        raise UnknownTopic(str(error)) from error


COMMANDS = (load,)
