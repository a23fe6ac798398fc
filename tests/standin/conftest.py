"""One stand-in per test, and a bare client that believes everything: here the server is what is tested."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.standin import StandIn


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """The services."""
    with StandIn(seed=3) as running:
        yield running


@pytest.fixture
def get(standin: StandIn) -> Iterator[Callable[..., httpx.Response]]:
    """Ask by the name of an E-utility, or by a path."""
    transport = httpx.HTTPTransport(verify=False)
    with httpx.Client(transport=transport) as bare:

        def getting(path: str, params: Any = (), **named: str) -> httpx.Response:
            url = f"{standin.urls['eutils']}/{path}.fcgi" if "/" not in path else f"{standin.root}{path}"
            return bare.get(url, params=[*params, *named.items()])

        yield getting


@pytest.fixture
def xml(get: Callable[..., httpx.Response]) -> Callable[..., Any]:
    """The same, parsed."""
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    return lambda path, params=(), **named: etree.fromstring(get(path, params, **named).content, parser)
