"""Screening: which records there are, what people decided of them, in which order the rest is worth reading.

The order is learned only from outcomes that may be seen, so it tells nobody what another screener has said. It is
learned in a build, or when it is asked for, never while a page is read.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from analysis.unseen import unseen
from kb.errors import KbError, NotTaken
from kb.evidence import relevance
from kb.evidence.flow import SAME, works
from kb.evidence.screening import (
    DECISIONS,
    FULL_TEXT,
    RETRIEVALS,
    STAGES,
    TITLE_ABSTRACT,
    disclosed,
    people,
    settle,
)
from kb.records import Vote
from kb.store import history, identified, screening
from kb.store.rows import fetch
from kb.store.screening import Kept
from kb.vocabulary import Topic

MISSING = "records stay in the order of identification; to rank them: pip install 'evidence-kb[screening]'"
#: Of the upper limit, and the share of the relevant records that one wants to have found.
LEVEL, TARGET = 95, 0.95


def gather(db: Database, path: Path, topic: Topic, run: str) -> None:
    """Bring the records, their outcomes and the served decisions up to date, in the caller's transaction.

    Looked at is what came or changed, and everything that people or possible duplicates touch.
    """
    kept = screening.kept_at(path)
    some = identified.to_gather(db) | {one.document for one in kept}
    found = identified.identify(db, some)
    better = {row["document"]: (row["withdrawn"], not row["readable"], not row["in_pubmed"]) for row in found}
    standing = works([row["document"] for row in found], screening.same_records(db, SAME), better)
    facts = {row["document"]: row for row in found}
    voices = _by_record(kept, standing)
    rows = [
        {"document": row["document"], "position": row["position"], "readable": row["readable"], "run": run,
         **states(voices.get(row["document"], ()), topic.reviewers_needed)}
        for row in found
        if standing[row["document"]] == row["document"] and not row["withdrawn"]
    ]  # fmt: skip
    screening.replace_records(
        db,
        some,
        (
            {"document": name, "record": one, "withdrawn": facts[one]["withdrawn"], "content": facts[name]["content"]}
            for name, one in standing.items()
        ),
        _numbered(rows, voices, topic.reviewers_needed),
    )
    shown = [row for record in voices.values() for row in served(record, topic.reviewers_needed)]
    screening.serve_screenings(db, (row for _, row in sorted(shown, key=lambda pair: pair[0])))
    rank(db, run)
    estimate(db, run)


def _by_record(kept: Iterable[Kept], standing: Mapping[str, str]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        found[standing.get(one.document, one.document)].append(one)
    return found


def votes(kept: Iterable[Kept], stage: str) -> list[Vote]:
    """The votes of one stage, oldest first."""
    return [one.vote for one in kept if one.stage == stage]


def states(kept: Sequence[Kept], needed: int) -> dict[str, str | None]:
    """What is decided of a record, as far as it may be seen: the columns of records."""
    first, second = (settle(votes(kept, stage), stage, needed) for stage in STAGES)
    had = votes(kept, "retrieval")
    return {
        "title_abstract": first.state, "title_abstract_reason": first.reason,
        "retrieval": had[-1].decision if had else None, "full_text": second.state, "full_text_reason": second.reason,
    }  # fmt: skip


def _numbered(rows: Sequence[dict[str, Any]], kept: Mapping[str, Sequence[Kept]], needed: int) -> list[dict[str, Any]]:
    """Rows with the number in the order of settling: at which vote a title and abstract were first settled."""
    when = {row["document"]: first_settled(kept.get(row["document"], ()), needed) for row in rows}
    ordered = sorted((at, name) for name, at in when.items() if at is not None)
    numbers = {name: number for number, (_, name) in enumerate(ordered, start=1)}
    return [{**row, "settled": numbers.get(row["document"])} for row in rows]


def first_settled(kept: Sequence[Kept], needed: int) -> int | None:
    """The place in the order of all votes of the one that first settled title and abstract."""
    said: list[Vote] = []
    for one in kept:
        if one.stage == TITLE_ABSTRACT:
            said.append(one.vote)
            if settle(said, TITLE_ABSTRACT, needed).state in ("include", "exclude"):
                return one.at
    return None


def served(kept: Sequence[Kept], needed: int) -> list[tuple[tuple[str, int], dict[str, Any]]]:
    """The rows of screenings that may be seen, each with its place in the order of all."""
    open_ = {stage for stage in STAGES if disclosed(votes(kept, stage), needed)} | {"retrieval"}
    return [((one.stage, one.at), _row(one)) for one in kept if one.stage in open_]


def _row(one: Kept) -> dict[str, Any]:
    return {
        "id": one.id, "document": one.document, "stage": one.stage, "decision": one.vote.decision,
        "reason": one.vote.reason, "source": None, "run": None, "reviewer": one.vote.reviewer,
        "decided_at": one.decided_at, "note": one.note, "role": one.vote.role,
    }  # fmt: skip


def decide(db: Database, path: Path, topic: Topic, record: str, stage: str, vote: Vote, note: str | None) -> bool:
    """Append a screener's decision and show what may be seen now; False where it only repeats the person's last one.

    Raises:
        NotTaken: there is no such record to screen, the stage is not open for it, it has its decisions already, or
            decision and reason do not fit the topic.
    """
    documents = _screened(db, record)
    kept = screening.kept_at(path, documents)
    _fits(topic, stage, vote)
    _open(kept, stage, vote, topic.reviewers_needed)
    mine = [one for one in kept if one.stage == stage and one.vote.reviewer == vote.reviewer]
    if mine and (mine[-1].vote, mine[-1].note) == (vote, note):
        return False
    screening.keep_vote(path, record, stage, vote, note)
    _show(db, path, topic, record, documents)
    return True


def retrieve(db: Database, path: Path, topic: Topic, record: str, retrieval: str, by: str, note: str | None) -> bool:
    """Append whether a report could be had; False where that is what is known.

    Raises:
        NotTaken: there is no such record, or its title and abstract are not included.
    """
    documents = _screened(db, record)
    kept = screening.kept_at(path, documents)
    if retrieval not in RETRIEVALS:
        raise NotTaken(f"{retrieval[:40]}: a report is {' or '.join(RETRIEVALS)}")
    if states(kept, topic.reviewers_needed)["title_abstract"] != "include":
        raise NotTaken(f"{record}: its title and abstract are not included, so its report is not sought")
    known = [one for one in kept if one.stage == "retrieval"]
    if (known[-1].vote.decision if known else "retrieved") == retrieval:
        return False
    screening.keep_retrieval(path, record, retrieval, by, note)
    _show(db, path, topic, record, documents)
    return True


def _screened(db: Database, record: str) -> list[str]:
    documents = screening.members_of(db, record)
    if not documents:
        raise NotTaken(f"{record[:120]}: no record to screen; a build gathers what was loaded since the last one")
    return documents


def _fits(topic: Topic, stage: str, vote: Vote) -> None:
    if stage not in STAGES or vote.decision not in DECISIONS:
        raise NotTaken(f"a decision is {', '.join(DECISIONS)}, at the stage {' or '.join(STAGES)}")
    if vote.decision == "exclude" and vote.reason not in topic.eligibility.reasons:
        raise NotTaken(f"an exclusion has one of these reasons: {'; '.join(topic.eligibility.reasons)}")
    if vote.decision != "exclude" and vote.reason is not None:
        raise NotTaken("only an exclusion has a reason")
    if vote.role == "adjudicator" and vote.decision == "unsure":
        raise NotTaken("an adjudicator settles: include or exclude")


def _open(kept: Sequence[Kept], stage: str, vote: Vote, needed: int) -> None:
    now = states(kept, needed)
    if stage == FULL_TEXT and now["title_abstract"] != "include":
        raise NotTaken("full text comes after title and abstract are included")
    said = votes(kept, stage)
    enough = disclosed(said, needed) and vote.reviewer not in people(said)
    if vote.role == "reviewer" and enough:
        raise NotTaken("this record has all the decisions it needs")
    if vote.role == "adjudicator" and not (enough and _settles(said, stage, needed)):
        raise NotTaken("an adjudicator settles what other screeners see differently")


def _settles(said: Sequence[Vote], stage: str, needed: int) -> bool:
    """Whether screeners disagree, or disagreed before an adjudicator spoke."""
    return any(v.role == "adjudicator" for v in said) or settle(said, stage, needed).state == "conflict"


def _show(db: Database, path: Path, topic: Topic, record: str, documents: Sequence[str]) -> None:
    """Show what may be seen of one record now, and how much is likely unseen."""
    kept = screening.kept_at(path, documents)
    with db.atomic():
        rows = sorted(served(kept, topic.reviewers_needed), key=lambda pair: pair[0])
        screening.serve_screenings(db, (row for _, row in rows), documents)
        screening.update_record(db, record, states(kept, topic.reviewers_needed))
        estimate(db, str(fetch(db, "select run from records where document = ?", [record])[0]["run"]))


def estimate(db: Database, run: str) -> None:
    """Say how much is likely unseen, by the records settled so far."""
    labels = screening.settled(db)
    ranked = screening.ground_of_ranking(db) is not None
    records = max(screening.screenable(db), len(labels))
    found = unseen(labels, records, LEVEL, TARGET, ranked=ranked) if labels else None
    screening.serve_unseen(db, {**asdict(found), "run": run} if found else None)


def rank_again(db: Database) -> bool:
    """Learn the order from what is settled now; False where that is what it was learned from. Raises KbError."""
    if relevance.library() is None:
        raise KbError(MISSING)
    with history.recorded(db, "rank") as run, db.atomic():
        return rank(db, run.id)


def rank(db: Database, run: str) -> bool:
    """Order the records that are not settled by relevance; False where nothing is to be learned, or nothing new.

    Without scikit-learn, or before both an inclusion and an exclusion are settled, no record has a rank.
    """
    labels = screening.labelled(db)
    if not relevance.learnable(list(labels.values())):
        screening.serve_ranking(db, None, {})
        return False
    said = [relevance.MODEL, labels, screening.contents(db)]
    ground = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    if ground == screening.ground_of_ranking(db):
        return False
    library = relevance.library()
    if library is None:
        screening.serve_ranking(db, None, {})
        return False
    known = screening.texts(db)
    scored = relevance.scores(library, list(known.values()), [labels.get(name) for name in known])
    open_ = {name: score for name, score in zip(known, scored, strict=True) if name not in labels}
    made = {
        "run": run, "included": sum(labels.values()), "excluded": len(labels) - sum(labels.values()),
        "ranked": len(open_), "model": relevance.MODEL, "ground": ground,
    }  # fmt: skip
    screening.serve_ranking(db, made, open_)
    return True
