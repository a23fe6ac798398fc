"""A site to ask: Datasette over the built database, in this process."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from datasette.app import Datasette


@pytest.fixture(scope="session")
def datasette(site_db) -> Datasette:
    """Plain Datasette with the plugin installed."""
    return Datasette([str(site_db)])


@pytest.fixture(scope="session")
def get(datasette) -> Callable[..., httpx.Response]:
    """Ask for a path; another site or method may be named."""

    def ask(path: str, site: Datasette = datasette, method: str = "GET", **more: Any) -> httpx.Response:
        return asyncio.run(site.client.request(method, path, **more))

    return ask


@pytest.fixture(scope="session")
def ask(get) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of SQL, as anybody may ask them of the site."""
    return lambda sql: get("/evidence.json", params={"sql": sql, "_shape": "objects"}).json()["rows"]


@pytest.fixture(scope="session")
def seed_figure(ask) -> str:
    """The figure 13.95 ± 8.49 of the invented page of the seed study."""
    return ask("select id from figures where document = 'pmid-38206544' and value = 13.95")[0]["id"]
