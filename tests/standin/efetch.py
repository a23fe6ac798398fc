"""efetch: PubMed records as XML or MEDLINE, and PMC full texts. What is not there is left out without a word."""

from tests.standin import pmc
from tests.standin.articles import Article, as_medline, as_xml
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_text

_YEARS = {"250101": "2025", "260101": "2026", "270101": "2027"}
MOST_OF_A_HISTORY = 9998


def answer(world: World, entry: Entry) -> Response:
    """Records in the order of the ids, or shuffled."""
    if entry.get("db") == "pmc":
        return pmc.efetch(world, entry)
    if entry.get("db") != "pubmed":
        return _error(f"Invalid db name specified: {entry.get('db')}", 400)
    ids = _ids(world, entry)
    if isinstance(ids, Response):
        return ids
    if not world.quirks.repeat:
        ids = list(dict.fromkeys(ids))
    found = [one for pmid in ids if (one := world.store.article(pmid)) is not None]
    if world.quirks.shuffle:
        world.dice.shuffle(found)
    return _medline(world, ids) if entry.get("rettype") == "medline" else _xml(world, found)


def _ids(world: World, entry: Entry) -> list[str] | Response:
    if entry.get("WebEnv"):
        return _from_history(world, entry)
    if not any(name == "id" for name, _ in entry.params) or not entry.all("id"):
        return _error("Supplied id parameter is empty.", 200)
    ids = [one for one in entry.all("id") if one.isdecimal() and int(one)]
    return ids or _error("ID list is empty! Possibly it has no correct IDs.", 400)


def _from_history(world: World, entry: Entry) -> list[str] | Response:
    ids = world.histories.ids(entry, world.quirks.history_lifetime)
    start, most = int(entry.get("retstart", "0")), int(entry.get("retmax", "20"))
    if ids is None:
        return _error(
            f"Cannot retrieve history data. query_key: {entry.get('query_key')}, WebEnv: {entry.get('WebEnv')}, "
            f"retstart: {start}, retmax: {most}</ERROR><ERROR>Can't fetch uids from history because of: "
            "NCBI C++ Exception: invented",
            400,
        )
    if start > MOST_OF_A_HISTORY:
        return _error("Search backend cannot retrieve history data. Reason: beyond the first 9,999", 400)
    if start >= len(ids):
        return _error(
            f"Cannot retrieve history data: OUT OF RANGE. Parameter retstart={start} + 1 is greater than number of "
            f"records available in history. History includes {len(ids)} IDs.",
            400,
        )
    return ids[start : start + most]


def _xml(world: World, found: list[Article]) -> Response:
    dtd = world.quirks.dtd
    prolog = (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC '
        f'"-//NLM//DTD PubMedArticle, 1st January {_YEARS[dtd]}//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{dtd}.dtd">\n'
    )
    inside = "".join(f"\n{as_xml(one)}" for one in found)
    body = f"{prolog}<PubmedArticleSet>{inside}{chr(10) if inside else ''}</PubmedArticleSet>"
    return Response(body.encode("ascii", "xmlcharrefreplace"))


def _medline(world: World, ids: list[str]) -> Response:
    pieces = []
    for pmid in ids:
        article = world.store.article(pmid)
        if article is not None:
            pieces.append("\n" + as_medline(article))
        elif pmid in world.store.merged:
            survivor = world.store.merged[pmid]
            pieces.append(f"\nid: {pmid} Error occurred: PMID {pmid} is a duplicate of PMID {survivor}\n")
        else:
            pieces.append(f"\nid: {pmid} Error occurred: The following PMID is not available: {pmid}\n")
    return as_text("".join(pieces))


def _error(words: str, status: int) -> Response:
    prolog = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20131226/efetch.dtd">\n'
    )
    return Response(f"{prolog}<eFetchResult>\n\t<ERROR>{words}</ERROR>\n</eFetchResult>".encode(), status=status)
