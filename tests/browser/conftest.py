"""A served site and a headless Chromium; without Chromium these tests skip by name."""

import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from datasette.app import Datasette
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: Tags of axe-core's rules.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
#: Of these, the rules that see colours: a scheme changes nothing else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
#: Windows in which every page is looked at, one after the other without loading it again.
WINDOWS = ((1280, "light"), (1280, "dark"), (360, "light"), (360, "dark"))
#: Where Debian has it, and what it is called elsewhere.
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def address(site_db) -> Iterator[str]:
    """The site, served on a free port of this machine."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        app = Datasette([str(site_db)]).app()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; closed with its module, because no other event loop can start beside Playwright's."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("needs Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, address) -> Iterator[Callable[..., Page]]:
    """Open a path in a window of a width and scheme; keeps every address that the page asked for in page.asked."""
    contexts = []

    def open_page(path: str, width: int = 1280, scheme: str = "light", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{address}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def windows() -> Callable[[Page], Iterator[tuple[int, str]]]:
    """The page as each of WINDOWS shows it, in turn."""

    def shown(page: Page) -> Iterator[tuple[int, str]]:
        for width, scheme in WINDOWS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            yield width, scheme

    return shown


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[tuple[str, list[str]]]]:
    """What axe-core finds wrong on a page by WCAG 2.2 A and AA: the rule, and elements it was found on.

    In the dark only the rules that see colours are tried, as all were tried on the same page in the light.
    """

    def tried(page: Page, scheme: str = "light") -> list[tuple[str, list[str]]]:
        rules = RULES if scheme == "light" else COLOURS
        found = Axe().run(page, options={**rules, "resultTypes": ["violations"]}).response  # of the rest no elements
        assert found["passes"], "no rule was tried"
        return [(v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found["violations"]]

    return tried


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Keep a screenshot where EVIDENCE_KB_SCREENSHOTS points, if it does."""

    def save(page: Page, name: str) -> None:
        folder = os.environ.get("EVIDENCE_KB_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)

    return save
