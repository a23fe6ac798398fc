"""A review session in a real browser: two reviewers and an adjudicator, from the queue to the moved estimate."""

import re
import shutil
import socket
import sqlite3
import threading
from contextlib import closing

import pytest
import uvicorn
from datasette.app import Datasette

ROLES = {"ann": "reviewer", "ben": "reviewer", "eve": "adjudicator"}
PAGE = "pmid-38206544"
#: A figure of somebody else's review in a pool of several: accepted it stands in the main set, rejected nowhere.
POOLED = """select ef.figure, m.id from estimates m join estimate_effects l on l.estimate = m.id
join effects x on x.id = l.effect join effect_figures ef on ef.effect = x.id
where l.weight is not null and m.k > 1 and x.basis = 'secondary sheet' and m."set" = 'with-secondary'
order by m.id, ef.figure"""


@pytest.fixture
def desk(site_db, tmp_path, chromium):
    """Open a path as somebody on a site of its own: desk(name, path, width); desk.rows(sql) asks or writes rows."""
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    site, contexts = Datasette([str(path)]), []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(site.app(), log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def sit(name, where, width=1280, scheme="light", *, scripts=True):
            size = {"width": width, "height": 900}
            context = chromium.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts)
            contexts.append(context)
            cookie = site.sign({"a": {"id": name, "role": ROLES[name]}}, "actor")
            context.add_cookies([{"name": "ds_actor", "value": cookie, "url": address}])
            page = context.new_page()
            page.goto(address + where)
            return page

        def rows(sql, *params):
            with closing(sqlite3.connect(path)) as db, db:
                return db.execute(sql, params).fetchall()

        sit.rows = rows
        yield sit
        for context in contexts:
            context.close()
        server.should_exit = True
        thread.join(timeout=10)


def answer(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def access_key(page, key):
    """Alt and a letter, as the browser's own key handling gets it."""
    keyboard = page.context.new_cdp_session(page)
    said = {"modifiers": 1, "key": key, "text": key, "unmodifiedText": key, "windowsVirtualKeyCode": ord(key.upper())}
    with page.expect_navigation():
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **said})


def message(page):
    return page.locator("p.message").inner_text()


def test_two_reviewers_and_an_adjudicator_from_queue_to_moved_estimate(desk, keep):
    figure, estimate = desk.rows(POOLED)[0]
    number = "select k, estimate from estimates where id = ?"
    before = desk.rows(number, estimate)

    ann = desk("ann", "/-/review")
    keep(ann, "review queue 1280")
    first = ann.locator("table.stack tbody tr").first
    assert "feeds" in first.inner_text()
    ann.goto(ann.url + f"/{figure}")
    keep(ann, "review figure 1280")
    ann.get_by_label("Note").first.fill("as the review prints it")
    answer(ann, "Accept")
    assert "until the others have answered" in message(ann)
    assert re.search(r"/-/review/[^/]+$", ann.url)
    assert not ann.url.endswith(figure)
    assert desk.rows(number, estimate) == before

    ben = desk("ben", f"/-/review/{figure}")
    assert "as the review prints it" not in ben.content()
    answer(ben, "Reject")
    assert "estimate" in message(ben)
    keep(ben, "review message 1280")
    assert desk.rows(number, estimate) != before

    eve = desk("eve", "/-/review")
    keep(eve, "review queue of the adjudicator 1280")
    eve.locator("table.stack tbody a").first.click()
    assert eve.get_by_role("heading", name="Settle the conflict").count() == 1
    assert "as the review prints it" in eve.content()
    keep(eve, "review conflict 1280")
    answer(eve, "Accept")
    assert "→" in message(eve)
    eve.goto(eve.url.rsplit("/", 1)[0] + f"/{figure}")
    assert eve.get_by_role("heading", name="How estimates moved").count() == 1
    keep(eve, "review moved 1280")
    assert desk.rows("select basis from standings where figure = ?", figure) == [("adjudicated",)]
    assert desk.rows(number, estimate) == before
    eve.goto(eve.url.rsplit("/", 1)[0] + "/agreement")
    assert "ann and ben" in eve.content()
    keep(eve, "review agreement 1280")


def test_marked_words_become_a_figure_without_typing_them(desk, keep):
    for name in ("ann", "ben"):
        page = desk(name, f"/-/review/text/{PAGE}")
        page.evaluate(
            """() => {
              const box = [...document.querySelectorAll("[data-section]")].find(b => b.textContent.includes("3 years"))
              const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT)
              while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf("3 years")
                if (at < 0) continue
                document.getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + 7)
                document.dispatchEvent(new Event("mouseup"))
                return
              }
            }"""
        )
        assert page.get_by_label("Quote").input_value() == "3 years"
        page.locator("select[name=outcome]").select_option("death")
        page.locator("select[name=kind]").select_option("mean")
        page.get_by_label("Value").fill("3")
        keep(page, "review add 1280")
        answer(page, "Add the figure")
        assert "Kept" in message(page)
    made = desk.rows("select f.quote, substr(s.text, f.start + 1, f.end - f.start) from figures f "
                     "join sections s on s.id = f.section where f.reader = 'reviewer'")  # fmt: skip
    assert made == [("3 years", "3 years")]


def test_everything_works_without_scripts(desk):
    page = desk("ann", f"/-/review/text/{PAGE}", scripts=False)
    page.get_by_label("Quote").fill("mRSS  was")
    page.get_by_label("Value").fill("13")
    answer(page, "Add the figure")
    assert "Not kept" in page.locator("#error").inner_text()
    assert page.get_by_label("Value").input_value() == "13"
    figure = desk.rows(f"select id from figures where document = '{PAGE}' and value = 13.95")[0][0]
    page.goto(page.url.split("/-/")[0] + f"/-/review/{figure}")
    page.locator("details.correct > summary").click()
    page.get_by_label("Group, as named").fill("UC-MSC")
    answer(page, "Keep the correction")
    assert "Kept: correct" in message(page)


def test_the_keyboard_is_enough(desk):
    page = desk("ann", "/-/review")
    figure = page.locator("table.stack tbody a").first.get_attribute("href")
    page.goto(page.url.split("/-/")[0] + figure)
    access_key(page, "a")
    assert "Kept: accept" in message(page)
    here = page.url
    access_key(page, "n")
    assert page.url != here
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "reject":
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Kept: reject" in message(page)


def test_what_is_not_in_the_text_any_more_is_set_aside(desk, keep, violations, windows):
    desk.rows(f"update figures set drifted = 1 where document = '{PAGE}' and value = 13.95")
    page = desk("ann", "/-/review", scripts=False)
    with page.expect_navigation():
        page.get_by_role("link", name="Not in the text any more: 1 to look at").click()
    keep(page, "review drifted open 1280")
    page.get_by_label("Reason").fill("The text says it otherwise now.")
    answer(page, "Set aside")
    assert message(page) == "Kept: set aside. No estimate moved."
    assert "set aside by ann: The text says it otherwise now." in page.locator("main").inner_text()
    page = desk("ben", "/-/review/drifted")
    for width, scheme in windows(page):
        keep(page, f"review drifted {width} {scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, scheme) == []


def test_review_pages_fit_and_pass_axe(desk, keep, violations, windows):
    figure = desk.rows(f"select id from figures where document = '{PAGE}' and value = 13.95")[0][0]
    for name, path in (
        ("queue", "/-/review"), ("figure", f"/-/review/{figure}"), ("text", f"/-/review/text/{PAGE}"),
        ("agreement", "/-/review/agreement"),
    ):  # fmt: skip
        page = desk("eve", path)
        for width, scheme in windows(page):
            keep(page, f"review {name} {width} {scheme}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert violations(page, scheme) == [], name
        page.context.close()
