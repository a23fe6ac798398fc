"""Every link that the site shows leads somewhere, from the overview to each payload."""

import asyncio
import re
from html import unescape

import pytest


@pytest.fixture(scope="module")
def crawled(datasette):
    """Status of every address reachable from the overview: our pages are read on, Datasette's own only opened."""

    async def crawl():
        waiting, seen = ["/"], {}
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            answer = await datasette.client.get(address)
            seen[address] = answer.status_code
            if address == "/" or address.startswith("/-/"):
                waiting += links(answer.text)
        return seen

    return asyncio.run(crawl())


def links(text):
    found = (unescape(href).split("#")[0] for href in re.findall(r'href="([^"]*)"', text))
    return [href for href in found if re.match(r"/(?!/)", href)]


def test_every_link_leads_somewhere(crawled):
    assert {address: status for address, status in crawled.items() if status != 200} == {}


@pytest.mark.parametrize(
    "table", [("outcomes where in_topic = 1", "outcome"), ("studies", "study"), ("estimates where k > 0", "estimate")]
)
def test_everything_is_reachable_from_the_overview(crawled, ask, table):
    rows, page = table
    ids = [row["id"] for row in ask(f"select id from {rows}")]
    assert ids
    assert [i for i in ids if f"/-/{page}/{i}" not in crawled] == []


def test_every_figure_that_feeds_an_estimate_is_reachable_with_its_payload(crawled, ask):
    rows = ask("select distinct f.id, d.payload from effect_figures e join figures f on f.id = e.figure"
               " join documents d on d.id = f.document")  # fmt: skip
    assert rows
    assert [r["id"] for r in rows if f"/-/figure/{r['id']}" not in crawled] == []
    assert [r["payload"] for r in rows if f"/evidence/payloads/{r['payload']}" not in crawled] == []


def test_walk_back_of_an_estimate_reaches_text_and_payload(get, seed_figure):
    estimate = get("/-/estimate/msc-after.mrss.12-months.mc.main").text
    assert f'href="/-/figure/{seed_figure}"' in estimate
    figure = get(f"/-/figure/{seed_figure}").text
    assert 'href="/-/estimate/msc-after.mrss.12-months.mc.main"' in figure
    payload = re.search(r'href="(/evidence/payloads/[0-9a-f]{64})"', figure)
    assert payload
    assert get(payload[1]).status_code == 200


def test_walk_back_of_a_model_of_ones_own_is_in_the_page(get, seed_figure):
    page = get("/-/outcome/mrss?months=12&method=DL&r=0.8").text
    assert "Your own model" in page
    assert f'href="/-/figure/{seed_figure}"' in page
    assert "r = 0.8 assumed" in page
    assert 'href="/-/estimate/' not in page


def test_forest_plot_holds_each_studys_numbers(get, ask):
    rows = ask("select study, arm, effect_size, ci_low, ci_high from forest_rows"
               " where outcome = 'mrss' and \"set\" = 'main' and intervention_class = 'msc'")  # fmt: skip
    assert len(rows) >= 4
    plots = "".join(re.findall(r"<svg.*?</svg>", get("/-/outcome/mrss").text, re.DOTALL))
    for row in rows:
        assert row["arm"] in unescape(plots)
        numbers = [f"{row[key]:.2f}".replace("-", "−") for key in ("effect_size", "ci_low", "ci_high")]
        assert [n for n in numbers if n not in plots] == [], row


def test_one_study_gets_no_diamond_and_two_do(get):
    one, more = (
        get(f"/-/estimate/{name}").text
        for name in (
            "msc-after.mrss.12-months.mc.main",
            "hsct-arms.treatment-related-mortality.12-months.plo.with-secondary",
        )
    )
    assert ">Pooled<" not in one
    assert ">Pooled<" in more
