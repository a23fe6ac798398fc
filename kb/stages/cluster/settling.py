"""Which copy of a record stands, where many files hold it: a later file wins, DeleteCitation removes.

The rule is that of load: files in their order, a record in place of an earlier one of its number unless its version is
lower. A number, its file and its version are four bytes, so that all of PubMed is settled in the memory of a laptop.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.parquet import read_table

from kb.store.parquet.folder import Finished, link, move, new_partial
from kb.store.parquet.tables import OF_RECORDS, write_kept

#: PubMed's numbers have reached 41 million; a greater one, or none, is told by the document's id.
LARGEST = 100_000_000

Slots = NDArray[np.int64]
Kept = NDArray[np.bool_]


class Claims:
    """Who has each record: the number of the file (0: nobody) and the version, by slot."""

    def __init__(self) -> None:
        """Nobody has anything."""
        self._file = np.zeros(1 << 16, np.uint32)
        self._version = np.zeros(1 << 16, np.uint16)
        self._others: dict[str, int] = {}

    def slots(self, ids: Sequence[str], pmids: Sequence[str | None]) -> Slots:
        """A slot for each document: its PMID, or the next free one."""
        found = np.array([self._slot(*one) for one in zip(ids, pmids, strict=True)], np.int64)
        if len(found):
            self._reach(int(found.max()))
        return found

    def _slot(self, name: str, pmid: str | None) -> int:
        number = int(pmid) if pmid else LARGEST
        return number if number < LARGEST else self._others.setdefault(name, LARGEST + len(self._others))

    def _reach(self, slot: int) -> None:
        if slot >= len(self._file):
            size = 1 << slot.bit_length()
            self._file, self._version = _longer(self._file, size), _longer(self._version, size)

    def take(self, file: int, slots: Slots, versions: NDArray[np.uint16]) -> None:
        """A file's records in their order: each takes its slot, unless a higher version has it."""
        free = versions >= self._version[slots]
        # of two copies in one file the higher version is the last here, else the later one
        order = np.argsort(versions[free], kind="stable")
        taken = slots[free][order]
        self._file[taken] = file
        self._version[taken] = versions[free][order]

    def drop(self, slots: Slots) -> None:
        """Nobody has these any more."""
        self._file[slots] = 0
        self._version[slots] = 0

    def kept(self, file: int, slots: Slots, versions: NDArray[np.uint16]) -> Kept:
        """Which of a file's records stand: of copies of one version the last."""
        mine = (self._file[slots] == file) & (self._version[slots] == versions)
        last = np.zeros(len(slots), np.bool_)
        places = np.flatnonzero(mine)[::-1]
        last[places[np.unique(slots[places], return_index=True)[1]]] = True
        return last


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.zeros(size, array.dtype)
    longer[: len(array)] = array
    return longer


def standing_records(root: Path, files: Sequence[Finished]) -> Iterator[tuple[Finished, Kept]]:
    """Each file, in order, with one boolean a record: whether it stands."""
    claims = Claims()
    for number, one in enumerate(files, 1):
        _apply(claims, number, root, one)
    for number, one in enumerate(files, 1):
        yield one, claims.kept(number, *_records_of(claims, root, one))


def _records_of(claims: Claims, root: Path, one: Finished) -> tuple[Slots, NDArray[np.uint16]]:
    rows = read_table(one.as_filed(root, "documents"), columns=["id", "pmid", "version"])
    slots = claims.slots(rows["id"].to_pylist(), rows["pmid"].to_pylist())
    return slots, rows["version"].to_numpy().astype(np.uint16)


def _apply(claims: Claims, number: int, root: Path, one: Finished) -> None:
    slots, versions = _records_of(claims, root, one)
    done = 0
    for deletion in read_table(one.as_filed(root, "deletions")).to_pylist():
        upto = deletion["record"]
        claims.take(number, slots[done:upto], versions[done:upto])
        claims.drop(claims.slots([f"pmid-{deletion['pmid']}"], [deletion["pmid"]]))
        done = upto
    claims.take(number, slots[done:], versions[done:])


def mark(one: Finished, kept: Kept) -> str:
    """What a file's standing partitions are made from, as one hash: if it is the same, so are they."""
    return hashlib.sha256(f"{one.sha256} {one.made_with} ".encode() + np.packbits(kept).tobytes()).hexdigest()


def settle(root: Path, one: Finished, kept: Kept) -> str | None:
    """Make the standing partitions of one file; returns why they could not be written, if so."""
    try:
        for table in OF_RECORDS:
            _settle(root, one, kept, table)
    except OSError as fault:
        return f"{fault.filename or root}: {fault.strerror or fault}"
    return None


def _settle(root: Path, one: Finished, kept: Kept, table: str) -> None:
    """What stands of a partition, or a link where all of it does."""
    source, target = one.as_filed(root, table), one.standing(root, table)
    if kept.all():
        link(root, source, target)
    else:
        place = new_partial(root) / target.name
        write_kept(source, place, table, pa.array(kept))
        move(place, target)
