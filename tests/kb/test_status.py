"""What is there, counted: the contract's keys."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from kb.cli.database import status as command
from kb.store.connection import open_database
from kb.store.status import status

KEYS = [
    "documents", "studies", "sections", "figures", "links", "reviews", "estimates", "quotes", "pending", "last_run",
    "retracted",
]  # fmt: skip


def test_status_has_the_contract_s_keys(demo):
    with closing(open_database(demo)) as db:
        found = status(db)
    assert sorted(found) == sorted(KEYS)
    assert set(found["quotes"]) == {"checked", "held", "drifted"}
    assert set(found["last_run"]) == {"command", "at", "ok"}
    assert (found["last_run"]["command"], found["last_run"]["ok"]) == ("build", True)


def test_status_counts_what_is_there(demo, rows):
    with closing(open_database(demo)) as db:
        found = status(db)
    for table in ("documents", "studies", "sections", "figures", "links", "estimates"):
        assert found[table] == rows(demo, f"select count(*) as n from {table}")[0]["n"] > 0
    assert found["quotes"] == {"checked": found["figures"], "held": found["figures"], "drifted": 0}
    assert "pmid-38206544" in found["pending"]


def test_json_is_one_object_on_stdout(demo):
    ran = CliRunner().invoke(command, [str(demo), "--json"])
    assert (ran.exit_code, set(json.loads(ran.stdout))) == (0, set(KEYS))


@pytest.mark.parametrize(
    "sql", ["update figures set quote = 'x' where id = ?", "update figures set drifted = 1 where id = ?"]
)
def test_a_quote_that_does_not_hold_is_exit_code_3(demo, rows, sql):
    (one, *_) = rows(demo, "select id from figures")
    with closing(open_database(demo)) as db:
        db.execute(sql, [one["id"]])
    ran = CliRunner().invoke(command, [str(demo)])
    assert ran.exit_code == 3
    assert "quotes" in ran.stdout
