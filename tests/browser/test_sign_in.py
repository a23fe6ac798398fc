"""Signing in and out in a real browser, with and without scripts, by mouse and by keyboard."""

import shutil
import socket
import threading
from contextlib import closing

import pytest
import uvicorn

from kb.cli.site import site
from kb.store.users import User, keep_user

PHRASE = "a long word, and another"


@pytest.fixture(scope="module")
def address(site_db, tmp_path_factory):
    """The site as the command serves it, with one reviewer."""
    hashing = pytest.importorskip("datasette_auth_passwords.utils", reason="needs the extra auth")
    path = shutil.copy(site_db, tmp_path_factory.mktemp("signed") / "evidence.db")
    keep_user(path, User("Ann Örn", "reviewer", hashing.hash_password(PHRASE)))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(site(path).app(), log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


def sign_in(page, name="Ann Örn", phrase=PHRASE):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(phrase)
    page.get_by_label("Password").press("Enter")


@pytest.mark.parametrize("scripts", [True, False])
def test_one_signs_in_comes_back_and_signs_out(opened, keep, scripts):
    page = opened("/-/changes", scripts=scripts)
    page.get_by_role("link", name="Sign in").click()
    keep(page, "sign in 1280 light")
    sign_in(page)
    page.wait_for_url("**/-/changes")
    banner = page.get_by_role("banner")
    assert "Signed in as Ann Örn (reviewer)" in banner.inner_text()
    keep(page, "signed in 1280 light")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert page.get_by_role("link", name="Sign in").count() == 1
    assert "logged out" in page.locator(".message").inner_text()


@pytest.mark.parametrize(("name", "phrase"), [("Ann Örn", "wrong"), ("ann örn", PHRASE), ("<b>x</b>", "y")])
def test_a_wrong_password_is_said_and_lets_nobody_in(opened, name, phrase):
    page = opened("/-/login")
    sign_in(page, name, phrase)
    assert page.get_by_role("alert").inner_text() == "Invalid username or password."
    page.goto(page.url.partition("/-/")[0])
    assert page.get_by_role("link", name="Sign in").count() == 1


def test_the_form_and_the_head_pass_axe(opened, violations, windows, keep):
    page = opened("/-/login")

    def look(name):
        for width, scheme in windows(page):
            keep(page, f"{name} {width} {scheme}")
            assert violations(page, scheme) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    look("sign in")
    sign_in(page, phrase="wrong")
    page.get_by_role("alert").wait_for()
    look("refused")
    sign_in(page)
    page.wait_for_url("**/")
    look("overview signed in")
