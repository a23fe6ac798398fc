"""ecitmatch and DOI searches are believed only after a look at what they found (S24, S47)."""

import json

import pytest

from ingest.errors import SourceUnreachable
from ingest.records import PublicationDate
from ingest.services.eutils_match import (
    CitationMatch,
    CitationQuery,
    disagreements,
    match_citations,
    match_doi,
    match_request,
    parse_matches,
)
from ingest.services.eutils_summary import Summary

BASE = "https://example.org/eutils"
MOSS = CitationQuery("moss lett", "2020", "7", "11", "lovelace a")


def summaries(**found):
    return json.dumps({"result": {"uids": list(found), **found}})


def told(number, **more):
    record = {"title": "Moss", "pubdate": "2020", "volume": "7", "pages": "11-9", "authors": [{"name": "Lovelace A"}]}
    return summaries(**{number: record | more})


class Matching:
    """ecitmatch that answers by `lines` (called with the keys asked for), and esummary that answers by `known`."""

    def __init__(self, lines, known):
        self.lines, self.known = lines, known

    def __call__(self, request):
        if request.url.endswith("esummary.fcgi"):
            return self.known
        asked = [line.split("|") for line in dict(request.params)["bdata"].split("\r")]
        return "\n".join(self.lines([parts[5] for parts in asked])) or "\n \nx"


@pytest.mark.parametrize(
    ("last", "match"),
    [
        ("2014248", CitationMatch("found", "2014248")),
        ("NOT_FOUND", CitationMatch("not found")),
        ("NOT_FOUND;INVALID_JOURNAL", CitationMatch("not found", reason="INVALID_JOURNAL")),
        (
            "AMBIGUOUS 33057196,32076266",
            CitationMatch("ambiguous", candidates=("33057196", "32076266"), reason="AMBIGUOUS 33057196,32076266"),
        ),
        ("AMBIGUOUS (783 citations)", CitationMatch("ambiguous", reason="AMBIGUOUS (783 citations)")),
        ("", CitationMatch("unknown")),
    ],
)
def test_s47_every_outcome(last, match):
    assert parse_matches(f"moss lett|2020|7|11|lovelace a|c0|{last}\n".encode()) == {"c0": match}


def test_s47_a_key_that_is_answered_twice_differently_is_not_believed():
    body = b"a|2020|7|11|x|c0|5\nb|2021|8|12|y|c0|6\nc|2022|9|13|z|c1|7\nc|2022|9|13|z|c1|7\nrubbish\n"
    assert parse_matches(body) == {"c1": CitationMatch("found", "7")}


def test_s47_lines_carry_a_key_of_their_own_and_no_stray_bars():
    request = match_request(BASE, {"c0": CitationQuery("a|b\nc", "2020", "7", "11", "x")})
    assert dict(request.params)["bdata"] == "a b c|2020|7|11|x|c0|"


def test_s47_a_hit_that_contradicts_the_citation_is_another_paper(canned):
    other = told("5", volume="8", pages="1-2")
    service = canned(Matching(lambda keys: [f"m|2020|7|11|l|{key}|5" for key in keys], other))
    assert match_citations(service, BASE, [MOSS]) == (
        CitationMatch("another paper", candidates=("5",), fields=("volume", "first page")),
    )  # fmt: skip


def test_s47_a_hit_that_cannot_be_seen_is_unknown(canned):
    gone = summaries(**{"5": {"error": "cannot get document summary"}})
    service = canned(Matching(lambda keys: [f"m|2020|7|11|l|{key}|5" for key in keys], gone))
    assert match_citations(service, BASE, [MOSS])[0].state == "unknown"


def test_s47_it_may_stop_at_a_line_and_the_rest_is_asked_for_again(canned):
    service = canned(Matching(lambda keys: [f"m|2020|7|11|l|{keys[0]}|5"], told("5")))
    matches = match_citations(service, BASE, [MOSS, MOSS, MOSS, CitationQuery("", "2020")])
    assert [one.state for one in matches] == ["found", "found", "unknown", "unknown"]
    asked = [value for value in service.params("bdata") if value]
    assert [value.count("\r") + 1 for value in asked] == [3, 2]  # the line without a journal was never sent


def test_s47_an_outage_is_unknown_and_not_not_found(canned):
    (match,) = match_citations(canned(lambda _: SourceUnreachable("down")), BASE, [MOSS])
    assert match == CitationMatch("unknown", reason="down")


@pytest.mark.parametrize(
    ("found", "fields"),
    [
        (Summary("5", published=PublicationDate("2021", 2021), volume="7", pages="11-9", authors=("Lovelace AB",)), []),
        (Summary("5"), []),
        (Summary("5", published=PublicationDate("2018", 2018), authors=("Hopper G",)), ["year", "author"]),
    ],
)
def test_what_is_left_out_contradicts_nothing(found, fields):
    assert list(disagreements(MOSS, found)) == fields


def ids(*found):
    return json.dumps({"esearchresult": {"count": str(len(found)), "retstart": "0", "idlist": list(found)}})


@pytest.mark.parametrize(
    ("search", "summary", "match"),
    [
        (ids("5"), told("5", articleids=[{"idtype": "doi", "value": "10.1234/MOSS"}]), CitationMatch("found", "5")),
        (
            ids("5"), told("5", articleids=[{"idtype": "doi", "value": "10.1234/moss.2"}]),
            CitationMatch("another paper", candidates=("5",), fields=("doi",)),
        ),
        (ids(), "", CitationMatch("not found")),
        (SourceUnreachable("down"), "", CitationMatch("unknown", reason="down")),
        (
            ids("5"), SourceUnreachable("down"),
            CitationMatch("unknown", candidates=("5",), reason="the hits could not be verified"),
        ),
    ],
)  # fmt: skip
def test_s24_a_fuzzy_hit_is_not_the_paper_with_that_doi(canned, search, summary, match):
    service = canned(lambda q: summary if q.url.endswith("esummary.fcgi") else search)
    assert match_doi(service, BASE, "10.1234/moss") == match


def test_recorded_matches(corpus_bytes):
    assert parse_matches(corpus_bytes("eutils/json/ecitmatch_found.txt")) == {
        "Art1": CitationMatch("found", "2014248"), "Art2": CitationMatch("found", "3026048"),
    }  # fmt: skip
