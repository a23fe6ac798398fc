"""epost: ids into a history set."""

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response

_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE ePostResult PUBLIC "-//NLM//DTD epost 20090526//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20090526/epost.dtd">'
)
_BAD_IDS = (
    "<ERROR>Empty ID list; Nothing to store</ERROR><ERROR>Some IDs have invalid value and were omitted. "
    "Maximum ID value 18446744073709551615</ERROR>"
)


def answer(world: World, entry: Entry) -> Response:
    """A key in a WebEnv, the one that was named if it still lives."""
    ids = entry.all("id")
    if entry.get("db") != "pubmed":
        return _result(f"<ERROR>Invalid db name specified: {entry.get('db')}</ERROR>")
    if not ids or not all(one.isdecimal() for one in ids):
        return _result(_BAD_IDS)
    web_env, key = world.histories.put(ids, entry.get("WebEnv"))
    return _result(f"\n\t<QueryKey>{key}</QueryKey>\n\t<WebEnv>{web_env}</WebEnv>\n")


def _result(inside: str) -> Response:
    return Response(f"{_DOCTYPE}<ePostResult>{inside}</ePostResult>".encode())
