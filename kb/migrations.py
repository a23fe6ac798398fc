"""The schema: commented SQL in kb/schema, applied once and in order by sqlite-utils' Migrations.

What cannot be had again (payloads, fetches, history, decisions) is append only: triggers refuse
update, delete and the insert of an existing id, because INSERT OR REPLACE slips past delete
triggers. A table transform drops triggers, so their presence is asserted whenever a database is
opened. Views hold nothing and are made anew whenever their SQL has changed.
"""

import sqlite3
import zlib
from importlib.resources import files

from sqlite_utils import Database, Migrations

#: "EvKB" as a 32-bit number: tells our databases from those of other programs (PRAGMA application_id).
APPLICATION_ID = 0x45764B42
#: "EvKD": the file of decisions beside the database.
DECISIONS_ID = 0x45764B44

FIRST_APPEND_ONLY = ("payloads", "fetches", "runs", "changes", "events")
APPEND_ONLY = (*FIRST_APPEND_ONLY, "moves")
APPEND_ONLY_DECISIONS = (
    "decisions", "screening_decisions", "certainty_ratings", "finished_texts", "retrievals", "drift_decisions",
)  # fmt: skip
KEYS = {"payloads": "sha256"}

evidence = Migrations("evidence")
decisions = Migrations("decisions")


def schema(name: str) -> str:
    """The SQL of one schema file."""
    return (files("kb") / "schema" / f"{name}.sql").read_text(encoding="utf-8")


def run_script(db: Database, sql: str) -> None:
    """Run several statements inside the caller's transaction (executescript would commit it first)."""
    statement = ""
    for line in sql.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


def append_only_sql(table: str) -> dict[str, str]:
    """Trigger name → SQL of the three triggers that make a table append only."""
    key = KEYS.get(table, "id")
    refuse = f"select raise(abort, '{table} is append only'); end"
    return {
        f"{table}_no_update": f"create trigger {table}_no_update before update on {table} begin {refuse}",
        f"{table}_no_delete": f"create trigger {table}_no_delete before delete on {table} begin {refuse}",
        f"{table}_no_replace": f"create trigger {table}_no_replace before insert on {table} "
        f"when exists (select 1 from {table} where {key} = new.{key}) begin {refuse}",
    }


def missing_triggers(db: Database, tables: tuple[str, ...]) -> list[str]:
    """Names of append-only triggers that should be there and are not."""
    present = {row[0] for row in db.execute("select name from sqlite_master where type = 'trigger'")}
    return sorted(name for table in tables for name in append_only_sql(table) if name not in present)


def protect(db: Database, tables: tuple[str, ...]) -> None:
    """Create the append-only triggers of these tables."""
    for table in tables:
        for sql in append_only_sql(table).values():
            db.execute(sql)


def views_version() -> int:
    """What views.sql is now, as a number that fits PRAGMA user_version."""
    return zlib.crc32(schema("views").encode()) & 0x7FFFFFFF


def views_current(db: Database) -> bool:
    """Whether the database has the views of this version of views.sql."""
    return bool(db.execute("pragma user_version").fetchone()[0] == views_version())


def make_views(db: Database) -> None:
    """Drop and create every view of views.sql."""
    for name in db.view_names():
        db.execute(f"drop view [{name}]")
    run_script(db, schema("views"))
    db.execute(f"pragma user_version = {views_version()}")


@evidence()
def first_tables(db: Database) -> None:
    """Payloads, documents, derived tables and history as of 0.1."""
    for name in ("payloads", "documents", "derived", "history"):
        run_script(db, schema(name))
    protect(db, FIRST_APPEND_ONLY)


@evidence()
def full_text_search(db: Database) -> None:
    """Search over what documents are called and what their sections say."""
    db.table("documents").enable_fts(["title", "journal"], create_triggers=True, tokenize="porter")
    db.table("sections").enable_fts(["text"], create_triggers=True, tokenize="porter")


@evidence()
def what_is_asked(db: Database) -> None:
    """What was asked of the services and what came, licences, counts, registry facts, possible duplicates."""
    run_script(db, schema("fetching"))


@evidence()
def how_sure(db: Database) -> None:
    """Estimates over the range of r, what GRADE asks of each, and copies of ratings."""
    run_script(db, schema("certainty"))


@evidence()
def what_rows_are_made_from(db: Database) -> None:
    """What derived rows were made from, so that a build makes again only what has other ground now."""
    run_script(db, schema("made_from"))


@evidence()
def what_people_made(db: Database) -> None:
    """Figures that reviewers corrected or added, and how estimates moved when decisions were disclosed."""
    run_script(db, schema("reviewing"))
    protect(db, ("moves",))


@evidence()
def what_is_screened(db: Database) -> None:
    """Records, what was decided of each, in which order the rest is worth reading, and how much is likely unseen."""
    run_script(db, schema("screening"))


@evidence()
def what_is_watched(db: Database) -> None:
    """Records that are missing, and notices that registries name."""
    run_script(db, schema("watching"))


@evidence()
def what_bulk_files_gave(db: Database) -> None:
    """How far each bulk file was loaded, and what tells its unchanged records."""
    run_script(db, schema("bulk"))


@evidence()
def facets_by_index(db: Database) -> None:
    """An index for every column that the site's tables are faceted or sorted by."""
    run_script(db, schema("facets"))


@evidence()
def what_records_are_gathered_from(db: Database) -> None:
    """What records were gathered from, so that a build gathers again only what has other ground now."""
    run_script(db, schema("gathered"))


@evidence()
def what_standings_are_about(db: Database) -> None:
    """Outcome and kind of each standing's figure, for the views over what speaks."""
    run_script(db, schema("speaking"))


@evidence()
def what_waits_by_index(db: Database) -> None:
    """An index for the flow of records."""
    run_script(db, schema("flow"))


@evidence()
def what_was_set_aside(db: Database) -> None:
    """Copies of what people said of figures and decisions that have drifted."""
    run_script(db, schema("set_aside"))


@evidence()
def what_search_hears_of(db: Database) -> None:
    """Full-text search is told of an update only where searched words changed."""
    run_script(db, schema("searching"))


@decisions()
def first_decisions(db: Database) -> None:
    """Decisions on figures and on articles as of 0.1."""
    run_script(db, schema("decisions"))
    protect(db, ("decisions", "screening_decisions"))


@decisions()
def ratings_of_certainty(db: Database) -> None:
    """How sure named people are of an estimate."""
    run_script(db, schema("rating_decisions"))
    protect(db, ("certainty_ratings",))


@decisions()
def texts_read_to_the_end(db: Database) -> None:
    """Who found no figure missing in a text."""
    run_script(db, schema("finished_texts"))
    protect(db, ("finished_texts",))


@decisions()
def screening_of_articles(db: Database) -> None:
    """Notes and roles of screening decisions, and which reports could not be had."""
    run_script(db, schema("screening_decisions"))
    protect(db, ("retrievals",))


@decisions()
def drift_looked_at(db: Database) -> None:
    """What people say of figures and decisions that have drifted."""
    run_script(db, schema("drift_decisions"))
    protect(db, ("drift_decisions",))
