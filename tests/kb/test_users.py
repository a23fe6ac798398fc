"""The command user: who may sign in, kept in a file that only its owner reads."""

import json
import stat
import sys

import pytest

from kb.cli import main, site
from kb.store.users import users_at, users_path

PHRASE = "correct horse battery"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command with a password on stdin; gives exit code, stdout and stderr."""

    def ran(*arguments, typed=PHRASE):
        monkeypatch.setattr(sys, "stdin", _Lines(f"{typed}\n"))
        with pytest.raises(SystemExit) as left:
            main(["user", *(str(a) for a in arguments)])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return ran


class _Lines:
    """A pipe with one line."""

    def __init__(self, text):
        self.text = text

    def readline(self):
        return self.text

    def isatty(self):
        return False


@pytest.fixture(autouse=True)
def _extra():
    pytest.importorskip("datasette_auth_passwords", reason="needs the extra auth")


def test_a_user_is_added_listed_and_removed(run, demo):
    assert run("add", demo, "Ann")[0] == 0
    assert run("add", demo, "Eva Örn", "--role", "adjudicator")[0] == 0
    assert run("list", demo) == (0, "Ann\treviewer\nEva Örn\tadjudicator\n", "")
    assert run("remove", demo, "Ann")[0] == 0
    assert [u.name for u in users_at(demo)] == ["Eva Örn"]


def test_only_the_owner_reads_the_file_and_no_password_is_in_it(run, demo):
    run("add", demo, "Ann")
    place = users_path(demo)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert PHRASE not in place.read_text("utf-8")
    assert [p.name for p in place.parent.glob("evidence.users.json.*")] == []


@pytest.mark.parametrize("how", ["before", "option", "variable", "folder", "demo"])
def test_the_database_is_found_by_each_way(run, demo, monkeypatch, tmp_path, how):
    words = {"before": ("add", demo, "Ann"), "option": ("add", "--db", demo, "Ann")}.get(how, ("add", "Ann"))
    if how == "variable":
        monkeypatch.setenv("EVIDENCE_KB_DB", str(demo))
    if how == "demo":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "demo").symlink_to(demo.parent)
    monkeypatch.chdir({"folder": demo.parent, "demo": tmp_path / "elsewhere"}.get(how, tmp_path))
    assert run(*words)[0] == 0
    assert [u.name for u in users_at(demo)] == ["Ann"]


def test_adding_again_changes_the_password_and_keeps_the_role(run, demo):
    run("add", demo, "Eva", "--role", "adjudicator")
    (before,) = users_at(demo)
    assert "changed" in run("add", demo, "Eva", typed="another long password")[2]
    (after,) = users_at(demo)
    assert (after.role, after.password_hash == before.password_hash) == ("adjudicator", False)


@pytest.mark.parametrize(
    ("words", "typed", "code", "line"),
    [
        (("add", "a\nb\x07"), PHRASE, 1, "is no name"),
        (("add", "<script>"), PHRASE, 1, "is no name"),
        (("add", "x_password_hash"), PHRASE, 1, "is no name"),
        (("add", "x" * 61), PHRASE, 1, "is no name"),
        (("add", "Ann"), "", 1, "an empty password is none"),
        (("add", "ANN"), PHRASE, 1, "Ann is a user already"),
        (("add", "Ben", "Ann", "Eva"), PHRASE, 2, "a name with blanks"),
        (("remove", "Max"), PHRASE, 1, "no user Max"),
        (("add", "Max", "--role", "owner"), PHRASE, 2, "owner"),
    ],
)
def test_what_is_refused_changes_nothing(run, demo, monkeypatch, words, typed, code, line):
    run("add", demo, "Ann", typed=PHRASE)
    before = users_path(demo).read_bytes()
    if words != ("add", "Ann"):
        monkeypatch.chdir(demo.parent)
    monkeypatch.setenv("EVIDENCE_KB_DB", str(demo))
    found = run(*words, typed=typed)
    assert (found[0], line in found[2]) == (code, True), found
    assert users_path(demo).read_bytes() == before


def test_a_short_password_is_kept_with_a_warning(run, demo):
    assert "easily guessed" in run("add", demo, "Ann", typed="short")[2]
    assert len(users_at(demo)) == 1


def test_a_missing_database_is_one_line(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVIDENCE_KB_DB", raising=False)
    code, _, said = run("add", "Ann")
    assert (code, said.count("\n")) == (1, 1)
    assert "no such database" in said


@pytest.mark.parametrize("text", ["", "[]", '{"users": [{"name": "x"}]}', '{"users": 1}'])
def test_a_broken_file_is_one_line(run, demo, text):
    users_path(demo).write_text(text, "utf-8")
    code, _, said = run("list", demo)
    assert (code, said.count("\n")) == (1, 1)
    assert "cannot be read as a list of users" in said


def test_without_the_extra_one_line_says_how_to_install_it(run, demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasette_auth_passwords.utils", None)
    code, _, said = run("add", demo, "Ann")
    assert (code, said) == (1, "evidence-kb: signing in needs the extra auth: pip install 'evidence-kb[auth]'\n")
    assert not users_path(demo).exists()


def test_the_file_holds_names_roles_and_hashes_alone(run, demo):
    run("add", demo, "Ann")
    (entry,) = json.loads(users_path(demo).read_text("utf-8"))["users"]
    assert set(entry) == {"name", "role", "password_hash"}


@pytest.mark.parametrize(
    ("users", "extra", "secret", "words"),
    [
        ((), True, "", "anonymous reader; reviewers sign in after: evidence-kb user add {db} NAME"),
        (("Ann",), False, "", "anonymous reader; signing in needs the extra auth: pip install 'evidence-kb[auth]'"),
        (("Ann",), True, "", "Ann can sign in until this ends, or longer with DATASETTE_SECRET"),
        (("Ann", "Eva"), True, "kept", "Ann, Eva can sign in"),
    ],
)
def test_serve_says_who_can_sign_in(run, demo, monkeypatch, users, extra, secret, words):
    for name in users:
        run("add", demo, name)
    monkeypatch.setenv("DATASETTE_SECRET", secret)
    if not extra:
        monkeypatch.setattr(site, "find_spec", lambda _: None)
    assert site.who(demo) == words.format(db=demo)
