"""elink: similar articles, citers, references, PMC. One LinkSet per `id=`; ids joined by commas lose their owner."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_json, as_text

_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eLinkResult PUBLIC "-//NLM//DTD elink 20101123//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20101123/elink.dtd">\n'
)
INVENTED = "2020360999999"


@dataclass(frozen=True, slots=True)
class _Set:
    """One LinkSet: its ids, the links (None: there is no list), an error of its own."""

    ids: tuple[str, ...]
    links: list[tuple[str, int]] | None
    error: str | None = None
    history: tuple[str, int] | None = None


def answer(world: World, entry: Entry) -> Response:
    """Links of the ids by the command that was asked for."""
    command = entry.get("cmd", "neighbor")
    if command not in {"neighbor", "neighbor_score", "neighbor_history"}:
        words = f"<LinkSet><ERROR>Exception:\n{command} command not supported</ERROR></LinkSet>"
        return Response(f"{_DOCTYPE}<eLinkResult>{words}</eLinkResult>".encode())
    groups = list(_groups(world, entry))
    if command == "neighbor_score" and any(one in world.quirks.no_scores for group in groups for one in group):
        return _outage(entry)
    sets = [_linked(world, entry, group) for group in groups]
    sets = [one for one in sets if not world.quirks.drop_linksets.intersection(one.ids)]
    if world.quirks.reorder_linksets:
        world.dice.shuffle(sets)
    if entry.get("retmode") == "json":
        return as_json({"header": {"type": "elink", "version": "0.3"}, "linksets": [_json(entry, one) for one in sets]})
    inside = "".join(_xml(world, entry, one) for one in sets)
    return Response(f"{_DOCTYPE}<eLinkResult>\n{inside}</eLinkResult>".encode())


def _groups(world: World, entry: Entry) -> Iterator[tuple[str, ...]]:
    if entry.get("WebEnv"):
        kept = world.histories.ids(entry, world.quirks.history_lifetime)
        yield tuple(kept) if kept is not None else ("?",)
    for name, value in entry.params:
        # What is no number is dropped, so that positions shift.
        if name == "id" and (ids := tuple(one for one in value.split(",") if one.isdecimal())):
            yield ids


def _linked(world: World, entry: Entry, ids: tuple[str, ...]) -> _Set:
    if ids == ("?",):
        return _Set((), None, "Unable to obtain query #1")
    error = next((words for one, words in world.quirks.link_errors.items() if one in ids), None)
    if error:
        return _Set(ids, None, error)
    lists = [_one(world, entry, pmid) for pmid in ids]
    known = [one for one in lists if one is not None]
    rows = [row for one in known for row in one]
    if entry.get("cmd") == "neighbor_score":
        rows.sort(key=lambda row: -row[1])
    elif len(ids) > 1:
        rows = sorted(dict(rows).items(), key=lambda row: -int(row[0]))
    shown = tuple("0" if one in world.quirks.zero_ids else one for one in ids)
    history = None
    if entry.get("cmd") == "neighbor_history":
        history = world.histories.put([pmid for pmid, _ in rows], entry.get("WebEnv"))
    return _Set(shown, rows if known else None, history=history)


def _one(world: World, entry: Entry, pmid: str) -> list[tuple[str, int]] | None:
    name = _name(entry)
    if world.store.article(pmid) is None:
        return [(INVENTED, 1)] if world.quirks.links_for_anything else None
    if name == "pubmed_pmc":
        article = world.store.article(pmid)
        return [(article.pmc.removeprefix("PMC"), 0)] if article and article.pmc else None
    links = world.store.linked(name, pmid)
    return list(links) if links else None


def _name(entry: Entry) -> str:
    database = entry.get("db", "pubmed")
    return entry.get("linkname") or (f"pubmed_{database}")


def _outage(entry: Entry) -> Response:
    """The C++ exception in JSON that is none; in XML a prolog without a root."""
    if entry.get("retmode") == "json":
        words = "NCBI C++ Exception:\n    Error: TXCLIENT(CException::eUnknown) invented: Read failed: EOF"
        return as_text(f'{{"linksets":[],"ERROR":"{words}"}}', kind="application/json; charset=UTF-8")
    return Response(_DOCTYPE.encode())


def _json(entry: Entry, one: _Set) -> dict[str, Any]:
    if one.error and not one.ids:
        return {"ERROR": one.error}
    row: dict[str, Any] = {"dbfrom": "pubmed", "ids": list(one.ids)}
    head = {"dbto": entry.get("db", "pubmed"), "linkname": _name(entry)}
    if one.error:
        row["linksetdbs"] = [{**head, "ERROR": one.error}]
    elif one.history:
        row |= {"linksetdbhistories": [{**head, "querykey": str(one.history[1])}], "webenv": one.history[0]}
    elif one.links is not None:
        scored = entry.get("cmd") == "neighbor_score"
        links = [{"id": pmid, "score": score} if scored else pmid for pmid, score in one.links]
        row["linksetdbs"] = [{**head, "links": links}]
    return row


def _xml(world: World, entry: Entry, one: _Set) -> str:
    if one.error and not one.ids:
        return f"<LinkSet><ERROR>{one.error}</ERROR></LinkSet>\n"
    ids = "".join(f"      <Id>{pmid}</Id>\n" for pmid in one.ids)
    head = f"<DbTo>{entry.get('db', 'pubmed')}</DbTo>\n      <LinkName>{_name(entry)}</LinkName>"
    inside = ""
    if one.error:
        inside = f"<LinkSetDb>{head}<ERROR>{one.error}</ERROR></LinkSetDb>"
    elif one.history:
        key, web_env = f"<QueryKey>{one.history[1]}</QueryKey>", f"<WebEnv>{one.history[0]}</WebEnv>"
        inside = f"<LinkSetDbHistory>{head}{key}</LinkSetDbHistory>{web_env}"
    elif one.links is not None:
        links = "".join(_link(entry, pmid, score) for pmid, score in one.links)
        inside = f"<LinkSetDb>\n      {head}\n{links}    </LinkSetDb>"
    elif world.quirks.nothing_linked == "info":
        inside = f"<LinkSetDb>{head}<Info>Empty result</Info></LinkSetDb>"
    return f"\n  <LinkSet>\n    <DbFrom>pubmed</DbFrom>\n    <IdList>\n{ids}    </IdList>\n    {inside}\n  </LinkSet>\n"


def _link(entry: Entry, pmid: str, score: int) -> str:
    scored = f"<Score>{score}</Score>" if entry.get("cmd") == "neighbor_score" else ""
    return f"        <Link>\n\t\t\t\t<Id>{pmid}</Id>{scored}\n\t\t\t</Link>\n"
