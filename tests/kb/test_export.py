"""What is taken away: whole folders or nothing, numbers that stay numbers, scripts that give the same estimates."""

import asyncio
import csv
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st

from analysis.effects.escalc import escalc
from kb.cli import main
from kb.errors import CannotWrite
from kb.export import dictionary, export_all, report
from kb.export.cells import cell, write_table
from kb.export.folder import MARKER, files_in, written_whole
from kb.export.site import copy_database
from kb.frames import VIEWS, frame

METADATA = Path(__file__).parents[2] / "metadata.yml"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@pytest.fixture(scope="module")
def estimates(evidence_db):
    return frame(evidence_db, "estimates").set_index("id")


@pytest.fixture
def drawn_only(monkeypatch):
    """Plots as SVG alone: PNG and PDF of every plot are most of an export's time."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)


def effects_of(exported, name):
    return pd.read_csv(exported / "estimates" / f"{name}.csv")


# ---------------------------------------------------------------- the folder


def test_an_export_holds_what_the_contract_names(exported, estimates):
    names = files_in(exported)
    assert {
        "references.ris",
        "references.bib",
        "prisma.csv",
        "data-dictionary.csv",
        "report.md",
        "estimates.csv",
    } <= set(names)
    assert {f"views/{view}.csv" for view in VIEWS} <= set(names)
    assert {f"estimates/{name}.{ending}" for name in estimates.index for ending in ("csv", "R")} <= set(names)
    assert sum(name.startswith("revman/") for name in names) == 3


def test_two_exports_differ_only_in_when(exported, evidence_db, tmp_path):
    export_all(evidence_db, tmp_path / "again", METADATA, {"default_page_size": 50})
    assert files_in(tmp_path / "again") == files_in(exported)
    differing = [n for n in files_in(exported) if (exported / n).read_bytes() != (tmp_path / "again" / n).read_bytes()]
    assert differing == ["report.md"]
    lines = [(folder / "report.md").read_text().splitlines() for folder in (exported, tmp_path / "again")]
    assert [a[:11] for a, b in zip(*lines, strict=True) if a != b] == ["exported_at"]


@pytest.mark.usefixtures("drawn_only")
def test_a_former_export_is_replaced_whole(exported, evidence_db, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "out")
    export_all(evidence_db, folder, METADATA)
    assert not (folder / "evidence.db").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_report_says_whose_mean_a_follow_up_is(exported):
    text = (exported / "report.md").read_text()
    assert "mean of the 38 followed (of 41 at baseline)" in text
    assert "r = 0.5 assumed" in text


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    with written_whole(tmp_path / "out", tmp_path / "evidence.db") as place:
        (place / "report.md").write_text("all")
    assert (tmp_path / "out" / "report.md").read_text() == "all"


def test_a_path_through_a_file_is_one_line(evidence_db, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="cannot be written"):
        export_all(evidence_db, tmp_path / "file" / "out", METADATA)


@pytest.mark.parametrize("former", [False, True])
def test_what_somebody_else_put_there_is_never_replaced(tmp_path, former):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    if former:
        (folder / MARKER).write_text("report.md\n")
    with pytest.raises(CannotWrite, match="nothing was touched"), written_whole(folder, tmp_path / "evidence.db"):
        pytest.fail("must not be reached")
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_folder_that_holds_the_database_is_refused(tmp_path):
    (tmp_path / MARKER).write_text("evidence.db\n")
    (tmp_path / "evidence.db").write_text("")
    with pytest.raises(CannotWrite, match="holds the database"), written_whole(tmp_path, tmp_path / "evidence.db"):
        pytest.fail("must not be reached")


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(CannotWrite, match="is a file"), written_whole(tmp_path / "out", tmp_path / "evidence.db"):
        pytest.fail("must not be reached")


def test_an_export_that_fails_leaves_the_former_one(tmp_path):
    folder = tmp_path / "out"
    with written_whole(folder, tmp_path / "evidence.db") as place:
        (place / "report.md").write_text("first")
    with pytest.raises(CannotWrite), written_whole(folder, tmp_path / "evidence.db") as place:
        (place / "absent" / "report.md").write_text("second")
    assert (folder / "report.md").read_text() == "first"
    assert list(tmp_path.iterdir()) == [folder]


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""), (float("nan"), ""), (0, "0"), (0.1, "0.1"), (41.0, "41"), (-4.73, "-4.73"), (True, "1"),
        (float("-inf"), "-Inf"), (1e300, "1e+300"), ("mRSS", "mRSS"), ("-6", "-6"), ("+1.5e-3", "+1.5e-3"),
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("-", "'-"), ("a=1", "a=1"),
    ],
)  # fmt: skip
def test_text_cannot_become_a_formula_and_numbers_stay_numbers(value, written):
    assert cell(value) == written


@given(st.lists(st.tuples(TEXT, st.none() | st.floats(allow_nan=False)), min_size=1, max_size=5))
def test_a_table_reads_back_as_it_was(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("cells") / "table.csv"
    write_table(path, ("text", "number"), [{"text": text, "number": number} for text, number in pairs])
    with path.open(encoding="utf-8", newline="") as stream:
        _, *read = csv.reader(stream)
    assert read == [[cell(text), cell(number)] for text, number in pairs]
    assert [number for _, number in pairs] == [float(number) if number else None for _, number in read]


@pytest.mark.parametrize("view", VIEWS)
def test_views_read_back_with_pandas(exported, evidence_db, view):
    table, read = frame(evidence_db, view), pd.read_csv(exported / "views" / f"{view}.csv")
    assert list(read.columns) == list(table.columns)
    assert len(read) == len(table)
    for column in table.select_dtypes("number"):
        np.testing.assert_allclose(
            np.sort(read[column].dropna().to_numpy(float)), np.sort(table[column].dropna().to_numpy(float)), rtol=0
        )


def test_every_column_of_every_file_is_in_the_dictionary(exported):
    words = pd.read_csv(exported / "data-dictionary.csv", keep_default_na=False)
    described = set(zip(words["file"], words["column"], strict=True))
    for name in files_in(exported):
        known = "estimates/*.csv" if name.startswith("estimates/") else name
        if name.endswith(".csv") and name != "data-dictionary.csv":
            assert {(known, column) for column in pd.read_csv(exported / name, nrows=0)} <= described, name
    assert (words["description"].str.len() > 0).all()


def test_the_dictionary_says_how_formulas_are_kept_out():
    assert "apostrophe" in dictionary.NOTES["*.csv"]


# ---------------------------------------------------------------- estimates


def test_every_effect_of_an_estimate_is_in_its_file(exported, evidence_db, estimates):
    rows = frame(evidence_db, "forest_rows").groupby("estimate")
    for name in estimates.index:
        effects = effects_of(exported, name)
        assert sorted(effects["study"]) == sorted(rows.get_group(name)["study"])
        assert effects["weight"].notna().sum() == estimates.loc[name, "k"]
        assert (effects["weight"].isna() == effects["left_out"].notna()).all()


def test_raw_numbers_give_the_effects_back(exported, estimates):
    """metafor's columns in the CSV, through escalc, are yi and vi again."""
    wanted = {"PLO": ("xi", "ni"), "RR": ("ai", "bi", "ci", "di"), "MD": ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
              "MC": ("m1i", "m2i", "sd1i", "sd2i", "ni", "ri")}  # fmt: skip
    checked = set()
    for name, estimate in estimates.iterrows():
        effects, columns = effects_of(exported, name), wanted.get(estimate["measure"], ())
        if columns and set(columns) <= set(effects.columns):
            whole = effects.dropna(subset=list(columns))
            sizes = escalc(estimate["measure"], {c: whole[c].to_numpy(float) for c in columns})
            np.testing.assert_allclose(sizes.yi, whole["yi"], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(sizes.vi, whole["vi"], rtol=1e-9)
            checked.add(estimate["measure"])
    assert checked == set(wanted)


def test_estimates_csv_is_the_table(exported, estimates):
    read = pd.read_csv(exported / "estimates.csv").set_index("id")
    for column in ("k", "estimate", "ci_low", "ci_high", "tau2", "beta", "se"):
        expected = estimates.loc[read.index, column].to_numpy(float, na_value=np.nan)
        np.testing.assert_array_equal(read[column].to_numpy(float), expected)


def test_revman_rows_are_those_in_the_pool(exported, evidence_db):
    generic = pd.read_csv(exported / "revman" / "generic-inverse-variance.csv")
    pooled = frame(evidence_db, "forest_rows").dropna(subset=["weight"])
    assert len(generic) == len(pooled)
    np.testing.assert_allclose(np.sort(generic["SE"] ** 2), np.sort(pooled["vi"].to_numpy(float)), rtol=1e-12)
    counts = pd.read_csv(exported / "revman" / "dichotomous.csv")
    assert (counts["Experimental events"] <= counts["Experimental total"]).all()


# ---------------------------------------------------------------- the report


def test_the_report_links_every_number_to_its_place(exported, evidence_db, rows):
    text = (exported / "report.md").read_text()
    used = rows(evidence_db, "select distinct figure from effect_figures join estimate_effects using (effect)")
    assert all(f"(/-/figure/{row['figure']})" in text for row in used)
    for row in rows(evidence_db, "select id, reviewed from estimates"):
        assert f"(/-/estimate/{row['id']})" in text
    for row in rows(evidence_db, "select left_out from estimate_effects where left_out is not null"):
        assert report.plain(row["left_out"]) in text
    assert "**Unreviewed.**" in text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "[a](javascript:b)", "![x](y)", "a | b", "# head\n## two"]
)
def test_text_from_outside_is_no_mark_up(text):
    shown = report.plain(text)
    assert "\n" not in shown
    assert not any(shown[i] in "<>[]|#!" and shown[i - 1] != "\\" for i in range(1, len(shown)))
    assert shown[0] not in "<[!#|"


# ---------------------------------------------------------------- the site


def test_the_site_is_one_database_with_words_and_settings(exported):
    names = set(files_in(exported))
    assert {"evidence.db", "inspect-data.json", "metadata.yml", "settings.json"} <= names
    assert not any("reviews.db" in name or name.endswith(("-wal", "-shm")) for name in names)
    inspected = json.loads((exported / "inspect-data.json").read_text())["evidence"]
    assert inspected["file"] == "evidence.db"
    assert inspected["size"] == (exported / "evidence.db").stat().st_size
    assert json.loads((exported / "settings.json").read_text()) == {"default_page_size": 50}


def test_the_copy_says_what_the_database_says(exported, evidence_db, rows):
    copy = exported / "evidence.db"
    assert rows(copy, "pragma journal_mode")[0]["journal_mode"] == "delete"
    assert rows(copy, "pragma application_id") == rows(evidence_db, "pragma application_id")
    counted = json.loads((exported / "inspect-data.json").read_text())["evidence"]["tables"]
    for table in ("figures", "sections", "estimates", "payloads", "runs"):
        assert rows(copy, f"select * from {table}") == rows(evidence_db, f"select * from {table}")
        assert counted[table]["count"] == len(rows(copy, f"select 1 from {table}"))


def test_search_in_the_copy_finds_the_right_text(demo, tmp_path, rows):
    """Vacuuming numbers rows anew; the index must follow."""
    with closing(sqlite3.connect(demo)) as db:
        db.execute("pragma foreign_keys = off")
        first = db.execute("select min(rowid) from sections").fetchone()[0]
        db.execute("delete from figures where section = (select id from sections where rowid = ?)", [first])
        db.execute("delete from sections where rowid = ?", [first])
        db.commit()
    copy_database(demo, tmp_path / "copy.db")
    found = "select text from sections where rowid in (select rowid from sections_fts where sections_fts match 'skin')"
    texts = rows(tmp_path / "copy.db", found)
    assert texts
    assert texts == rows(demo, found)


def test_a_copy_that_cannot_be_written_is_one_line(evidence_db, tmp_path):
    with pytest.raises(CannotWrite, match="cannot be written"):
        copy_database(evidence_db, tmp_path / "absent" / "copy.db")


def test_datasette_reads_the_folder_as_it_is(exported):
    """``datasette FOLDER``: words, settings, counts, and a database that nobody can write to."""

    async def ask():
        site = Datasette([], config_dir=exported)
        await site.invoke_startup()
        answer = await site.client.get("/evidence/search_sections.json?words=skin+score&_shape=array")
        database = site.get_database("evidence")
        facts = database.is_mutable, database.hash, site.setting("default_page_size"), site.metadata("title")
        database.close()
        return answer.json(), facts

    found, facts = asyncio.run(ask())
    inspected = json.loads((exported / "inspect-data.json").read_text())["evidence"]
    assert found
    assert facts == (False, inspected["hash"], 50, "Evidence KB")


# ---------------------------------------------------------------- the command


@pytest.fixture
def command(capsys):
    """Run evidence-kb export; its exit code, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["export", *map(str, arguments)])
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run


@pytest.mark.usefixtures("drawn_only")
def test_export_says_what_it_wrote_on_stderr(command, evidence_db, tmp_path):
    code, out, said = command(evidence_db, tmp_path / "out", "--site")
    assert (code, out) == (0, "")
    assert "estimates" in said
    assert (tmp_path / "out" / "evidence.db").is_file()


def test_a_database_that_was_never_built_is_exported_with_a_word(command, tmp_path):
    from_init = tmp_path / "evidence.db"
    with pytest.raises(SystemExit):
        main(["init", str(from_init)])
    code, _, said = command(from_init, tmp_path / "out")
    assert code == 3
    assert "evidence-kb build" in said
    assert "None: nothing has been built" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize("target", ["full", "absent"])
def test_what_cannot_be_exported_is_one_line_and_exit_1(command, evidence_db, tmp_path, target):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    db = evidence_db if target == "full" else tmp_path / "absent.db"
    code, out, said = command(db, tmp_path / target)
    assert (code, out, said.count("\n")) == (1, "", 1)
    assert not (tmp_path / "absent").exists()
