"""The command line: exit codes of the contract, one line for what is wrong, nothing half stored."""

import importlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kb import cli
from kb.cli import main

BOMB = b"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<PubmedArticleSet><PubmedArticle>&b;</PubmedArticle></PubmedArticleSet>"""
BAD = {
    "prose.txt": (b"This is a letter to my aunt about the garden.\nIt is not about medicine.\n", "of no format known"),
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\n", "empty"),
    "bomb.xml": (BOMB, "entit"),
    "binary.txt": (bytes(range(256)) * 9, ""),
    "gzip.xml.gz": (b"\x1f\x8b" + b"\0" * 40, ""),
}


@pytest.fixture
def run(capsys):
    """Run a command; gives exit code, stdout and the lines of stderr."""

    def ran(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err.splitlines()

    return ran


def stored(path, rows):
    return [
        rows(path, f"select count(*) as n from {t}")[0]["n"] for t in ("payloads", "fetches", "documents", "sections")
    ]


def test_the_main_job_in_three_commands(run, rows, tmp_path, shared):
    db, page = tmp_path / "kb.db", shared / "corpus" / "neighbourhood" / "38206544.txt"
    for command in (("init", db), ("load", db, page), ("build", db)):
        code, out, err = run(*command)
        assert (code, out, len(err)) == (0, "", 1)
    assert rows(db, "select count(*) as n from evidence where pmid = '38206544' and speaks = 1") == [{"n": 8}]


def test_loading_twice_changes_nothing(run, rows, demo, tmp_path, pubmed_xml):
    (tmp_path / "a.xml").write_bytes(pubmed_xml("7", "Two of 9 died."))
    run("load", demo, tmp_path / "a.xml")
    before = stored(demo, rows)
    code, _, err = run("load", demo, tmp_path / "a.xml")
    assert (code, err) == (0, [f"{demo}: 1 unchanged"])
    after = stored(demo, rows)
    assert (after[0], *after[2:]) == (before[0], *before[2:])  # one more sighting


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_exit_code_1_and_leaves_nothing(run, rows, demo, tmp_path, name):
    body, words = BAD[name]
    (tmp_path / name).write_bytes(body)
    before = stored(demo, rows)
    code, out, err = run("load", demo, tmp_path / name)
    assert (code, out) == (1, "")
    assert err[0].startswith(f"evidence-kb: {name}: ")
    assert words in err[0]
    assert err[1:] == [f"{demo}: 1 failed"]
    assert stored(demo, rows) == before


@pytest.mark.parametrize("cut", [120, 200, 300, -30])
def test_truncated_xml_leaves_nothing(run, rows, demo, tmp_path, pubmed_xml, cut):
    (tmp_path / "a.xml").write_bytes(pubmed_xml("7", cut=cut))
    before = stored(demo, rows)
    code, _, err = run("load", demo, tmp_path / "a.xml")
    assert code == 1
    assert err[0].startswith("evidence-kb: a.xml: ")
    assert stored(demo, rows) == before


def test_one_bad_file_of_two_is_exit_code_3(run, rows, demo, tmp_path, pubmed_xml):
    (tmp_path / "a.xml").write_bytes(pubmed_xml("7"))
    (tmp_path / "b.txt").write_bytes(b"")
    code, _, err = run("load", demo, tmp_path / "b.txt", tmp_path / "a.xml")
    assert (code, err) == (3, ["evidence-kb: b.txt: empty", f"{demo}: 1 new, 1 failed"])
    assert rows(demo, "select ok, requested, returned, failed from runs where command = 'load'") == [
        {"ok": 0, "requested": 2, "returned": 1, "failed": 1}
    ]


@pytest.mark.parametrize("missing", ["none.txt", "folder"])
def test_a_file_that_is_not_there_is_one_line(run, demo, tmp_path, missing):
    (tmp_path / "folder").mkdir()
    code, _, err = run("load", demo, tmp_path / missing)
    assert code == 1
    assert str(tmp_path / missing) in err[0]


COMMANDS = [("init",), ("load", "a.txt"), ("build",), ("status",)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_another_program_is_refused_and_untouched(run, tmp_path, command):
    other = tmp_path / "other.db"
    other.write_bytes(b"SQLite format 3\0 but nothing that follows is" * 20)
    before = other.read_bytes()
    code, out, err = run(command[0], other, *command[1:])
    assert (code, out, len(err)) == (1, "", 1)
    assert "nothing was touched" in err[0]
    assert other.read_bytes() == before


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != ("init",)])
def test_a_database_that_is_not_there_says_how_to_make_it(run, tmp_path, command):
    code, _, err = run(command[0], tmp_path / "none.db", *command[1:])
    none = tmp_path / "none.db"
    assert (code, err) == (1, [f"evidence-kb: {none}: no such database; make it with: evidence-kb init {none}"])
    assert not none.exists()


@pytest.fixture
def closed_folder(tmp_path):
    """A folder where nothing can be written, for root too."""
    if os.geteuid() == 0:
        yield Path("/proc")
        return
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    yield folder
    folder.chmod(0o700)


def test_a_read_only_folder_is_one_line(run, closed_folder):
    code, _, err = run("init", closed_folder / "kb.db")
    assert (code, len(err)) == (1, 1)
    assert "check the folder and its permissions" in err[0]


def test_a_database_that_another_writer_holds_is_one_line(run, demo, monkeypatch, tmp_path, pubmed_xml):
    monkeypatch.setattr("kb.store.connection.BUSY_TIMEOUT_MS", 10)
    (tmp_path / "a.xml").write_bytes(pubmed_xml("7"))
    with closing(sqlite3.connect(demo, isolation_level=None)) as holder:
        holder.execute("begin immediate")
        code, _, err = run("load", demo, tmp_path / "a.xml")
    assert (code, len(err)) == (1, 1)
    assert "locked" in err[0]


@pytest.mark.parametrize("topic", ["none", "/nowhere/at/all"])
def test_an_unknown_topic_makes_no_database(run, tmp_path, topic):
    code, _, err = run("init", tmp_path / "kb.db", "--topic", topic)
    assert (code, len(err)) == (1, 1)
    assert topic in err[0]
    assert not (tmp_path / "kb.db").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("load",), ("load", "kb.db"), ("boil", "kb.db"), ("verify",), ("verify", "--mean", "3.1")]
)
def test_wrong_usage_is_exit_code_2(run, arguments):
    assert run(*arguments)[0] == 2


def test_help_and_version_are_exit_code_0(run):
    assert [run("--help")[0], run("--version")[0], run("load", "--help")[0]] == [0, 0, 0]


def test_interrupted_is_exit_code_130(run, demo, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("kb.stages.building.build", interrupt)
    assert run("build", demo)[0] == 130


@pytest.mark.parametrize("body", [b"", b"{not json", b'{"id": 1}', b"\xff\xfe\xfa"])
def test_read_says_in_one_line_what_it_cannot_read(run, tmp_path, body):
    (tmp_path / "a.txt").write_bytes(body)
    code, out, err = run("read", tmp_path / "a.txt", "--json")
    assert (code, out, len(err)) == (1, "", 1)


def test_read_takes_text_json_and_standard_input(tmp_path):
    text = "Results: overall survival was 88.4% (38/43) at 3 years."
    (tmp_path / "one.txt").write_text(text)
    (tmp_path / "two.json").write_text(json.dumps([{"id": "x", "text": text}, {"id": "y", "text": text}]))
    ran = subprocess.run(
        [sys.executable, "-c", "from kb.cli import main; main()", "read", "one.txt", "two.json", "-", "--json"],
        input=text, capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    found = json.loads(ran.stdout)
    assert list(found) == ["one", "x", "y", "-"]
    assert {json.dumps(figures) for figures in found.values()} == {json.dumps(found["one"])}
    (figure,) = found["one"]
    assert (figure["events"], figure["n"], figure["percent"]) == (38, 43, 88.4)
    assert ran.stderr == ""


def test_read_needs_no_database_and_leaves_none(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Results: 3 of 41 patients died.")
    assert run("read", "a.txt")[0] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("options", "check", "verdict"),
    [
        (["--percent", "72.0", "--n-max", "41"], "denominators possible", "passed"),
        (["--percent", "10.01", "--n", "79"], "percent fits fraction", "impossible"),
        (["--events", "2", "--n", "79", "--percent", "1"], "percent fits fraction", "impossible"),
        (["--mean", "18.68", "--sd", "7.26", "--n", "41", "--scale", "0:51"], "exact possibility", "passed"),
        (["--mean", "11.5", "--sd", "2.16", "--n", "6", "--scale", "0:51"], "exact possibility", "impossible"),
        (
            ["--pre", "20.1,3.1", "--post", "13.8,10.2", "--n", "14", "--p", "<0.001"],
            "p within reach of a paired t test", "doubtful",
        ),
    ],
)  # fmt: skip
def test_verify_answers_in_the_contract_s_keys(run, options, check, verdict):
    code, out, _ = run("verify", *options, "--json")
    found = json.loads(out)
    assert (code, set(found)) == (0, {"checks", "denominators"})
    assert {c["check"]: c["verdict"] for c in found["checks"]}[check] == verdict
    if "--n-max" in options:
        assert found["denominators"] == [[18, 25]]


def test_backup_and_restore_carry_the_decisions(run, demo, tmp_path):
    assert run("backup", demo, tmp_path / "copy.db")[0] == 0
    assert run("backup", demo, tmp_path / "copy.db")[0] == 1
    assert run("restore", demo, tmp_path / "copy.db")[0] == 0
    assert run("backup", tmp_path / "none.db", tmp_path / "copy2.db")[0] == 1


def test_nothing_needs_the_network(tmp_path):
    """Sockets that leave this machine are refused while the whole line runs."""
    guard = (
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('the network was asked for')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from kb.cli import main\n"
        "for command in (['init', 'kb.db'], ['build', 'kb.db'], ['status', 'kb.db']):\n"
        "    try: main(command)\n"
        "    except SystemExit as left: assert left.code == 0, left.code\n"
    )
    ran = subprocess.run([sys.executable, "-c", guard], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (ran.returncode, (tmp_path / "kb.db").exists()) == (0, True), ran.stderr


def test_every_command_is_found_where_the_group_looks_for_it():
    for module, names in cli.COMMANDS.items():
        found = importlib.import_module(f"kb.cli.{module}").COMMANDS
        assert tuple(command.name for command in found) == names


@pytest.mark.parametrize(
    ("command", "left_alone"),
    [
        ("read", {"pandas", "datasette", "sqlite_utils"}),
        ("load", {"datasette", "scipy"}),
        ("pool", {"datasette", "lxml"}),
    ],
)
def test_a_command_waits_only_for_what_it_needs(command, left_alone):
    code = f"import sys; from kb.cli import cli; cli.get_command(None, {command!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "kb.cli" in loaded
    assert not left_alone & set(loaded)
