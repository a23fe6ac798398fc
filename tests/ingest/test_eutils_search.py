"""esearch: all hits or a warning, never noise in silence (S20–S24)."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadReply, SourceUnreachable
from ingest.services.eutils_search import (
    FULL_WINDOW,
    LAST_HIT,
    SearchWarning,
    Window,
    halves,
    parse_search,
    search,
    search_request,
    unknown_fields,
    warnings_of,
)

BASE = "https://example.org/eutils"
TODAY = dt.date(2031, 5, 6)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2032, 12, 31))


def page(pmids, count=None, start=0, translation='"moss"[Title/Abstract]', **more):
    result = {
        "count": str(len(pmids) if count is None else count), "retmax": str(len(pmids)), "retstart": str(start),
        "idlist": list(pmids), "translationset": [], "querytranslation": translation, **more,
    }  # fmt: skip
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})


class Pubmed:
    """Records with an entry date; sorted newest first, windows and pages as asked, nothing behind hit 9,999."""

    def __init__(self, dated):
        self.dated = dict(dated)

    def hits(self, asked):
        low, high = asked.get("mindate", "0001/01/01"), asked.get("maxdate", "9999/12/31")
        newest_first = sorted(self.dated, key=int, reverse=True)
        return [one for one in newest_first if low <= f"{self.dated[one]:%Y/%m/%d}" <= high]

    def __call__(self, request):
        asked = dict(request.params)
        found, start = self.hits(asked), int(asked["retstart"])
        return page(found[:LAST_HIT][start : start + int(asked["retmax"])], len(found), start)


def spread(count, first=dt.date(2001, 1, 1), days=9000):
    return {str(one): first + dt.timedelta(days=one * 7919 % days) for one in range(1, count + 1)}


def test_s20_all_pages_each_hit_once_and_the_order_is_asked_for(canned):
    service = canned(Pubmed(spread(23)))
    found = search(service, BASE, "moss[tiab]", today=TODAY, page=5)
    assert found.pmids == tuple(str(one) for one in range(23, 0, -1))
    assert (found.count, found.complete, found.trusted, found.warnings) == (23, True, True, ())
    assert set(service.params("sort")) == {"pub_date"}


def test_s20_counts_are_strings():
    assert parse_search(page(["7"], 63).encode()).count == 63


def test_s21_past_9999_hits_the_union_of_windows_is_whole(canned):
    dated = spread(21000)
    service = canned(Pubmed(dated))
    found = search(service, BASE, "moss[tiab]", today=TODAY)
    assert len(found.pmids) == len(set(found.pmids)) == 21000
    assert set(found.pmids) == set(dated)
    assert found.complete
    asked = zip(service.params("retstart"), service.params("retmax"), strict=True)
    assert all(int(start) + int(most) <= LAST_HIT for start, most in asked)


def test_s21_a_day_with_too_many_hits_is_said_to_be_incomplete(canned):
    crowd = {str(one): dt.date(2010, 2, 3) for one in range(1, LAST_HIT + 101)}
    found = search(canned(Pubmed(crowd)), BASE, "moss[tiab]", today=TODAY)
    assert len(found.pmids) == LAST_HIT
    assert not found.complete
    words = f"{LAST_HIT} of {LAST_HIT + 100} hits from 2010-02-03 to 2010-02-03 (edat)"
    assert SearchWarning("incomplete", words) in found.warnings


def test_s21_records_without_a_date_are_missed_and_that_is_said(canned):
    whole = Pubmed(spread(FULL_WINDOW + 10))
    service = canned(lambda q: whole(q) if "mindate" in dict(q.params) else page([], FULL_WINDOW + 15))
    found = search(service, BASE, "moss[tiab]", today=TODAY)
    assert found.warnings == (SearchWarning("incomplete", f"{FULL_WINDOW + 10} of {FULL_WINDOW + 15} hits"),)


def test_s21_the_broken_json_past_the_window_is_read_as_the_error_that_it_is():
    told = "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998."
    with pytest.raises(BadReply, match="cannot be larger"):
        parse_search(f'{{"header":{{}},"esearchresult":{{"ERROR":"{told}"}}}}'.encode())


def test_s21_past_the_window_is_never_asked_for():
    with pytest.raises(ValueError, match="9999"):
        search_request(BASE, "moss", start=9998, most=2)


@given(st.tuples(DAYS, DAYS).map(sorted))
def test_a_window_is_cut_without_a_gap_or_an_overlap(days):
    window = Window(*days, "pdat")
    parts = halves(window)
    if days[0] == days[1]:
        assert parts is None
    else:
        one, other = parts
        assert (one.first, other.last, {one.kind, other.kind}) == (*days, {"pdat"})
        assert one.last + dt.timedelta(days=1) == other.first
        assert one.first <= one.last < other.first <= other.last


@pytest.mark.parametrize(
    ("term", "told", "warning"),
    [
        (
            "moss p.E1317Q[tiab]",
            {"errorlist": {"phrasesnotfound": ["p.E1317Q"], "fieldsnotfound": []}},
            SearchWarning("phrase dropped", "p.E1317Q"),
        ),
        ("moss[xyz]", {"translation": '"moss"[All Fields]'}, SearchWarning("unknown field", "moss[xyz]")),
        (
            "moss[tiab]",
            {"errorlist": {"phrasesnotfound": [], "fieldsnotfound": ["xyz"]}},
            SearchWarning("unknown field", "xyz"),
        ),
        (
            '"wet moss"[tiab]',
            {"warninglist": {"quotedphrasesnotfound": ['"wet moss"'], "outputmessages": [], "phrasesignored": []}},
            SearchWarning("phrase dropped", '"wet moss"'),
        ),
    ],
)
def test_s22_a_query_that_did_not_run_as_written_is_not_trusted(canned, term, told, warning):
    found = search(canned(lambda _: page(["1", "2"], **told)), BASE, term, today=TODAY)
    assert warning in found.warnings
    assert not found.trusted
    assert found.complete


@pytest.mark.parametrize(
    ("term", "translation", "unknown"),
    [
        ("wet moss[titel] AND rain", '"wet moss"[All Fields] AND "rain"[All Fields]', ["wet moss[titel]"]),
        ("wet moss[titel]", '"wet"[All Fields] AND "moss"[All Fields]', ["wet moss[titel]"]),
        ("rain AND moss[titel]", '"rain"[All Fields] AND "moss"[All Fields]', ["moss[titel]"]),
        ("moss[tiab]", '"moss"[Title/Abstract]', []),
        ("moss[all]", '"moss"[All Fields]', []),
        ("moss AND moss[ti]", '"moss"[All Fields] AND "moss"[Title]', []),
        ("2020:2023[dp] AND moss[ti]", '2020/01/01:2023/12/31[Date - Publication] AND "moss"[Title]', []),
        ('"moss"[Mesh]', '"bryophyta"[MeSH Terms]', []),
        ("moss[ti]", "", []),
    ],
)
def test_s22_an_unknown_field_shows_in_the_translation(term, translation, unknown):
    assert list(unknown_fields(term, translation)) == unknown


def test_s22_messages_are_told_and_no_items_found_is_none():
    told = {"warninglist": {"outputmessages": ["No items found.", "Restrictions achieved."], "phrasesignored": ["the"]}}
    warned = warnings_of("moss", parse_search(page([], **told).encode()))
    assert [one.words for one in warned] == ["Restrictions achieved.", "ignored: the"]


def test_s23_no_hits_are_a_success(canned):
    found = search(canned(lambda _: page([])), BASE, "moss[tiab]", today=TODAY)
    assert (found.count, found.pmids, found.complete) == (0, (), True)


def test_s23_hits_that_arrive_between_pages_are_all_taken(canned):
    world = Pubmed(spread(20))

    def growing(request):
        told = world(request)
        if dict(request.params)["retstart"] == "5":
            world.dated |= {"99": TODAY, "98": TODAY}
        return told

    found = search(canned(growing), BASE, "moss[tiab]", today=TODAY, page=5)
    assert set(found.pmids) >= set(spread(20))
    assert len(found.pmids) == 22
    assert found.complete


def test_s23_hits_that_vanish_between_pages_cost_no_other_hit(canned):
    world = Pubmed(spread(20))

    def shrinking(request):
        told = world(request)
        if dict(request.params)["retstart"] == "5":
            world.dated.pop("20", None)
        return told

    found = search(canned(shrinking), BASE, "moss[tiab]", today=TODAY, page=5)
    assert set(found.pmids) >= {str(one) for one in range(1, 20)}
    assert found.complete


def test_s23_hits_that_never_stand_still_are_said_to_be_incomplete(canned):
    counts = iter(range(10, 100))
    service = canned(lambda q: page([dict(q.params)["retstart"] + "1"] * 5, next(counts)))
    found = search(service, BASE, "moss[tiab]", today=TODAY, page=5)
    assert "moved" in found.warnings[0].words
    assert not found.complete


def test_f7_a_failure_never_looks_like_nothing_new(canned):
    found = search(canned(lambda _: SourceUnreachable("down")), BASE, "moss[tiab]", today=TODAY)
    assert (found.count, found.complete, found.warnings) == (None, False, (SearchWarning("failed", "down"),))


def test_a_failed_page_leaves_the_others_and_says_so(canned):
    world = Pubmed(spread(15))
    service = canned(lambda q: SourceUnreachable("down") if dict(q.params)["retstart"] == "10" else world(q))
    found = search(service, BASE, "moss[tiab]", today=TODAY, page=5)
    assert len(found.pmids) == 10
    assert not found.complete


def test_a_window_of_the_caller_is_kept(canned):
    service = canned(Pubmed(spread(23)))
    search(service, BASE, "moss[tiab]", today=TODAY, window=Window(dt.date(2003, 1, 1), dt.date(2004, 2, 3), "pdat"))
    assert set(service.params("mindate")) == {"2003/01/01"}
    assert set(service.params("datetype")) == {"pdat"}


@pytest.mark.parametrize(
    ("name", "count", "ids", "translation"),
    [
        ("esearch1", 63, 20, '"biopython"[All Fields]'),
        ("esearch2", 42249, 100, None),
        ("esearch3", None, None, None),
        ("esearch5", 5, 5, None),
        ("esearch8", 0, 0, "(abcXYZ[All Fields])"),
    ],
)
def test_recorded_xml_answers(corpus_bytes, name, count, ids, translation):
    found = parse_search(corpus_bytes(f"eutils/biopython/{name}.xml"))
    assert count is None or (found.count, len(found.pmids)) == (count, ids)
    assert translation is None or found.translation == translation
    assert found.count >= len(found.pmids)


def test_a_recorded_phrase_that_is_not_found_is_a_warning(corpus_bytes):
    found = parse_search(corpus_bytes("eutils/biopython/esearch8.xml"))
    assert warnings_of("abcXYZ", found) == (SearchWarning("phrase dropped", "abcXYZ"),)


def test_the_recorded_author_search_holds_all_its_hits(cassette):
    found = parse_search(cassette("test_esearchresult")[1])
    assert (found.count, len(found.pmids), found.pmids[0]) == (34, 34, "40455089")


@pytest.mark.parametrize(
    "body",
    [
        "<eSearchResult><ERROR>Search Backend failed: Database is not supported: pubmed</ERROR></eSearchResult>",
        "<eSearchResult><IdList/></eSearchResult>",
        '{"esearchresult":{"idlist":[]}}',
    ],
)
def test_f7_an_error_under_200_is_no_empty_result(body):
    with pytest.raises(BadReply):
        parse_search(body.encode())
