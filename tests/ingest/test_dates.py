"""PubMed's dates are words: what is certain is understood, everything is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.printed.dates import read_date
from ingest.records import PublicationDate


@pytest.mark.parametrize(
    ("raw", "year", "month", "day"),
    [
        ("2024 Jan 10", 2024, 1, 10),
        ("2024 Mar", 2024, 3, None),
        ("1967", 1967, None, None),
        ("2019/07/26 06:00", 2019, 7, 26),
        ("2020 03 05", 2020, 3, 5),
        ("1998 Dec-1999 Jan", 1998, 12, None),
        ("1978 Jul-Aug", 1978, 7, None),
        ("2000 Dec 23-30", 2000, 12, 23),
        ("2003 Spring", 2003, None, None),
        ("2011 4th Quarter", 2011, None, None),
        ("1975-1976", 1975, None, None),
        ("1999 13 2", 1999, None, None),
        ("Fall 2002", 2002, None, None),
        ("date unknown", None, None, None),
    ],
)
def test_a_printed_date(raw, year, month, day):
    assert read_date(raw) == PublicationDate(raw, year, month, day)


def test_no_words_no_date():
    assert read_date("  ") is None


@given(st.text(max_size=30))
def test_any_words_are_kept_and_nothing_impossible_is_understood(raw):
    date = read_date(raw)
    if date is not None:
        assert date.raw == raw.strip()
        assert date.month is None or 1 <= date.month <= 12
        assert date.day is None or date.month is not None
