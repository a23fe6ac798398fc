"""What the tests of the line start from: the bundled topic, its built database, and records made of a few words."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from kb.export import export_all
from kb.records import BASELINE, ArmFacts, Effect, Figure, Reading, Standing, StudyFacts, Timepoint
from kb.stages import building, loading, starting
from kb.store.connection import create_database, open_database
from kb.vocabulary import Topic, Vocabulary, load_topic, vocabulary_of
from kb.web.settings import metadata_path
from tests.standin import StandIn
from tests.standin.client import VirtualClock
from tests.standin.session import Session


@pytest.fixture(scope="session")
def topic() -> Topic:
    """The bundled topic."""
    return load_topic()


@pytest.fixture(scope="session")
def vocabulary(topic) -> Vocabulary:
    """Its outcomes."""
    return vocabulary_of(topic)


def build_topic(path: Path, topic: Topic, *payloads: Path) -> Path:
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), "ssc-msc")
        if payloads:
            assert not loading.load(db, payloads).failed
        building.build(db, path)
    return path


@pytest.fixture(scope="session")
def evidence_db(tmp_path_factory, topic) -> Path:
    """The demo database: the bundled topic, built; nobody may write to it."""
    return build_topic(tmp_path_factory.mktemp("demo") / "evidence.db", topic)


@pytest.fixture(scope="session")
def exported(evidence_db, tmp_path_factory) -> Path:
    """The demo database as a folder, with the site; nobody may write to it."""
    folder = tmp_path_factory.mktemp("export") / "out"
    export_all(evidence_db, folder, metadata_path(), {"default_page_size": 50})
    return folder


@pytest.fixture(scope="session")
def seed_db(tmp_path_factory, topic, shared) -> Path:
    """The bundled topic and the seed study's saved page, built; nobody may write to it."""
    page = shared / "corpus" / "neighbourhood" / "38206544.txt"
    return build_topic(tmp_path_factory.mktemp("seed") / "evidence.db", topic, page)


@pytest.fixture
def demo(evidence_db, tmp_path) -> Path:
    """A copy of the demo database that the test may change."""
    return Path(shutil.copy(evidence_db, tmp_path / "evidence.db"))


@pytest.fixture(scope="session")
def rows():
    """The rows of a query on a database file, as dictionaries; the file is opened read-only."""

    def query(path, sql, *params):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, params)]

    return query


@pytest.fixture(scope="session")
def pubmed_xml():
    """An invented PubMed record as XML."""

    def make(pmid="101", abstract="Nothing was counted.", title="Invented", *, retracted=False, doi=None, cut=None):
        kind = '<PublicationType UI="D016441">Retracted Publication</PublicationType>' if retracted else ""
        doi = f'<ELocationID EIdType="doi" ValidYN="Y">{doi}</ELocationID>' if doi else ""
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE">'
            f'<PMID Version="1">{pmid}</PMID><Article><Journal><Title>Journal of Invented Results</Title></Journal>'
            f"<ArticleTitle>{title}</ArticleTitle>{doi}<Abstract><AbstractText>{abstract}</AbstractText></Abstract>"
            f"<PublicationTypeList>{kind}</PublicationTypeList></Article></MedlineCitation></PubmedArticle>"
            "</PubmedArticleSet>\n"
        )
        return text[:cut].encode()

    return make


@pytest.fixture
def load(demo, tmp_path, pubmed_xml):
    """Load an invented record into the copy of the demo and build."""

    def loaded(*arguments, **changes):
        path = tmp_path / "a.xml"
        path.write_bytes(pubmed_xml(*arguments, **changes))
        with closing(open_database(demo)) as db:
            assert not loading.load(db, [path]).failed
            building.build(db, demo)

    return loaded


def _figure(kind="mean", quote="1", at=None, **keys):
    time = BASELINE if at == 0 else None if at is None else Timepoint(float(at), "month")
    return Figure(kind=kind, quote=quote, start=0, end=len(quote), timepoint=time, **keys)


def _reading(name, reader="sheet", study="one", *, secondary=False, estimator=None, decisions=(), **figure):
    figure = _figure(**{"outcome": "mRSS", **figure})
    return Reading(name, figure, study, f"doc-{name}", figure.quote, reader, secondary, estimator, tuple(decisions))


def _arm(name="cells", n=None, role="experimental", of="one", kind="msc", aliases=()):
    return ArmFacts(name, f"{name} given", kind, role, n, of, tuple(aliases))


def _study(name="one", design="single-arm", arms=None, **facts):
    return StudyFacts(name, design, cohort=name, arms=tuple(arms if arms is not None else (_arm(of=name),)), **facts)


def _standing(name="a", **keys):
    plain = Standing(
        name, "one", "cells", "one", "single-arm", "cells given", "msc", "12 months", 12.0, None, None, None, None,
        "primary sheet", speaks=True,
    )  # fmt: skip
    return replace(plain, **keys)


def _effect(name="a", study=None, yi=0.0, vi=1.0, **keys):
    study = study or name
    plain = Effect(
        name, "mrss", study, "cells", study, "msc", "single-arm", "12 months", 12.0, "MC", yi, vi, yi, yi - 2, yi + 2,
        "points", 20, "primary sheet", doubtful=False, part=False, derived=None, figures=(),
    )  # fmt: skip
    return replace(plain, **keys)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Records of a few words: figure, reading, arm, study, standing, effect."""
    return SimpleNamespace(figure=_figure, reading=_reading, arm=_arm, study=_study, standing=_standing, effect=_effect)


@pytest.fixture(scope="session")
def blank_db(tmp_path_factory) -> Path:
    """A database without a topic; nobody may write to it."""
    path = tmp_path_factory.mktemp("blank") / "evidence.db"
    create_database(path).close()
    return path


@pytest.fixture
def session(blank_db, tmp_path) -> Iterator[Session]:
    """An empty database, the stand-in, and our client on a clock that passes only while somebody sleeps."""
    clock = VirtualClock()
    with StandIn(seed=7, now=clock.monotonic) as standin:
        yield Session(Path(shutil.copy(blank_db, tmp_path / "e.db")), standin, clock)
