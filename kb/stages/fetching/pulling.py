"""pull: seeds and their neighbours from PubMed, then what registry, iCite and PMC know of them. What is here stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from ingest.printed.identifiers import doi, pmid
from ingest.services.accounting import Sender
from ingest.services.addresses import Services
from ingest.services.clinicaltrials import nct
from kb.stages import matching
from kb.stages.fetching import gathering, searching
from kb.stages.fetching.keeping import Asking, Say, quiet, watched
from kb.store import asked, documents, history, neighbours
from kb.vocabulary import Topic

#: Similar articles that are fetched where nobody says how many: about what PubMed itself lists.
SIMILAR = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What to pull. similar: how many of them, None for none. topic: its own queries, papers and registrations too."""

    seeds: tuple[str, ...]
    similar: int | None = None
    citers: bool = False
    references: bool = False
    topic: Topic | None = None

    def edges(self) -> dict[str, int | None]:
        """Kind of link → how many neighbours are fetched, None for all."""
        wished: dict[str, int | None] = {} if self.similar is None else {"similar": self.similar}
        return wished | dict.fromkeys(["cited_by"] * self.citers + ["cites"] * self.references)


def whole_topic(topic: Topic) -> Wish:
    """The topic's seeds with everything around them."""
    return Wish(topic.seeds, SIMILAR, citers=True, references=True, topic=topic)


def pull(db: Database, wish: Wish, client: Sender, services: Services, say: Say = quiet) -> history.Run:
    """Fetch what the wish names and is not here. Failures are in the run, by id; another pull asks for them.

    Raises:
        SourceUnreachable: no service gave any answer. Misconfigured, KeyRefused, Blocked: the run had to stop.
    """
    with watched(db, "pull", client, services, say) as at:
        note_wish(at, wish)
        gathering.records(at, wish.seeds)
        if wish.topic:
            gathering.dois(at, (*named_dois(wish.topic), *asked.study_dois(db)))
            gathering.records(at, at.open("record"))
        around(at, wish.seeds)
        if wish.topic:
            searching.searches(at, wish.topic.queries)
            want_and_fetch(at, neighbours.hits(db))
        finish(at)
    return at.run


def note_wish(at: Asking, wish: Wish) -> None:
    """Write down what is wished for, so that a killed run and a refresh know it."""
    with at.db.atomic():
        asked.want(at.db, "record", wish.seeds, at.run.id, seed=True)
        asked.ask_absent_again(at.db, wish.seeds, at.sender.round.since)
        for edge, most in wish.edges().items():
            # iCite tells counts and edges in one answer: whoever wants edges now needs it again
            asked.reopen(at.db, "counts", asked.never_wanted(at.db, edge, wish.seeds))
            asked.want(at.db, edge, wish.seeds, at.run.id, most=most)
        if wish.topic:
            asked.want(at.db, "record", named_papers(at.db, wish.topic), at.run.id)
            asked.want(at.db, "doi", (*named_dois(wish.topic), *asked.study_dois(at.db)), at.run.id)
            asked.want(at.db, "registry", registrations(wish.topic), at.run.id)
            asked.want(at.db, "search", wish.topic.queries, at.run.id)


def around(at: Asking, seeds: Sequence[str]) -> None:
    """The seeds' links from PubMed and iCite, then the records at their other ends."""
    for edge in asked.EDGES:
        gathering.links(at, edge, seeds)
    with at.db.atomic():
        asked.want(at.db, "counts", seeds, at.run.id)
    gathering.counts(at, seeds)
    want_and_fetch(at, asked.wanted_neighbours(at.db))


def want_and_fetch(at: Asking, pmids: Sequence[str]) -> None:
    """Records that something named: each is verified by fetching it, so an invented number never becomes a document."""
    with at.db.atomic():
        asked.want(at.db, "record", pmids, at.run.id)
    gathering.records(at, pmids)


def finish(at: Asking) -> None:
    """What the other services know of the records that are here now; then who is who."""
    # read before the transaction: one that begins with a read cannot wait for another writer
    wanted = {
        "registry": asked.registered(at.db), "full text": asked.in_pmc(at.db), "counts": asked.fetched_pmids(at.db),
    }  # fmt: skip
    with at.db.atomic():
        for what, ids in wanted.items():
            asked.want(at.db, what, ids, at.run.id)
    gathering.registry(at, at.open("registry"))
    gathering.full_texts(at, at.open("full text"))
    gathering.counts(at, at.open("counts"))
    with at.db.atomic():
        documents.assign_studies(at.db)
        asked.count_edges(at.db)
    matching.match(at.db)


def named_papers(db: Database, topic: Topic) -> tuple[str, ...]:
    """PMIDs that the topic lists around its seeds, those its sheets speak of, and those of loaded lists."""
    around = (one for one in (*topic.similar, *topic.citers, *topic.references) if pmid(one))
    return tuple(dict.fromkeys((*around, *asked.study_papers(db), *asked.listed(db))))


def named_dois(topic: Topic) -> tuple[str, ...]:
    """DOIs that the topic lists among its references."""
    return tuple(dict.fromkeys(found for one in topic.references if not pmid(one) and (found := doi(one))))


def registrations(topic: Topic) -> tuple[str, ...]:
    """The topic's ClinicalTrials.gov numbers."""
    return tuple(number for one in topic.registrations if one.upper().startswith("NCT") and (number := nct(one)))


def planned(db: Database, wish: Wish) -> dict[str, tuple[str, ...]]:
    """What a pull would ask for first, by kind; neighbours are known only when the links are. Nothing is written."""
    topic = wish.topic
    wished = {
        "record": (*wish.seeds, *(named_papers(db, topic) if topic else ())),
        "doi": (*named_dois(topic), *asked.study_dois(db)) if topic else (),
        **dict.fromkeys(wish.edges(), wish.seeds),
        "counts": wish.seeds,
        "registry": registrations(topic) if topic else (),
        "search": topic.queries if topic else (),
    }
    return {what: left for what, ids in wished.items() if (left := asked.unanswered(db, what, ids))}
