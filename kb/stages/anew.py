"""When all derived rows are made again: the code, the vocabulary or the topic is another than they were made with."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database

from kb.stages.weighing import PACKAGES
from kb.store import derived, made_from
from kb.vocabulary import Topic, Vocabulary

#: Parts of kb that show what is stored and make nothing of it.
SHOWING = ("cli", "export", "web")


def begin(db: Database, topic: Topic, vocabulary: Vocabulary) -> None:
    """Empty the derived tables if they were made with something else. Texts keep their readings: those have a key."""
    key = made_with(topic, vocabulary)
    if made_from.made_with(db) != key:
        derived.clear(db)
        made_from.begin_anew(db, key)


def made_with(topic: Topic, vocabulary: Vocabulary) -> str:
    """Code, vocabulary and topic as one hash; where the topic's folder stands says nothing."""
    said = (code(), vocabulary.sha256, replace(topic, folder=Path()))
    return sha256(repr(said).encode()).hexdigest()


@cache
def code() -> str:
    """All code that has a part in derived rows, and the packages that compute, as one hash."""
    digest = sha256(repr([(name, version(name)) for name in PACKAGES]).encode())
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for package in ("analysis", "ingest", "kb"):
        folder = Path(str(files(package)))
        for path in sorted(folder.rglob("*.py")):
            if path.relative_to(folder).parts[0] not in SHOWING:
                yield path
