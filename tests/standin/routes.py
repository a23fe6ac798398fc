"""Which address belongs to which endpoint: one row an endpoint, one module a service."""

from collections.abc import Callable
from dataclasses import replace

from tests.standin import (
    ctgov,
    ecitmatch,
    efetch,
    einfo,
    elink,
    epost,
    esearch,
    esummary,
    europepmc,
    icite,
    idconv,
    pmc,
)
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import HTML, Response, as_text

#: The names are those of ingest.services.addresses.Services.
BASES = {
    "eutils": "/entrez/eutils",
    "idconv": "/tools/idconv/api/v1/articles",
    "ctgov": "/api/v2",
    "pmc_oa": "/pmc-oa-opendata",
    "icite": "/icite/api",
    "europepmc": "/europepmc/webservices/rest",
}
BIOC = "/research/bionlp/RESTful/pmcoa.cgi"
OLD_OA = "/pmc/utils/oa/oa.fcgi"
OLD_IDCONV = "/pmc/utils/idconv/v1.0"

Endpoint = Callable[[World, Entry], Response]
_EUTILS: dict[str, Endpoint] = {
    "einfo": einfo.answer,
    "esearch": esearch.answer,
    "epost": epost.answer,
    "efetch": efetch.answer,
    "esummary": esummary.answer,
    "elink": elink.answer,
    "ecitmatch": ecitmatch.answer,
}
_OTHERS: dict[str, tuple[str, Endpoint]] = {
    "idconv": (BASES["idconv"], idconv.answer),
    "idconv-old": (OLD_IDCONV, idconv.moved),
    "ctgov": (BASES["ctgov"], ctgov.answer),
    "pmc_oa": (BASES["pmc_oa"], pmc.store),
    "oa": (OLD_OA, pmc.retired),
    "bioc": (BIOC, pmc.bioc),
    "icite": (BASES["icite"], icite.answer),
    "europepmc": (BASES["europepmc"], europepmc.answer),
}
#: They share one budget of requests.
NCBI = frozenset({*_EUTILS, "idconv", "idconv-old", "oa", "bioc"})
#: Longer addresses are refused unread.
LONGEST = 4000
TOO_LONG = Response(b"<html><body><h1>414 Request-URI Too Large</h1></body></html>", HTML, 414)


def endpoint(path: str) -> str:
    """The endpoint's name; the path itself where there is none."""
    if path.startswith(BASES["eutils"] + "/"):
        name = path.removeprefix(BASES["eutils"] + "/").partition(".")[0]
        return name if name in _EUTILS else path
    return next((name for name, (base, _) in _OTHERS.items() if path.startswith(base)), path)


def forgotten(name: str, params: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """What a polite client sends and this one did not."""
    if name not in _EUTILS:
        return ()
    given = {key for key, value in params if value}
    return tuple(f"no {one}" for one in ("tool", "email") if one not in given)


def answer(world: World, entry: Entry) -> Response:
    """The normal answer."""
    respond = _EUTILS.get(entry.endpoint) or _OTHERS.get(entry.endpoint, ("", _nowhere))[1]
    response = respond(world, entry)
    return replace(response, framing="chunked") if world.quirks.chunked else response


def _nowhere(_: World, entry: Entry) -> Response:
    return as_text(f"no such path: {entry.path}", 404)
