"""Texts are read by this process where they are few, by one process a core where they are many: the same rows."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self

from kb.errors import WorkerLost
from kb.stages.cores import cores
from kb.stages.reading import read_document
from kb.store.rows import Row
from kb.vocabulary import Vocabulary

#: Documents from which processes are worth their start: a second of imports each, against 2 ms a text.
MANY = 2_000
#: Documents that go to a process at a time.
AT_ONCE = 25

#: A document's id and its sections.
Text = tuple[str, Sequence[Row]]


class Readers:
    """Whoever reads: with Readers(vocabulary, documents=100_000) as readers: readers.read(texts)."""

    def __init__(self, vocabulary: Vocabulary, documents: int) -> None:
        """documents: how many are to be read in all."""
        self._vocabulary = vocabulary
        self._pool: ProcessPoolExecutor | None = None
        if documents >= MANY and cores() > 1:
            # spawned: a fork would take the open database with it
            self._pool = ProcessPoolExecutor(cores(), get_context("spawn"), _begin, (vocabulary,))

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the processes go; what nobody waits for any more is not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, texts: Sequence[Text]) -> Iterator[list[dict[str, Any]]]:
        """Rows for the table figures of each document, in their order. Raises WorkerLost if a process dies."""
        if self._pool is None:
            yield from (list(read_document(*text, self._vocabulary)) for text in texts)
            return
        try:
            yield from self._pool.map(_read, texts, chunksize=AT_ONCE)
        except BrokenProcessPool as error:
            raise WorkerLost("a process that read texts died; nothing of this build is stored, run it again") from error


#: In a process of the pool: what it reads with.
_with: list[Vocabulary] = []


def _begin(vocabulary: Vocabulary) -> None:
    # an interrupt from the keyboard reaches all processes of the terminal; the one that asked decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _with[:] = [vocabulary]


def _read(text: Text) -> list[dict[str, Any]]:
    return list(read_document(*text, _with[0]))
