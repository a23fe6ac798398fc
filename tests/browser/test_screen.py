"""Two screeners and an adjudicator in a real browser: keys, no scripts, wide and narrow, nothing seen too early."""

import shutil
import socket
import threading
from contextlib import closing
from types import SimpleNamespace

import pytest
import uvicorn
from datasette.app import Datasette

SEED = "pmid-38206544"
ROLES = {"ann": "reviewer", "ben": "reviewer", "eva": "adjudicator"}


@pytest.fixture
def served(site_db, tmp_path):
    """A copy of the site that may be changed."""
    site = Datasette([str(shutil.copy(site_db, tmp_path / "evidence.db"))])
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(site.app(), log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield SimpleNamespace(site=site, address=f"http://127.0.0.1:{listening.getsockname()[1]}")
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def screen(chromium, served):
    """A page of somebody who is signed in."""
    contexts = []

    def open_page(who, path="/-/screen", width=1280, scheme="light", *, scripts=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        actor = served.site.sign({"a": {"id": who, "role": ROLES[who]}}, "actor")
        context.add_cookies([{"name": "ds_actor", "value": actor, "url": served.address}])
        page = context.new_page()
        page.goto(f"{served.address}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def said(page):
    page.locator(".message").wait_for()
    return page.locator(".message").inner_text()


def test_two_screeners_and_an_adjudicator(screen, keep):
    ann = screen("ann")
    keep(ann, "screen 1280 light")
    ann.goto(f"{ann.url}/{SEED}")
    ann.keyboard.press("1")
    assert said(ann).startswith("Excluded (not systemic sclerosis): ")
    assert ann.url.endswith("/-/screen")
    ben = screen("ben", f"/-/screen/{SEED}", scripts=False)
    assert "Nobody sees a decision before 2 people have given theirs" in ben.locator(".judge").inner_text()
    ben.get_by_label("Note").fill("seems to fit")
    ben.get_by_role("button", name="Include", exact=True).click()
    assert said(ben).startswith("Included: ")
    eva = screen("eva", width=360)
    eva.locator("#where a", has_text="systemic").or_(eva.locator(f"a[href$='{SEED}']")).first.click()
    assert "seems to fit" in eva.locator(".judge").inner_text()
    keep(eva, "screen conflict 360 light")
    eva.get_by_role("button", name="Include", exact=True).click()
    assert said(eva).startswith("Included: ")
    ann.goto(f"{ann.url}?stage=full-text")
    assert ann.get_by_role("button", name="The report cannot be had").count() == 1
    ann.goto(ann.url.partition("/-/")[0] + "/-/flow")
    keep(ann, "flow 1280 light")
    assert "Reports sought for retrieval (n = 1)" in ann.locator(".prisma").inner_text()


def test_keys_are_off_while_one_writes(screen):
    page = screen("ann")
    address, title = page.url, page.locator("#title").inner_text()
    page.keyboard.press("n")
    page.keyboard.type("iu1")
    assert page.get_by_label("Note").input_value() == "iu1"
    assert (page.url, page.locator("#title").inner_text()) == (address, title)


@pytest.mark.parametrize(
    "path", ["/-/screen", f"/-/screen/{SEED}", "/-/screen/pmid-900001", "/-/screen?stage=full-text", "/-/flow"]
)
def test_page_fits_its_windows_and_passes_axe(screen, violations, windows, keep, path):
    page = screen("ann", path)
    for width, scheme in windows(page):
        keep(page, f"{path} {width} {scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, scheme) == []
