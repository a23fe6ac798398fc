"""Stored text is text, pages ask nothing of other servers, and permissions are Datasette's own."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette

from kb.web.headers import HEADERS

PATHS = ("/", "/-/outcome/mrss", "/-/study/alip-2024", "/-/estimate/msc-after.mrss.12-months.mc.main", "/-/flow",
         "/-/changes", "/-/study/nobody", "/-/outcome/mrss?r=7")  # fmt: skip


class Elements(HTMLParser):
    """Collects elements with their attributes."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(text):
    parser = Elements()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("path", PATHS)
def test_headers_forbid_scripts_and_other_servers(get, path):
    headers = get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def hostile_pages(ask):
    figure = ask("select id from figures where document = 'pmid-900001' limit 1")[0]["id"]
    return ["/-/study/pmid-900001", f"/-/figure/{figure}", "/-/study/alip-2024", "/-/outcome/mrss?set=with-machine"]


def test_hostile_text_stays_text(get, ask):
    for path in hostile_pages(ask):
        found = elements(get(path).text)
        assert {tag for tag, _ in found} & {"script", "img", "iframe", "object", "style"} == set(), path
        assert [name for _, attributes in found for name in attributes if name.startswith("on")] == [], path


def test_hostile_title_is_shown_as_it_is_written(get):
    page = get("/-/study/pmid-900001").text
    assert "Moss &lt;script&gt;alert(&#34;title&#34;)&lt;/script&gt; &#39;quoted&#39; &amp; &#34;double&#34;" in page


@pytest.mark.parametrize("name", ["<script>", "%22%3E%3Csvg%20onload=1%3E", "a'b\"c"])
@pytest.mark.parametrize("kind", ["outcome", "study", "figure", "estimate"])
def test_hostile_ids_are_not_echoed_as_markup(get, kind, name):
    page = get(f"/-/{kind}/{name}", follow_redirects=True)
    assert page.status_code == 404
    assert {tag for tag, _ in elements(page.text)} & {"script", "svg"} == set()


@pytest.mark.parametrize("path", PATHS)
def test_no_style_in_markup_and_nothing_from_elsewhere(get, path):
    for tag, attributes in elements(get(path).text):
        assert "style" not in attributes, tag
        if tag != "a":
            loaded = [attributes[key] for key in ("src", "href", "action", "data") if key in attributes]
            own = ("/", "data:image/svg+xml", "http://localhost/")
            assert all(address.startswith(own) for address in loaded), (tag, loaded)


@pytest.fixture
def demo_site(site_db, tmp_path):
    """A copy in which a refresh changed a title."""
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "insert into changes (run, document, field, before, after, noticed_at) values (?, ?, ?, ?, ?, ?)",
            ["r", "pmid-900001", "title", "<b>old</b> & \x01", "new", "2026-01-02T03:04:05+00:00"],
        )
    return Datasette([str(path)])


def closed(site_db, **allow):
    tables = {table: {"allow": False} for table in allow.pop("tables", ())}
    return Datasette([str(site_db)], metadata={"databases": {"evidence": {**allow, "tables": tables}}})


@pytest.mark.parametrize("path", [p for p in PATHS if p != "/-/study/nobody"])
def test_a_closed_database_closes_every_page(get, site_db, path):
    page = get(path, closed(site_db, allow={"id": "owner"}))
    assert page.status_code == 403
    assert "not allowed" in page.text
    assert "Rodnan" not in page.text


def test_whoever_may_see_the_database_sees_the_page(get, site_db):
    site = closed(site_db, allow={"id": "owner"})
    cookie = site.sign({"a": {"id": "owner"}}, "actor")
    assert get("/-/outcome/mrss", site, cookies={"ds_actor": cookie}).status_code == 200


@pytest.mark.parametrize(
    ("table", "path", "status"),
    [
        ("sections", "/-/figure/", 403),
        ("figures", "/-/outcome/mrss", 403),
        ("what_changed", "/-/changes.atom", 403),
        ("prisma_flow", "/-/flow", 403),
        ("prisma_flow", "/-/changes", 200),
    ],
)
def test_a_closed_table_closes_the_pages_that_show_it(get, site_db, seed_figure, table, path, status):
    path = path + seed_figure if path.endswith("/figure/") else path
    assert get(path, closed(site_db, tables=[table])).status_code == status


def test_without_our_database_the_page_says_so(get):
    page = get("/", Datasette(memory=True))
    assert page.status_code == 500
    assert "No evidence-kb database is attached" in page.text


def test_feed_is_well_formed_with_hostile_changes(demo_site, get):
    feed = ET.fromstring(get("/-/changes.atom", demo_site).content)  # noqa: S314 - our own output
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert [e.findtext(f"{atom}title") for e in entries] == ["pmid-900001: title"]
    assert "<b>old</b> & \N{REPLACEMENT CHARACTER} → new" in entries[0].findtext(f"{atom}content")
    page = get("/-/changes", demo_site).text
    assert "&lt;b&gt;old&lt;/b&gt;" in page


def test_prefix_of_the_site_is_kept_in_every_link(site_db):
    site = Datasette([str(site_db)], settings={"base_url": "/kb/"})
    page = asyncio.run(site.client.get("/-/outcome/mrss")).text
    links = [a["href"] for tag, a in elements(page) if tag == "a" and "href" in a and not a["href"].startswith("#")]
    assert [link for link in links if not re.match(r"(/kb/|http://localhost/kb/)", link)] == []
