"""A large database of invented records and figures, for the benchmarks of the line and of the site.

Rows are written directly, as loading and reading would leave them: every figure stands at its place in an invented
abstract, every document counts as read and matched. Some documents are studies with arms, which the build then weighs
and pools. The same seed makes the same rows.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from generate import World
from sqlite_utils import Database

from kb.stages import building, starting
from kb.stages.matching import keys_of
from kb.stages.reading import read_with
from kb.store.connection import create_database
from kb.store.payloads import keep_payload, now
from kb.store.rows import insert
from kb.vocabulary import Topic, Vocabulary, load_topic, vocabulary_of

FIRST = 80_000_000
BATCH = 2_000
#: Figures of an abstract, in the order in which it prints them.
EACH = 5
#: One document in so many is a study with a sheet's facts, was noticed to change, was retracted.
STUDY_EVERY, CHANGED_EVERY, EVENT_EVERY, EVENT_AT = 600, 10, 400, 7
ARMS = ("cells", "placebo", "cyclophosphamide", "transplantation", "all patients")
DESIGNS = ("single-arm", "cohort", "rct", "registry")
TIMES = (("baseline", 0.0), ("6 month", 6.0), ("12 month", 12.0), ("24 month", 24.0), ("5 year", 60.0))
CHECKS = (("inside the scale", "passed"), ("SD looks like an SE", "doubtful"), ("GRIM", "not applicable"))
KINDS = ("similar", "cited_by", "cites")

Rows = dict[str, list[dict[str, Any]]]


def fill(path: Path, documents: int, seed: int = 1, each: int = EACH) -> None:
    """Make the database at path: the bundled topic, so many invented documents with figures each, and a build."""
    topic = load_topic()
    vocabulary = vocabulary_of(topic)
    with closing(create_database(path)) as db:
        db.execute("pragma synchronous = off")
        starting.init(db, topic, vocabulary, topic.id)
        building.build(db, path)  # from here on a build knows what it was made with, so it weighs the new studies alone
        payload = keep_payload(db, BytesIO(b"invented"), "file", "invented.xml")
        db.conn.commit()
        maker = Maker(World(seed), documents, payload, topic, vocabulary, each)
        insert(db, "people", maker.people())
        db.conn.commit()
        for start in range(0, documents, BATCH):
            with db.atomic():
                save(db, maker.rows(range(start, min(start + BATCH, documents))))
        building.build(db, path)
        db.conn.commit()


def save(db: Database, rows: Rows) -> None:
    """Write the rows of a batch, parents first."""
    for table, found in rows.items():
        insert(db, table, found)


class Maker:
    """Rows drawn from an invented world."""

    def __init__(
        self, world: World, documents: int, payload: str, topic: Topic, vocabulary: Vocabulary, each: int
    ) -> None:
        """Everything follows from the world's dice."""
        self.world, self.dice, self.payload, self.documents = world, world.dice, payload, documents
        self.each = each
        self.outcomes, self.windows = vocabulary.outcomes, topic.windows
        self.reader, self.time = read_with(vocabulary), now()

    def people(self) -> Iterator[dict[str, Any]]:
        """Authors to choose from."""
        for i, name in enumerate(self.world.names):
            yield {
                "id": 1_000_000 + i, "key": f"invented {i}", "name": f"{name} A", "last_name": name, "fore_name": "A",
                "initials": "A", "suffix": None, "orcid": None, "collective": 0,
            }  # fmt: skip

    def rows(self, numbers: range) -> Rows:
        """All rows of some documents, by table, parents first."""
        found: Rows = {
            table: []
            for table in (
                "cohorts", "studies", "arms", "documents", "identifiers", "sections", "authorships", "mesh_headings",
                "publication_types", "links", "screenings", "changes", "events", "figures", "standings", "verdicts",
                "readings", "matchings", "title_keys",
            )
        }  # fmt: skip
        for number in numbers:
            for table, made in self.document(number).items():
                found[table] += made
        return found

    def document(self, number: int) -> Rows:
        """A document with all that hangs on it."""
        name, pmid, study = f"pmid-{FIRST + number}", str(FIRST + number), None
        rows: Rows = defaultdict(list)
        if number % STUDY_EVERY == 0:
            study = f"invented-{number}"
            self._study(rows, study, pmid)
        content = f"{number:064x}"
        title = " ".join(self.world.some(self.dice.randint(8, 17))).capitalize()
        year, journal = self.dice.randint(1985, 2025), self.dice.choice(self.world.journals)
        rows["documents"] = [{
            "id": name, "source": "pubmed-xml", "kind": "article", "pmid": pmid, "doi": f"10.9999/inv.{number}",
            "title": f"{title}.", "year": year, "journal": journal, "volume": str(self.dice.randint(1, 90)),
            "pages": f"{self.dice.randint(1, 900)}-{self.dice.randint(901, 999)}", "language": "eng",
            "status": "MEDLINE", "retracted": int(number % EVENT_EVERY == EVENT_AT), "study": study,
            "payload": self.payload, "content_sha256": content,
        }]  # fmt: skip
        rows["identifiers"] = [
            {"document": name, "scheme": "pmid", "value": pmid, "slug": pmid},
            {"document": name, "scheme": "doi", "value": f"10.9999/inv.{number}", "slug": f"10.9999_inv.{number}"},
        ]
        self._text(rows, name, title, content, study)
        self._around(rows, name, number)
        weighed = {"study": study or name, "weighed": int(study is None)}
        rows["readings"] = [{"document": name, "reader": self.reader, "content": content, "proposals": "", **weighed}]
        rows["matchings"] = [{"document": name, "content": content}]
        rows["title_keys"] = [{"key": key, "document": name} for key in keys_of(title)]
        return rows

    def _study(self, rows: Rows, study: str, pmid: str) -> None:
        rows["cohorts"] = [{"id": study, "overlap": "none"}]
        rows["studies"] = [{
            "id": study, "title": f"Invented study {study}", "design": "single-arm", "year": 2020, "role": "evidence",
            "cohort": study, "pmid": pmid, "made_from": "abstract",
        }]  # fmt: skip
        rows["arms"] = [{
            "study": study, "name": "cells", "intervention": "cells given", "intervention_class": "msc",
            "role": "experimental", "n": self.dice.randint(60, 90), "cohort": None, "aliases": "\n".join(ARMS),
        }]  # fmt: skip

    def _text(self, rows: Rows, name: str, title: str, content: str, study: str | None) -> None:
        section, text = f"{name}.1", " ".join(self.dice.choices(self.world.sentences, k=3))
        for at in range(self.each):
            outcome = self.outcomes[int(len(self.outcomes) * self.dice.random() ** 2)]
            figure = self._figure(outcome.name, outcome.type == "continuous", at)
            lead = f" {outcome.title} was "
            figure |= {
                "id": f"{name}.{at:012x}", "section": section, "document": name, "reader": "machine", "run": "invented",
                "start": len(text) + len(lead), "end": len(text) + len(lead) + len(figure["quote"]),
            }  # fmt: skip
            text += f"{lead}{figure['quote']}."
            rows["figures"].append(figure)
            if study is None:
                rows["standings"].append(self._standing(figure, name))
                for check, verdict in self.dice.sample(CHECKS, 2):
                    told = {"check": check, "verdict": verdict, "reason": "invented: 1 of 2", "run": "invented"}
                    rows["verdicts"].append({"figure": figure["id"], **told})
        for position, (kind, said) in enumerate((("title", title), ("abstract", text))):
            rows["sections"].append({
                "id": f"{name}.{position}", "document": name, "position": position, "kind": kind, "label": None,
                "text": said, "language": None, "sha256": f"{content}{position}", "current": 1,
            })  # fmt: skip

    def _figure(self, outcome: str, continuous: bool, at: int) -> dict[str, Any]:
        time, months = TIMES[at % len(TIMES)]
        value, n = round(self.dice.uniform(5, 40), 1), self.dice.randint(10, 60)
        events = self.dice.randint(0, n)
        mean = {"kind": "mean", "value": value, "sd": 4.2, "events": None, "quote": f"{value} ± 4.2"}
        share = {"kind": "proportion", "value": None, "sd": None, "events": events, "quote": f"{events}/{n}"}
        return {
            **(mean if continuous else share), "percent": None, "outcome": outcome, "arm": self.dice.choice(ARMS),
            "timepoint": time, "months": months, "n": n,
            "confidence": round(self.dice.random(), 2),
        }  # fmt: skip

    def _standing(self, figure: dict[str, Any], study: str) -> dict[str, Any]:
        window = next((w.name for w in self.windows if w.low <= figure["months"] < w.high), "baseline")
        return {
            "figure": figure["id"], "outcome": figure["outcome"], "kind": figure["kind"], "study": study,
            "study_arm": None, "cohort": study, "design": None, "intervention": None, "intervention_class": None,
            "window": window, "months": figure["months"],
            "n": figure["n"], "events": figure["events"], "percent": None, "derived": None, "basis": "machine",
            "speaks": 1, "run": "invented",
        }  # fmt: skip

    def _around(self, rows: Rows, name: str, number: int) -> None:
        dice, time = self.dice, self.time
        for position in range(3):
            person = 1_000_000 + dice.randrange(len(self.world.names))
            ui, heading = self.world.headings[int(len(self.world.headings) * dice.random() ** 3)]
            rows["authorships"].append({"document": name, "position": position, "person": person, "role": "author"})
            rows["mesh_headings"].append(
                {"document": name, "position": position, "descriptor": heading, "descriptor_ui": ui}
            )
            target = f"pmid-{FIRST + dice.randrange(int(self.documents * 1.5))}"
            rows["links"].append({
                "from_document": name, "to_document": target, "kind": KINDS[position], "source": "pubmed",
                "score": dice.random(), "first_seen": time, "last_seen": time,
            })  # fmt: skip
        rows["publication_types"].append({"document": name, "position": 0, "text": "Journal Article", "ui": "D016428"})
        rows["screenings"].append({
            "id": f"search-{name}", "document": name, "stage": "identified", "decision": "identified",
            "source": f"PubMed: query {number % 3}", "decided_at": time,
        })  # fmt: skip
        if number % CHANGED_EVERY == 0:
            told = {"field": "title", "before": "as it was", "after": "as it is", "noticed_at": time}
            rows["changes"].append({"run": "invented", "document": name, **told})
        if number % EVENT_EVERY == EVENT_AT:
            told = {"event": "retraction", "state": "appeared", "text": "invented", "noticed_at": time}
            rows["events"].append({"run": "invented", "document": name, **told})
