"""Questions to a figure beside what its paper and its registry entry say elsewhere."""

import re

from kb.checks.context import Context, verdict
from kb.records import Verdict

#: Words of a registry for an enrolment that was counted afterwards.
COUNTED = "ACTUAL"


def baselines_agree(c: Context) -> Verdict | None:
    """One paper gives one baseline of one outcome in one group; another number of patients may have another one."""
    f = c.figure
    if f.kind != "mean" or f.months != 0 or f.value is None or not c.same_thing:
        return None
    others = [
        r.figure
        for r, s in c.siblings
        if r.id != c.reading.id and r.document == c.reading.document and r.reader == c.reading.reader
        and (r.figure.kind, r.figure.outcome, r.figure.arm, r.figure.unit) == ("mean", f.outcome, f.arm, f.unit)
        and r.figure.months == 0 and r.figure.value is not None and s.study_arm == c.standing.study_arm
    ]  # fmt: skip
    if not others:
        return None
    differing = next((one for one in others if not f.agrees_with(one)), None)
    if differing is None:
        return Verdict("one baseline", "passed", f"{f.value:g} each time")
    words = f"{f.value:g} here, {differing.value:g} elsewhere in the paper"
    if f.n and differing.n and f.n != differing.n:
        return Verdict("one baseline", "not applicable", f"{words}, of {f.n} and {differing.n} patients")
    return Verdict("one baseline", "doubtful", words)


def enrolment_registered(c: Context) -> Verdict | None:
    """No more patients in a figure than its registry entry planned, or counted."""
    n = c.standing.n
    if n is None or not c.registered:
        return None
    most = max(c.registered, key=lambda one: one.enrolment)
    how = "enrolled" if most.kind == COUNTED else "planned"
    words = f"{n} patients here, {most.enrolment} {how} in {most.accession}"
    return verdict("registered enrolment", words, passed=n <= most.enrolment, otherwise="doubtful")


def outcome_registered(c: Context) -> Verdict | None:
    """Whether the registry entry names the outcome, with the time it planned. Other words may mean the same: a note."""
    if c.outcome is None or c.figure.months == 0:
        return None
    planned = [(one.accession, line) for one in c.registered for line in one.outcomes]
    if not planned:
        return None
    words = "|".join(re.escape(word) for word in (c.outcome.name, *c.outcome.words))
    named = next(((number, line) for number, line in planned if re.search(rf"\b({words})", line, re.IGNORECASE)), None)
    if named is None:
        reason = f"none of the {len(planned)} outcomes in {planned[0][0]} is called so"
        return Verdict("registered outcome", "not applicable", reason)
    at = c.figure.timepoint or "no time"
    return Verdict("registered outcome", "passed", f"{named[0]} plans {named[1]}; here: {at}")
