"""Many PubMed files → a folder of Parquet, on the processes of this machine or of a Dask cluster.

    with processes(None, workers=2) as client:
        spread(client, sources, root, vocabulary)

Each file is one task: a worker that dies has its file done again by another, and what is finished is not done twice.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import uuid4

from dask.system import CPU_COUNT
from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from kb.errors import NoScheduler
from kb.stages.cluster.filing import Job, file_away
from kb.stages.cluster.settling import mark, settle, standing_records
from kb.stages.fetching.keeping import Say, quiet
from kb.store.parquet.folder import (
    Finished,
    begin,
    describe,
    drop_partial,
    finished,
    note_standing,
    standing,
    stem,
    sweep,
)
from kb.store.parquet.tables import COLUMNS, words
from kb.vocabulary import Vocabulary

T = TypeVar("T")

#: A scheduler that runs answers at once; nobody wants to wait longer for a mistyped address.
PATIENCE = "10s"


@dataclass(slots=True)
class Spread:
    """What became of the files, by name those that failed; and how many records stand in the tables."""

    new: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    documents: int = 0
    superseded: int = 0


@contextmanager
def processes(scheduler: str | None, workers: int | None = None) -> Iterator[Client]:
    """A Dask client: of the cluster at that address, else of so many processes of this machine (all cores).

    Raises:
        NoScheduler: nobody answers at that address.
    """
    with ExitStack() as opened:
        try:
            client = Client(scheduler, timeout=PATIENCE) if scheduler else _local(opened, workers)
        except (OSError, ValueError) as fault:
            raise NoScheduler(f"{scheduler}: no Dask scheduler answers there ({fault})") from fault
        yield opened.enter_context(client)


def _local(opened: ExitStack, workers: int | None) -> Client:
    scratch = opened.enter_context(TemporaryDirectory())
    # memory_limit 0: a worker streams its file and needs no spilling to the disk
    cluster = LocalCluster(
        n_workers=workers or CPU_COUNT, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
        memory_limit=0, local_directory=scratch, silence_logs=logging.CRITICAL,
    )  # fmt: skip
    return Client(opened.enter_context(cluster))


def spread(client: Client, sources: Sequence[Path], root: Path, vocabulary: Vocabulary, say: Say = quiet) -> Spread:
    """Bring the folder up to date with these files, after whatever it holds already.

    Raises:
        NotOurFolder: root holds something else.
        CannotWrite: it refuses.
    """
    begin(root, COLUMNS)
    describe(root, words())
    found = Spread()
    for name, filed in _each(client, file_away, _jobs(sources, root, vocabulary), "files", say):
        if isinstance(filed, str):
            found.failed[name] = f"{name}: {filed}"
        elif filed.reason is not None:
            found.failed[name] = filed.reason
        else:
            found.new += filed.state == "new"
            found.unchanged += filed.state == "unchanged"
    _settle_all(client, root, found, say)
    drop_partial(root)
    return found


def _jobs(sources: Sequence[Path], root: Path, vocabulary: Vocabulary) -> dict[str, tuple[Job]]:
    known = finished(root)
    given = max((one.given for one in known.values()), default=-1) + 1
    jobs = {}
    for place, source in enumerate(sources, given):
        before = known.get(stem(source.name))
        job = Job(source.absolute(), root.absolute(), before.given if before else place, vocabulary, before)
        jobs[source.name] = (job,)
    return jobs


def _settle_all(client: Client, root: Path, found: Spread, say: Say) -> None:
    """Make the tables that readers see, as far as they are not made already."""
    files, before, marks = list(finished(root).values()), standing(root), {}
    jobs: dict[str, tuple[Any, ...]] = {}
    for one, kept in standing_records(root, files):
        name = stem(one.name)
        marks[name] = mark(one, kept)
        found.documents += int(kept.sum())
        found.superseded += int((~kept).sum())
        if marks[name] != before.get(name) or not _is_there(root, one):
            jobs[name] = (root.absolute(), one, kept)
    if marks != before or jobs:
        note_standing(root, None)
        for name, fault in _each(client, settle, jobs, "tables", say):
            if fault is not None:
                found.failed[name] = f"{name}: {fault}"
        sweep(root, files, COLUMNS)
    if not found.failed.keys() & jobs.keys():
        note_standing(root, marks)


def _is_there(root: Path, one: Finished) -> bool:
    return one.standing(root, "documents").exists()


def _each(
    client: Client, work: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], what: str, say: Say
) -> Iterator[tuple[str, T | str]]:
    """Each job's name with its result, as they end; words where every process that took it died.

    Raises NoScheduler if the cluster leaves.
    """
    run = uuid4().hex
    futures: dict[Future, str] = {
        client.submit(work, *job, key=f"{work.__name__}-{name}-{run}", pure=False): name for name, job in jobs.items()
    }
    for done, future in enumerate(as_completed(futures, raise_errors=False), 1):
        say(what, done, len(futures))
        yield futures[future], _result(future)


def _result(future: Future) -> Any:
    try:
        return future.result()
    except KilledWorker:
        return "each process that read it died (is there memory enough?)"
    except CancelledError as fault:
        raise NoScheduler("the Dask cluster left; run the same again, what is finished is kept") from fault
