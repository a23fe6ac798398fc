"""Signing in by a password: who is let in, what is never shown, where it leads."""

import asyncio
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette

from kb.cli.site import site
from kb.store.users import User, keep_user, users_path
from kb.web.headers import HEADERS

PHRASE = "a long word, and another"
hashing = pytest.importorskip("datasette_auth_passwords.utils", reason="needs the extra auth")


@pytest.fixture
def with_users(site_db, tmp_path, monkeypatch):
    """The site with Ann (reviewer) and Eva (adjudicator), whose passwords are the same."""
    monkeypatch.delenv("DATASETTE_SECRET", raising=False)
    path = tmp_path / "evidence.db"
    path.write_bytes(site_db.read_bytes())
    for name, role in (("Ann", "reviewer"), ("Eva Örn", "adjudicator")):
        keep_user(path, User(name, role, hashing.hash_password(PHRASE, iterations=1)))
    return site(path)


def signed_in(served, name, password, path="/-/login"):
    """The answer to the form, and the cookies that the browser then has."""

    async def sent():
        form = await served.client.get("/-/login")
        cookies = {"ds_csrftoken": form.cookies["ds_csrftoken"]}
        words = {"username": name, "password": password, "csrftoken": cookies["ds_csrftoken"]}
        answer = await served.client.post(path, data=words, cookies=cookies)
        return answer, {**cookies, **answer.cookies}

    return asyncio.run(sent())


def file_of(served):
    return Path(served.databases["evidence"].path)


def page(served, path, cookies=None):
    return asyncio.run(served.client.get(path, cookies=cookies or {}))


@pytest.mark.parametrize(("name", "role"), [("Ann", "reviewer"), ("Eva Örn", "adjudicator")])
def test_the_right_password_brings_name_and_role(with_users, name, role):
    answer, cookies = signed_in(with_users, name, PHRASE)
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    assert re.search("ds_actor=[^;]+; Path=/; SameSite=lax; HttpOnly$", answer.headers["set-cookie"])
    assert f"Signed in as <strong>{name}</strong> ({role})" in page(with_users, "/-/flow", cookies).text


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ann", "wrong"), ("Ann", ""), ("nobody", PHRASE), ("ann", PHRASE), ("actors", ""), ("<b>", "' or 1=1 --")],
)
def test_a_wrong_password_or_name_says_the_same_and_lets_nobody_in(with_users, name, password):
    answer, cookies = signed_in(with_users, name, password)
    assert "Invalid username or password." in answer.text
    assert "ds_actor" not in cookies
    assert "<b>" not in answer.text


def test_a_sign_in_without_the_token_is_refused(with_users):
    words = {"username": "Ann", "password": PHRASE}
    answer = asyncio.run(with_users.client.post("/-/login", data=words, cookies={"ds_csrftoken": "forged"}))
    assert answer.status_code == 403
    assert "ds_actor" not in answer.cookies


@pytest.mark.parametrize(
    ("back", "leads"),
    [("/-/changes", "/-/changes"), ("/-/study/pmid-900001", "/-/study/pmid-900001"), ("//evil.example", "/"),
     ("/\\evil.example", "/"), ("https://evil.example/", "/"), ("/-/flow\r\nX: y", "/"), ("", "/")],
)  # fmt: skip
def test_signing_in_leads_back_and_never_to_another_server(with_users, back, leads):
    answer, _ = signed_in(with_users, "Ann", PHRASE, f"/-/login?{urlencode({'next': back})}")
    assert answer.headers["location"] == leads


def test_the_form_has_our_headers_and_our_frame(with_users):
    form = page(with_users, "/-/login")
    assert {name: form.headers[name] for name in HEADERS} == HEADERS
    assert "<title>Sign in · Evidence KB</title>" in form.text
    assert "style=" not in form.text


@pytest.mark.parametrize(
    "path",
    ["/-/metadata.json", "/-/plugins.json", "/-/settings.json", "/-/login", "/evidence.users", "/evidence.users.json"],
)
def test_no_page_shows_a_hash(with_users, path):
    kept = json.loads(users_path(file_of(with_users)).read_text("utf-8"))["users"]
    salts = [u["password_hash"].split("$")[2] for u in kept]
    shown = page(with_users, path).text
    assert (len(salts), [salt for salt in salts if salt in shown]) == (2, [])


def test_who_lost_the_account_lost_the_role(with_users):
    cookie = with_users.sign({"a": {"id": "Max", "role": "adjudicator"}}, "actor")
    assert "Max</strong> (reader)" in page(with_users, "/-/flow", {"ds_actor": cookie}).text


def test_a_cookie_signed_with_another_secret_is_nobodys(with_users):
    forged = Datasette(memory=True).sign({"a": {"id": "Ann", "role": "reviewer"}}, "actor")
    assert "Signed in" not in page(with_users, "/-/flow", {"ds_actor": forged}).text


def test_sessions_outlive_a_restart_where_a_secret_is_set(with_users, monkeypatch):
    monkeypatch.setenv("DATASETTE_SECRET", "kept")
    path = file_of(with_users)
    _, cookies = signed_in(site(path), "Ann", PHRASE)
    assert "Signed in" in page(site(path), "/-/flow", cookies).text


def test_without_users_nobody_can_sign_in(get):
    assert "Sign in" not in get("/-/flow").text
    assert "does not have any configured accounts" in get("/-/login").text
