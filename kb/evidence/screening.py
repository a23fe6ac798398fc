"""What screeners' decisions on one record come to. Pure: votes in, an outcome out.

At title and abstract doubt goes forward: only an agreed exclusion removes a record, and "unsure" beside "include" or
another "unsure" sends it to full text (Cochrane Handbook, section 4.6.4: a record is removed when it is obviously
irrelevant). At full text all must say the same, for the same reason, because the reasons are reported (PRISMA 2020,
item 16b). What is left open is a conflict, which an adjudicator settles, or the screeners by deciding anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.records import Vote

TITLE_ABSTRACT, FULL_TEXT = "title-abstract", "full-text"
STAGES = (TITLE_ABSTRACT, FULL_TEXT)
DECISIONS = ("include", "exclude", "unsure")
RETRIEVALS = ("retrieved", "not retrieved")


@dataclass(frozen=True, slots=True)
class Outcome:
    """include, exclude (with its reason) or conflict; None until as many people decided as the topic asks for."""

    state: str | None
    reason: str | None = None


def people(votes: Iterable[Vote]) -> tuple[str, ...]:
    """Who decided as a screener, in the order of the first decision of each."""
    return tuple(dict.fromkeys(v.reviewer for v in votes if v.role == "reviewer"))


def disclosed(votes: Sequence[Vote], needed: int) -> bool:
    """Whether the decisions may be seen: as many people decided as the topic asks for."""
    return len(people(votes)) >= needed


def settle(votes: Sequence[Vote], stage: str, needed: int) -> Outcome:
    """What votes at one stage, oldest first, come to: an adjudicator's last word, else the newest of each person."""
    if not disclosed(votes, needed):
        return Outcome(None)
    final = [v for v in votes if v.role == "adjudicator"]
    if final:
        return Outcome(final[-1].decision, final[-1].reason)
    newest = list({v.reviewer: v for v in votes}.values())
    words = {v.decision for v in newest}
    if words == {"exclude"}:
        return _excluded(newest, stage)
    if words == {"include"} or (stage == TITLE_ABSTRACT and "exclude" not in words):
        return Outcome("include")
    return Outcome("conflict")


def _excluded(newest: Sequence[Vote], stage: str) -> Outcome:
    """At title and abstract the first screener's reason stands for all."""
    if stage == FULL_TEXT and len({v.reason for v in newest}) > 1:
        return Outcome("conflict")
    return Outcome("exclude", newest[0].reason)


def independent(votes: Sequence[Vote], needed: int) -> tuple[Vote, ...] | None:
    """What each screener had last said when the decisions were disclosed; None until then. Kappa counts these."""
    newest: dict[str, Vote] = {}
    for vote in votes:
        if vote.role == "reviewer":
            newest[vote.reviewer] = vote
            if len(newest) >= needed:
                return tuple(newest.values())
    return None
