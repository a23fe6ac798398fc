"""ecitmatch: citations to PMIDs, a line each; what it cannot read it drops, or stops at."""

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_text


def answer(world: World, entry: Entry) -> Response:
    """The lines with their verdicts; author and year that disagree are not looked at."""
    lines = []
    for line in entry.get("bdata").replace("\n", "\r").split("\r"):
        fields = line.split("|")
        if len(fields) < 6 or not fields[0].strip():
            if world.quirks.ecitmatch_stops and line.strip():
                break
            continue
        lines.append("|".join([*fields[:6], _verdict(world, fields)]))
    return as_text("\n".join(lines) + "\n")


def _verdict(world: World, fields: list[str]) -> str:
    journal, _, volume, page = (one.strip().lower() for one in fields[:4])
    of_journal = [one for one in world.store.today() if one.abbreviation.lower() == journal]
    if not of_journal:
        return "NOT_FOUND;INVALID_JOURNAL"
    found = [one for one in of_journal if one.volume == volume and one.pages.split("-")[0] == page]
    if len(found) > 5:
        return f"AMBIGUOUS ({len(found)} citations)"
    if len(found) > 1:
        return "AMBIGUOUS " + ",".join(one.pmid for one in found)
    return found[0].pmid if found else "NOT_FOUND"
