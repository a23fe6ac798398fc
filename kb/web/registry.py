"""What a study planned, by its registry entry, beside what its papers report here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.store.rows import Row
from kb.vocabulary import Outcome, Vocabulary

#: ClinicalTrials.gov's word for people counted when the study had ended.
COUNTED = "ACTUAL"


@dataclass(frozen=True, slots=True)
class Promised:
    """An outcome as the entry names it; outcome None where our vocabulary knows none of its words."""

    words: str
    outcome: Outcome | None
    reported: bool


@dataclass(frozen=True, slots=True)
class Registration:
    """A registry number of a study; entry None where the registry was not asked.

    facts: name, what the registry says, what is here. unplanned: outcomes that are reported and that the entry does
    not name in words of ours.
    """

    row: Row
    entry: str | None
    facts: tuple[tuple[str, str, str], ...]
    promised: tuple[Promised, ...]
    unplanned: tuple[Outcome, ...]


def registrations(
    rows: Iterable[Row], study: Row | None, arms: Sequence[Row], reported: Iterable[str], vocabulary: Vocabulary
) -> tuple[Registration, ...]:
    """Each registry number of a study with its plan beside what is here; reported are ids of outcomes with figures."""
    known = tuple(vocabulary.by_id(name) for name in sorted({name for name in reported if name}))
    return tuple(_registration(row, study, arms, known, vocabulary) for row in rows)


def _registration(
    row: Row, study: Row | None, arms: Sequence[Row], known: Sequence[Outcome], vocabulary: Vocabulary
) -> Registration:
    if row["entry"] is None:
        return Registration(row, None, (), (), ())
    promised = tuple(_promised(line, known, vocabulary) for line in (row["outcomes"] or "").splitlines())
    named = {p.outcome.id for p in promised if p.outcome}
    unplanned = tuple(o for o in known if o.id not in named) if promised else ()
    return Registration(row, row["entry"], _facts(row, study, arms), promised, unplanned)


def _facts(row: Row, study: Row | None, arms: Sequence[Row]) -> tuple[tuple[str, str, str], ...]:
    sizes = [a["n"] for a in arms if a["role"] != "other" and a["n"]]
    how = "counted" if row["enrolment_kind"] == COUNTED else "planned"
    people = f"{row['enrolment']} {how}" if row["enrolment"] is not None else ""
    design = ", ".join(_plain(row[key]) for key in ("study_type", "phases", "allocation") if row[key])
    design += f", masking {_plain(row['masking'])}" if row["masking"] else ""
    dates = " to ".join(row[key] for key in ("start", "completion") if row[key])
    updated = f"last updated {row['updated']}" if row["updated"] else ""
    state = ", ".join(filter(None, (_plain(row["status"] or ""), updated)))
    groups = "; ".join(line.partition(": ")[2] or line for line in (row["arms"] or "").splitlines())
    told = (
        (
            "Patients",
            people,
            f"{sum(sizes)} in {len(sizes)} {'group' if len(sizes) == 1 else 'groups'}" if sizes else "",
        ),
        ("Design", design, str(study["design"]) if study else ""),
        ("Time", dates, f"published {study['year']}" if study and study["year"] else ""),
        ("Groups", groups, "; ".join(str(a["name"]) for a in arms if a["role"] != "other")),
        ("State", state, ""),
        ("Results posted", {1: "yes", 0: "no"}.get(row["has_results"], ""), ""),
    )
    return tuple(fact for fact in told if fact[1])


def _plain(words: str) -> str:
    """``RANDOMIZED`` → ``randomized``, as a registry's capitals are hard to read."""
    return words.replace("_", " ").lower()


def _promised(line: str, known: Sequence[Outcome], vocabulary: Vocabulary) -> Promised:
    ours = {o.id for o in known}
    found = [o for o in vocabulary.outcomes if _names(o, line)]
    best = max(found, key=lambda o: (o.id in ours, len(o.name)), default=None)
    return Promised(line, best, best is not None and best.id in ours)


def _names(outcome: Outcome, line: str) -> bool:
    words = "|".join(re.escape(word) for word in (outcome.name, outcome.title, *outcome.words))
    return re.search(rf"\b(?:{words})", line, re.IGNORECASE) is not None
