"""The views as DataFrames: every view, absent values as <NA>, and one clear line where there is nothing."""

import pandas as pd
import pytest

from kb.errors import DatabaseMissing, NothingThere
from kb.frames import VIEWS, frame

NUMPY = ("float64", "int64", "object", "bool")


def test_the_views_are_those_of_the_schema(evidence_db, rows):
    assert sorted(VIEWS) == [
        row["name"] for row in rows(evidence_db, "select name from sqlite_master where type = 'view' order by 1")
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_a_frame_of_nullable_types(evidence_db, rows, view):
    table = frame(evidence_db, view)
    assert len(table) == rows(evidence_db, f"select count(*) as n from {view}")[0]["n"]
    kept = [str(kind) for column, kind in table.dtypes.items() if not table[column].isna().all()]
    assert not set(kept) & set(NUMPY)


def test_absent_is_na_and_zero_is_zero(evidence_db):
    table = frame(str(evidence_db), "evidence")
    assert table["events"].dtype == pd.Int64Dtype()
    assert (table["events"] == 0).any()
    assert table["decision"].isna().all()
    assert table["sd"].isna().any()


def test_tables_are_frames_too(evidence_db):
    assert "alip-2024" in set(frame(evidence_db, "studies")["id"])


def test_a_frame_never_makes_a_database(tmp_path):
    with pytest.raises(DatabaseMissing, match="no such database"):
        frame(tmp_path / "absent.db", "evidence")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["evidences", 'evidence" limit 1 --'])
def test_an_unknown_view_is_named_with_those_there_are(evidence_db, name):
    with pytest.raises(NothingThere, match="the views are evidence"):
        frame(evidence_db, name)
