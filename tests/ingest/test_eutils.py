"""efetch: every PMID has its end, whatever the order, the gaps and the failures of the answers (S14–S19, S54)."""

from collections import Counter

import pytest

from ingest.errors import Blocked, SourceUnreachable
from ingest.services import eutils
from ingest.services.accounting import together
from ingest.services.eutils import FETCH_BATCH, MOST_ALONE, fetch, parse_fetch, parse_merged, sorted_pmids

BASE = "https://example.org/eutils"
HEAD = '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, {day}//EN" "{dtd}">\n'
DTD = "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{}.dtd"


def record(number, title="Moss", version=1, extra=""):
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="{version}">{number}</PMID>'
        f"<Article><ArticleTitle>{title}</ArticleTitle></Article>{extra}</MedlineCitation></PubmedArticle>"
    )


def a_book(number):
    return (
        f'<PubmedBookArticle><BookDocument><PMID Version="1">{number}</PMID><Book><BookTitle>Mosses</BookTitle></Book>'
        "</BookDocument></PubmedBookArticle>"
    )


def as_set(records, day="1st January 2025", dtd="250101"):
    return HEAD.format(day=day, dtd=DTD.format(dtd)) + f"<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"


class Pubmed:
    """A PubMed of invented records: unknown ids are left out by efetch and named by esummary."""

    def __init__(self, known, order=lambda ids: ids, held_back=(), ails=lambda _: None):
        self.known, self.order, self.held_back, self.ails = set(known), order, set(held_back), ails

    def __call__(self, request):
        ids = dict(request.params)["id"].split(",")
        told = self.ails(request)
        if told is not None:
            return told
        if request.url.endswith("esummary.fcgi"):
            return self._summaries(ids)
        return as_set(record(one) for one in self.order(ids) if one in self.known - self.held_back)

    def _summaries(self, ids):
        gone = '{{"uid":"{0}","error":"cannot get document summary"}}'
        told = (f'"{one}":' + ('{"title":"Moss"}' if one in self.known else gone.format(one)) for one in ids)
        return '{"result":{"uids":[],' + ",".join(told) + "}}"


def run(service, ids):
    parts = list(fetch(service, BASE, ids))
    return parts, together(part.accounted for part in parts)


def fetched_pmids(parts):
    return [one.identifier("pmid") for part in parts for one in part.documents]


def test_s14_an_unknown_id_is_absent_and_no_failure(canned):
    service = canned(Pubmed({"1", "3"}))
    parts, done = run(service, ["1", "2", "3"])
    assert (done.returned, done.absent, dict(done.failed)) == ({"1", "3"}, {"2"}, {})
    assert [dict(one.params)["id"] for one in service.asked] == ["1,2,3", "2", "2"]  # together, alone, esummary
    assert fetched_pmids(parts) == ["1", "3"]


def test_s14_a_wholly_unknown_batch_ends(canned):
    service = canned(Pubmed(()))
    ids = [str(one) for one in range(1, FETCH_BATCH + 1)]
    _, done = run(service, ids)
    assert done.absent == set(ids)
    assert len(service.asked) == 2 + MOST_ALONE + 1


def test_s14_what_esummary_knows_and_efetch_never_gives_has_failed(canned):
    _, done = run(canned(Pubmed({"1", "2"}, held_back={"2"})), ["1", "2"])
    assert done.failed == {"2": "esummary knows it, but efetch does not give it"}


def test_f16_an_id_that_comes_when_asked_alone_is_returned(canned):
    whole = Pubmed({"1", "2"})
    service = canned(lambda q: as_set([record(1)]) if dict(q.params)["id"] == "1,2" else whole(q))
    parts, done = run(service, ["1", "2"])
    assert done.returned == {"1", "2"}
    assert len(parts[0].answers) == 2


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda ids: list(reversed(ids)), id="reversed"),
        pytest.param(lambda ids: [*ids, *ids], id="every record twice"),
        pytest.param(lambda ids: [*ids, "77"], id="one that nobody asked for"),
    ],
)
def test_s15_results_go_by_pmid(canned, order):
    parts, done = run(canned(Pubmed({"1", "2", "3", "77"}, order)), ["1", "2", "3", "2", "01"])
    assert done.returned == {"1", "2", "3"} == set(done.requested)
    assert Counter(fetched_pmids(parts)) == Counter("123")


def test_s15_of_two_versions_the_higher_stays():
    found = parse_fetch(as_set([record(7, "New", 3), record(7, "Old", 2)]).encode())
    assert (found["7"].title, found["7"].version) == ("New", 3)


def test_s16_what_is_no_pmid_is_never_sent(canned):
    service = canned(Pubmed({"5"}))
    _, done = run(service, ["0", "abc", "", " ", "-3", "1e5", "5", "2020360999999"])
    assert [dict(one.params)["id"] for one in service.asked] == ["5"]
    assert done.returned == {"5"}
    assert set(done.invalid) == {"0", "abc", "", " ", "-3", "1e5", "2020360999999"}


def test_s16_nothing_valid_sends_nothing(canned):
    service = canned(Pubmed(()))
    _, done = run(service, ["abc"])
    assert (service.asked, done.invalid) == ([], ("abc",))


def test_leading_zeros_are_the_same_pmid():
    assert sorted_pmids(["007", "7", "x"]) == (("7",), ("x",))


def test_s17_many_ids_go_in_batches_by_post(canned):
    ids = [str(one) for one in range(1, 2 * FETCH_BATCH + 2)]
    service = canned(Pubmed(ids))
    _, done = run(service, ids)
    assert len(done.returned) == 2 * FETCH_BATCH + 1
    assert [request.method for request in service.asked] == ["POST"] * 3
    assert max(len(told.split(",")) for told in service.params("id")) == FETCH_BATCH


@pytest.mark.parametrize(
    ("day", "dtd"), [("1st January 2025", "250101"), ("1st January 2026", "260101"), ("1st January 2027", "270101")]
)
def test_s18_every_year_of_the_dtd_is_read_and_unknown_tags_are_counted(day, dtd):
    body = as_set([record(1, extra='<Mood Tone="new">dry</Mood>')], day, dtd)
    assert parse_fetch(body.encode())["1"].unknown_tags == ("Mood",)


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
    ],
)
def test_s19_entities_of_its_own_are_refused_and_the_next_batch_still_comes(canned, subset):
    hostile = f"<!DOCTYPE PubmedArticleSet [{subset}]><PubmedArticleSet>{record(1, '&b;')}</PubmedArticleSet>"
    ids = [str(one) for one in range(1, FETCH_BATCH + 2)]
    service = canned(Pubmed(ids, ails=lambda q: hostile if len(q.params[1][1]) > 10 else None))
    _, done = run(service, ids)
    assert done.returned == {str(FETCH_BATCH + 1)}
    assert "refused" in done.failed["1"]


def test_s25_s26_no_history_is_ever_used(canned):
    service = canned(Pubmed({"1"}))
    run(service, ["1", "2"])
    assert {name for request in service.asked for name, _ in request.params} == {"db", "id", "retmode"}


def test_s54_one_failed_batch_of_four_leaves_the_other_three(canned):
    ids = [str(one) for one in range(1, 4 * FETCH_BATCH + 1)]
    bad = set(ids[FETCH_BATCH : 2 * FETCH_BATCH])
    down = Pubmed(ids, ails=lambda q: SourceUnreachable("down") if bad & set(q.params[1][1].split(",")) else None)
    parts, done = run(canned(down), ids)
    assert len(parts) == 4
    assert set(done.failed) == bad
    assert set(done.failed.values()) == {"down"}
    assert done.returned == set(ids) - bad


def test_f13_an_answer_that_is_never_whole_is_asked_for_in_halves(canned):
    ids = [str(one) for one in range(1, FETCH_BATCH + 1)]
    world = Pubmed(ids)
    service = canned(lambda q: world(q)[:-30] if dict(q.params)["id"].count(",") >= 60 else world(q))
    parts, done = run(service, ids)
    assert done.returned == set(ids)
    assert [len(one.documents) for one in parts[0].answers] == [50] * 4


def test_f13_what_is_never_whole_at_all_ends(canned):
    ids = [str(one) for one in range(1, FETCH_BATCH + 1)]
    world = Pubmed(ids)
    service = canned(lambda q: world(q)[:-30])
    _, done = run(service, ids)
    assert set(done.failed) == set(ids)
    assert len({dict(request.params)["id"] for request in service.asked}) == 15


def test_s55_everything_down_is_said_for_every_id_without_asking_for_ever(canned):
    ids = [str(one) for one in range(1, 20 * FETCH_BATCH + 1)]
    service = canned(Pubmed(ids, ails=lambda _: SourceUnreachable("down")))
    _, done = run(service, ids)
    assert len(done.failed) == len(ids)
    assert len(service.asked) == 3


def test_a_block_stops_the_run_with_what_came_before(canned):
    ids = [str(one) for one in range(1, FETCH_BATCH + 2)]
    service = canned(Pubmed(ids, ails=lambda q: Blocked("misuse") if len(q.params[1][1]) < 10 else None))
    running = fetch(service, BASE, ids)
    assert len(next(running).documents) == FETCH_BATCH
    with pytest.raises(Blocked):
        next(running)


def test_books_count_as_records(canned):
    service = canned(lambda _: as_set([record(1), a_book(2)]))
    parts, done = run(service, ["1", "2"])
    assert done.returned == {"1", "2"}
    assert [one.kind for one in parts[0].documents] == ["article", "book"]


def test_a_record_without_pmid_is_asked_for_again(canned):
    answers = iter([as_set(["<PubmedArticle><MedlineCitation/></PubmedArticle>"]), as_set([record(1)])])
    _, done = run(canned(lambda _: next(answers)), ["1"])
    assert done.returned == {"1"}


@pytest.mark.parametrize(
    ("told", "merged"),
    [
        (b"\nid: 28696885 Error occurred: PMID 28696885 is a duplicate of PMID 17633143\n", {"28696885": "17633143"}),
        (b"id: 32816848 Error occurred: The following PMID is not available: 32816848", {}),
        (b"PMID- 12091962\nOWN - NLM\n", {}),
    ],
)
def test_s44_a_merged_pmid_names_its_survivor(told, merged):
    assert parse_merged(told) == merged
    assert dict(eutils.merged_request(BASE, "1").params)["rettype"] == "medline"


@pytest.mark.parametrize(("folder", "count"), [("efetch_single", 10), ("efetch_agr", 39)])
def test_recorded_single_records_are_keyed_by_the_pmid_of_their_file(shared, folder, count):
    files = sorted((shared / "corpus" / "eutils" / folder).glob("*.xml"))
    assert len(files) == count
    for path in files:
        assert list(parse_fetch(path.read_bytes())) == [path.stem.partition("_")[0]], path.name


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("test_efetch", "1234567"),
        ("test_eutils_xmlfacades_pubmedarticle_20412080", "20412080"),
        ("test_eutils_xmlfacades_pubmedarticle_22351513", "22351513"),
        ("test_eutils_xmlfacades_pubmedarticle_22528466", "22528466"),
        ("test_eutils_xmlfacades_pubmedarticle_23121403", "23121403"),
        ("test_eutils_xmlfacades_pubmedarticle_29915538", "29915538"),
    ],
)
def test_recorded_answers_hold_the_one_record(cassette, name, number):
    found = parse_fetch(cassette(name)[0])
    assert list(found) == [number]
    assert found[number].title
