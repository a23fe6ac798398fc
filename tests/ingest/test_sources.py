"""The sources through the real client against the stand-in: what is asked, what comes, what is kept (S14–S52)."""

import datetime as dt
import random

import pytest

from ingest.errors import Blocked
from ingest.services import bioc, clinicaltrials, europepmc, icite, idconv, pmc
from ingest.services.accounting import together
from ingest.services.addresses import Services
from ingest.services.edges import gather
from ingest.services.eutils import FETCH_BATCH, fetch
from ingest.services.eutils_links import links
from ingest.services.eutils_match import CitationQuery, match_citations, match_doi
from ingest.services.eutils_search import search
from ingest.services.eutils_summary import summarise
from tests.standin import faults
from tests.standin.world import CITED, CITERS, MUCH_CITED, NO_SCORE, ONLY_PRINTED, SEED, SIMILAR, TRIAL, crowd

TODAY = dt.date(2026, 1, 2)


@pytest.fixture
def services(standin):
    return Services(**standin.urls)


def asked(standin, endpoint):
    return standin.log.of(endpoint)


def fetched(client, services, ids):
    parts = list(fetch(client, services.eutils, ids))
    return parts, together(part.accounted for part in parts)


def test_s14_absent_ids_are_found_out(standin, client, services):
    _, done = fetched(client, services, [SEED, "999999999", SIMILAR[0], "abc", "0"])
    assert (done.returned, done.absent) == ({SEED, SIMILAR[0]}, {"999999999"})
    assert (set(done.invalid), dict(done.failed)) == ({"abc", "0"}, {})
    assert [entry.get("id") for entry in asked(standin, "efetch")] == [f"{SEED},999999999,{SIMILAR[0]}", "999999999"]
    assert [entry.get("id") for entry in asked(standin, "esummary")] == ["999999999"]


@pytest.mark.parametrize(("shuffle", "repeat"), [(True, False), (True, True)])
def test_s15_order_and_repetition_do_not_matter(standin, client, services, shuffle, repeat):
    standin.quirks.shuffle, standin.quirks.repeat = shuffle, repeat
    parts, done = fetched(client, services, [*SIMILAR, *SIMILAR[:5]])
    assert done.returned == set(SIMILAR)
    assert sorted(one.identifier("pmid") for part in parts for one in part.documents) == sorted(SIMILAR)


@pytest.mark.parametrize("dtd", ["250101", "260101", "270101"])
def test_s18_every_dtd_is_read_and_every_shape_has_its_pmid(standin, client, services, dtd):
    standin.quirks.dtd = dtd
    shapes = [f"991000{number:02}" for number in range(1, 14)]
    parts, done = fetched(client, services, shapes)
    assert done.returned == set(shapes)
    by_pmid = {one.identifier("pmid"): one for part in parts for one in part.documents}
    assert by_pmid["99100001"].kind == "book"
    assert by_pmid["99100009"].version == 2
    assert by_pmid["99100013"].unknown_tags == ("InventedTag",)


def test_s19_a_bomb_costs_its_batch_alone(standin, client, services):
    standin.store.add(*crowd(FETCH_BATCH))
    ids = [one.pmid for one in crowd(FETCH_BATCH)]
    standin.faults.push("efetch", faults.bomb())
    _, done = fetched(client, services, [*ids, SEED])
    assert (done.returned, set(done.failed)) == ({SEED}, set(ids))


def test_s17_six_hundred_ids_go_by_post(standin, client, services):
    standin.store.add(*crowd(600))
    _, done = fetched(client, services, [one.pmid for one in crowd(600)])
    assert len(done.returned) == 600
    assert [entry.method for entry in asked(standin, "efetch")] == ["POST"] * 3


def test_s54_a_batch_that_fails_to_the_end_is_named(standin, client, services):
    standin.store.add(*crowd(4 * FETCH_BATCH))
    ids = [one.pmid for one in crowd(4 * FETCH_BATCH)]
    standin.faults.push("efetch", None, *[faults.status(503)] * 6, None, None)
    _, done = fetched(client, services, ids)
    assert set(done.failed) == set(ids[FETCH_BATCH : 2 * FETCH_BATCH])
    assert len(done.returned) == 3 * FETCH_BATCH


def test_s5_misuse_stops_the_run(standin, client, services):
    standin.faults.push("efetch", faults.misuse(standin.misuse_url))
    with pytest.raises(Blocked):
        fetched(client, services, [SEED])


def test_s20_s23_a_search(client, services):
    found = search(client, services.eutils, "sclerosis[ti]", today=TODAY, page=50)
    assert found.complete
    assert found.trusted
    assert len(found.pmids) == found.count
    assert SEED in found.pmids


def test_s21_twelve_thousand_hits_come_whole(standin, client, services):
    many = crowd(12_000)
    standin.store.add(*many)
    found = search(client, services.eutils, "crowd", today=TODAY)
    assert (found.count, found.complete) == (12_000, True)
    assert set(found.pmids) == {one.pmid for one in many}
    assert {entry.get("sort") for entry in asked(standin, "esearch")} == {"pub_date"}


@pytest.mark.parametrize("term", ["sclerosis p.Q9999Z", "sclerosis[titel]"])
def test_s22_noise_is_not_trusted(client, services, term):
    found = search(client, services.eutils, term, today=TODAY)
    assert not found.trusted
    assert found.warnings


def test_s23_nothing_found_is_an_answer(client, services):
    found = search(client, services.eutils, "99999999[uid]", today=TODAY)
    assert (found.pmids, found.complete) == ((), True)


def test_s24_a_doi_finds_its_own_record_only(client, services):
    own = f"10.5555/invented.{SIMILAR[0]}"
    assert match_doi(client, services.eutils, own).pmid == SIMILAR[0]
    missed = match_doi(client, services.eutils, "10.5555/invented.no-such-thing")
    assert missed.state in {"not found", "another paper"}
    assert missed.pmid is None


def test_s27_summaries_tell_who_exists(client, services):
    done = summarise(client, services.eutils, [*SIMILAR, "999999999"]).accounted
    assert (done.returned, done.absent) == (set(SIMILAR), {"999999999"})


def test_s28_s30_similar_articles_with_scores(standin, client, services):
    linked = links(client, services.eutils, "similar", [SEED, SIMILAR[0]])
    mine, theirs = linked.answered[SEED], linked.answered[SIMILAR[0]]
    assert {*SIMILAR} <= {one.id for one in mine}
    assert SEED not in {one.id for one in mine}
    assert [one.id for one in theirs] == [SEED, *SIMILAR[1:5]]
    assert all(one.score for one in (*mine, *theirs))
    assert [entry.all("id") for entry in asked(standin, "elink")] == [[SEED, SIMILAR[0]]]


@pytest.mark.parametrize("quirk", ["none", "bare", "info", "reordered", "dropped", "zero", "error"])
def test_s29_s31_s33_every_id_gets_its_own_answer_or_none(standin, client, services, quirk):
    quirks = standin.quirks
    quirks.nothing_linked = "info" if quirk == "info" else "bare"
    quirks.reorder_linksets = quirk == "reordered"
    quirks.drop_linksets = {SIMILAR[1]} if quirk == "dropped" else set()
    quirks.zero_ids = {SIMILAR[1]} if quirk == "zero" else set()
    quirks.link_errors = {SIMILAR[1]: "Read failed"} if quirk == "error" else {}
    linked = links(client, services.eutils, "cited_by", [SEED, SIMILAR[1], SIMILAR[2]])
    assert {*CITERS} <= {one.id for one in linked.answered[SEED]}
    assert linked.answered[SIMILAR[2]] == ()
    lost = {SIMILAR[1]} if quirk in {"dropped", "zero", "error"} else set()
    assert set(linked.unanswered) == lost


def test_s31_links_of_an_id_that_does_not_exist_are_found_out(standin, client, services):
    standin.quirks.links_for_anything = True
    linked = links(client, services.eutils, "similar", ["999999998"])
    assert set(linked.answered) == {"999999998"}
    absent = summarise(client, services.eutils, ["999999998", *linked.targets]).accounted.absent
    assert linked.without(absent).answered == {}


def test_s34_scores_that_never_come(client, services):
    linked = links(client, services.eutils, "similar", [NO_SCORE, SEED])
    assert [one.score for one in linked.answered[NO_SCORE]] == [None] * 8
    assert all(one.score for one in linked.answered[SEED])


def test_s35_five_thousand_citers_and_a_cut_body(standin, client, services):
    standin.faults.push("elink", faults.cut_body())
    linked = links(client, services.eutils, "cited_by", [MUCH_CITED])
    assert len(linked.answered[MUCH_CITED]) == 5000
    assert len(asked(standin, "elink")) == 2


def test_s37_references_from_everywhere_name_their_source(client, services):
    linked = links(client, services.eutils, "cites", [ONLY_PRINTED, SEED])
    assert linked.answered[ONLY_PRINTED] == ()
    (part,), _ = fetched(client, services, [ONLY_PRINTED])
    edges = gather("cites", linked.links(ONLY_PRINTED), part.documents[0].links)
    assert {one.source for one in edges.links} == {"reference-list"}
    assert [one.target[0].value for one in edges.links] == list(CITED[:5])
    assert {one.source for one in linked.links(SEED)} == {"elink"}


def test_full_text_copies(client, services):
    assert links(client, services.eutils, "full text", ["99000001"]).full_text("99000001") == "PMC99000001"


@pytest.mark.parametrize("as_number", [True, False])
def test_s46_a_mixed_batch(standin, client, services, as_number):
    standin.quirks.pmid_as_number = as_number
    done = idconv.convert(client, services.idconv, "pmid", ["99000001", "x", SEED])
    assert done.found["99000001"][1].value == "PMC99000001"
    assert (done.accounted.absent, done.accounted.invalid) == ({SEED}, ("x",))


@pytest.mark.parametrize("stops", [False, True])
def test_s47_citations_are_matched_and_verified(standin, client, services, stops):
    standin.quirks.ecitmatch_stops = stops
    one = next(each for each in standin.store.today() if each.pmid == SIMILAR[0])
    page = one.pages.partition("-")[0]
    right = CitationQuery(one.abbreviation, str(one.year), one.volume, page)
    wrong = CitationQuery(one.abbreviation, str(one.year - 9), one.volume, page)
    states = [each.state for each in match_citations(client, services.eutils, [right, CitationQuery(""), wrong])]
    assert states[1] == "unknown"
    assert states[0] in {"found", "ambiguous"}
    assert states[2] in {"another paper", "ambiguous"}


def test_s48_the_registry(standin, client, services):
    found = clinicaltrials.study(client, services.ctgov, TRIAL)
    assert (found.state, found.document.registry.enrolment) == ("found", 20)
    assert found.document.registry.references[2].notices[0].pmid == "99200007"
    assert clinicaltrials.study(client, services.ctgov, "NCT99000002").document.registry.enrolment is None
    assert clinicaltrials.study(client, services.ctgov, "NCT99000001").document.registry.outcomes == ()
    assert clinicaltrials.study(client, services.ctgov, "NCT12345678").state == "absent"
    alias = clinicaltrials.study(client, services.ctgov, "NCT99009113")
    assert [one.value for one in alias.document.identifiers if one.scheme == "nct"] == ["NCT99000001", "NCT99009113"]
    standin.quirks.registry_forbids = True
    assert clinicaltrials.study(client, services.ctgov, TRIAL).state == "refused"


def test_s49_all_pages_of_the_registry(client, services, monkeypatch):
    monkeypatch.setattr(clinicaltrials, "PAGE", 10)
    found = clinicaltrials.studies(client, services.ctgov, condition="sclerosis")
    assert (len(found.documents), found.total, found.complete) == (26, 26, True)


@pytest.mark.parametrize(
    ("number", "state", "free"),
    [("PMC99000001", "full", True), ("PMC99000002", "front only", False), ("PMC99999999", "absent", None)],
)
def test_s50_full_text(client, services, number, state, free):
    found = pmc.full_text(client, services.eutils, number)
    assert (found.state, found.licence.free if found.licence else None) == (state, free)


@pytest.mark.parametrize(("number", "versions"), [("PMC99000001", (1,)), ("PMC99000003", (2, 1)), ("PMC99999999", ())])
def test_s51_versions_of_the_object_store(client, services, number, versions):
    reply = client.send(pmc.versions_request(services.pmc_oa, number))
    assert pmc.parse_versions(reply.body, number) == versions


def test_s51_present_is_not_free(client, services):
    reply = client.send(pmc.stored_request(services.pmc_oa, "PMC99000002", 1))
    stored = pmc.parse_stored(reply.body)
    assert (stored.licence.code, stored.licence.free, stored.open_access) == ("TDM", False, False)


def test_s52_icite_leaves_out_what_it_does_not_know(client, services):
    counted = icite.citations(client, services.icite, [SEED, "999999999"])
    assert (set(counted.found), counted.accounted.absent) == ({SEED}, {"999999999"})
    assert {one.source for one in counted.found[SEED].links()} == {"icite"}


def test_s52_europe_pmc(client, services):
    found = europepmc.search(client, services.europepmc, f"EXT_ID:{SEED} AND SRC:MED")
    assert [one.identifier("pmid") for one in found.documents] == [SEED]
    assert found.complete
    assert {*CITERS} <= {one.target[0].value for one in europepmc.citers(client, services.europepmc, SEED).links}
    assert europepmc.references(client, services.europepmc, SEED).known
    assert europepmc.full_text(client, services.europepmc, "PMC99000001").state == "full"
    assert europepmc.full_text(client, services.europepmc, "PMC99000002").state == "not available"


def test_s52_bioc_says_no_under_200(standin, client):
    base = f"{standin.root}/research/bionlp/RESTful/pmcoa.cgi"
    there = client.send(bioc.request(base, "PMC99000001"))
    assert bioc.parse(there.body)[0].identifier("pmcid") == "PMC99000001"
    assert bioc.is_unavailable(client.send(bioc.request(base, "PMC99999999")).body)


def test_s3_everything_that_was_asked_said_who_asks(standin, client, services):
    fetched(client, services, [SEED])
    links(client, services.eutils, "similar", [SEED])
    search(client, services.eutils, "sclerosis", today=TODAY)
    idconv.convert(client, services.idconv, "pmid", [SEED])
    assert all(entry.flags == () for entry in standin.log.of())


def everything(client, services):
    """What each source says, by the id it says it of; an id without an answer is not there."""
    told = {}
    ids = [*SIMILAR, *CITERS, "999999999"]
    for part in fetch(client, services.eutils, ids):
        told |= {("record", one.identifier("pmid")): one for one in part.documents}
        told |= {("absent", one): True for one in part.accounted.absent}
    for edge in ("similar", "cited_by", "cites"):
        linked = links(client, services.eutils, edge, [SEED, NO_SCORE, SIMILAR[3]])
        told |= {(edge, one): {each.id for each in found} for one, found in linked.answered.items()}
    hits = search(client, services.eutils, "sclerosis[ti]", today=TODAY, page=60)
    told |= {("hits", hits.term): set(hits.pmids)} if hits.complete else {}
    done = idconv.convert(client, services.idconv, "pmid", ["99000001", "x", SEED])
    told |= {("pmc", one): found for one, found in done.found.items()}
    told |= {("not in pmc", one): True for one in done.accounted.absent}
    told |= {("no pmid", one): True for one in done.accounted.invalid}
    for number in (TRIAL, "NCT99009113", "NCT12345678", "NCT99000002"):
        trial = clinicaltrials.study(client, services.ctgov, number)
        told |= {("trial", number): (trial.state, trial.document)} if trial.state not in {"failed", "refused"} else {}
    for number in ("PMC99000001", "PMC99000002", "PMC99999999"):
        text = pmc.full_text(client, services.eutils, number)
        told |= {("text", number): (text.state, text.document)} if text.state != "failed" else {}
    counted = icite.citations(client, services.icite, [SEED, "999999999"])
    told |= {("icite", one): found for one, found in counted.found.items()}
    told |= {("not in icite", one): True for one in counted.accounted.absent}
    return told


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_a_storm_nothing_wrong_is_ever_believed(standin, client, services, seed):
    """Whatever 150 faults do, each answer that a source gives is the calm one, and afterwards all are there again."""
    calm = everything(client, services)
    standin.faults.storm(random.Random(seed), 150, faults.PASSING, calm=0.3)  # noqa: S311 - a storm needs no secret
    lost = 0
    while standin.faults.left():
        told = everything(client, services)
        assert told == {key: calm[key] for key in told}
        lost += len(calm) - len(told)
    assert lost
    assert everything(client, services) == calm
