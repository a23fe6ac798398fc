"""pull: every id that is asked for ends in one place, links say who asserts them, and nothing invented gets in.

The names are the rows of the stand-in's table: S14, S28, …
"""

from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner

from ingest.errors import KeyRefused, Misconfigured, SourceUnreachable
from kb.cli import fetching
from kb.stages import loading
from kb.stages.fetching.pulling import Wish, planned
from kb.store.connection import open_database
from kb.store.status import status
from tests.standin import faults
from tests.standin.world import CITED, CITERS, MUCH_CITED, NO_SCORE, ONLY_PRINTED, SEED, SIMILAR, TRIAL, crowd

ALWAYS = 60


def state(session, what, id_):
    return session.one("select state from requests where what = ? and id = ?", what, id_)


def links(session, kind, pmid=SEED, source="elink"):
    sql = "select to_document, score from links where from_document = ? and kind = ? and source = ?"
    return dict(session.rows(sql, f"pmid-{pmid}", kind, source))


def test_the_seed_and_its_neighbourhood(session):
    run = session.pull(SEED, similar=10, citers=True, references=True)
    assert (run.failed, run.absent) == (0, 0)
    assert run.requested == run.returned
    pmids = set(session.column("select pmid from documents where kind = 'article'"))
    assert {SEED, *CITERS, *CITED} < pmids
    assert len(links(session, "similar")) > 10
    assert session.one("select title from documents where pmid = ?", SEED).startswith("Invented record")


def test_every_answer_is_kept_without_secrets(session):
    session.settings["api_key"] = session.standin.key
    session.pull(SEED)
    urls = session.column("select url from fetches")
    assert len(urls) == len(session.standin.log.of())
    everything = session.path.read_bytes() + b"".join(path.read_bytes() for path in session.path.parent.glob("e.db-*"))
    assert session.standin.key.encode() not in everything
    assert b"reviewer@example.org" not in everything


def test_what_is_here_is_not_asked_again(session):
    session.pull(SEED, similar=5, citers=True, references=True)
    before = len(session.standin.log.of())
    again = session.pull(SEED, similar=5, citers=True, references=True)
    assert (len(session.standin.log.of()), again.requested) == (before, 0)


def test_more_neighbours_are_fetched_without_asking_for_their_links_again(session):
    session.pull(SEED, similar=5)
    asked = len(session.standin.log.of("elink"))
    session.pull(SEED, similar=9)
    assert len(session.standin.log.of("elink")) == asked
    assert session.one("select count(*) from requests where what = 'record'") == 10


def test_citers_that_are_wanted_later_come_from_all_sources(session):
    session.pull(SEED)
    session.pull(SEED, citers=True)
    assert set(links(session, "cited_by", source="icite")) == set(links(session, "cited_by"))


def test_s14_an_unknown_id_is_absent_and_no_failure(session):
    run = session.pull(SEED, "99999999")
    assert (run.absent, run.failed) == (1, 0)
    assert state(session, "record", "99999999") == "absent"
    assert session.pull(SEED).requested == 0


def test_s14_all_unknown_is_an_answer_too(session):
    run = session.pull("99999998", "99999999")
    assert (run.returned, run.absent, run.failed) == (0, 2, 0)
    assert session.one("select count(*) from documents") == 0


def test_s15_shuffled_and_repeated_records_are_one_row_each(session):
    session.standin.quirks.shuffle = session.standin.quirks.repeat = True
    session.pull(*SIMILAR[:30], SIMILAR[0])
    assert session.column("select pmid from documents where kind = 'article' order by pmid") == sorted(SIMILAR[:30])


def test_s16_what_is_no_pmid_is_never_sent(session, monkeypatch):
    ran = session.command(monkeypatch, "pull", SEED, "abc", "0")
    assert ran.exit_code == 2
    assert "abc, 0" in ran.output
    assert session.standin.log.of() == []


def test_s28_links_are_asked_by_id_and_attributed(session):
    session.pull(SEED, SIMILAR[0], similar=0)
    (entry, *_) = session.standin.log.of("elink")
    assert [value for name, value in entry.params if name == "id"] == [SEED, SIMILAR[0]]
    assert set(links(session, "similar", SIMILAR[0])) == {f"pmid-{one}" for one in (SEED, *SIMILAR[1:5])}


@pytest.mark.parametrize("words", ["bare", "info"])
def test_s29_no_links_differs_from_no_answer(session, words):
    session.standin.quirks.nothing_linked = words
    session.pull(SIMILAR[7], similar=5, citers=True, references=True)
    came = dict(session.rows("select what, came from requests where state = 'returned' and id = ?", SIMILAR[7]))
    assert (came["similar"], came["cited_by"], came["cites"]) == (0, 0, None)


def test_s29_an_answer_without_any_list_is_a_failure(session):
    session.standin.quirks.drop_linksets = {SIMILAR[0]}
    run = session.pull(SIMILAR[0], similar=5)
    assert state(session, "similar", SIMILAR[0]) == "failed"
    assert run.failed == 1
    assert SIMILAR[0] in run.messages[0]


def test_s30_the_seed_in_its_own_list_and_repeats_are_left_out(session):
    session.pull(SIMILAR[0], SEED, similar=0)
    assert f"pmid-{SEED}" not in links(session, "similar")
    assert len(links(session, "similar", SIMILAR[0])) == 5


def test_s31_reordered_lists_find_their_owner_and_the_missing_one_is_known(session):
    session.standin.quirks.reorder_linksets = True
    session.standin.quirks.drop_linksets = {SIMILAR[1]}
    session.pull(SEED, SIMILAR[0], SIMILAR[1], similar=0)
    assert len(links(session, "similar", SIMILAR[0])) == 5
    assert [state(session, "similar", one) for one in (SIMILAR[0], SIMILAR[1])] == ["returned", "failed"]


def test_s31_an_id_that_was_replaced_by_0_has_no_answer(session):
    session.standin.quirks.zero_ids = {SIMILAR[0]}
    session.pull(SIMILAR[0], similar=0)
    assert state(session, "similar", SIMILAR[0]) == "failed"


def test_s31_an_invented_neighbour_never_becomes_a_document_or_a_link(session):
    session.standin.store.link("pubmed_pubmed", SEED, ["98765432", SIMILAR[0], "2020360999999"])
    run = session.pull(SEED, similar=10)
    assert run.absent == 1
    assert set(links(session, "similar")) == {f"pmid-{SIMILAR[0]}"}
    assert session.one("select count(*) from documents where pmid in ('98765432', '2020360999999')") == 0


@pytest.mark.parametrize(
    "fault",
    [faults.backend("Couldn't resolve #exLinkSrv2, the address table is empty."), faults.prolog_only()],
    ids=lambda fault: fault.name,
)
def test_s33_an_error_in_place_of_links_is_asked_again(session, fault):
    session.standin.faults.push("elink", fault, fault)
    session.pull(SEED, similar=0)
    assert len(links(session, "similar")) > 10


def test_s33_an_error_at_one_id_leaves_the_others(session):
    session.standin.quirks.link_errors = {SIMILAR[0]: "invented trouble"}
    run = session.pull(SEED, SIMILAR[0], citers=True)
    assert (state(session, "cited_by", SEED), state(session, "cited_by", SIMILAR[0])) == ("returned", "failed")
    assert any("invented trouble" in message for message in run.messages)


def test_s34_where_scores_never_come_links_come_without(session):
    session.pull(NO_SCORE, SEED, similar=0)
    assert set(links(session, "similar", NO_SCORE).values()) == {None}
    assert None not in links(session, "similar").values()


def test_s35_many_citers_come_wholly_after_a_cut_answer(session):
    many = crowd(450, 97_000_001)
    session.standin.store.add(*many)
    session.standin.store.link("pubmed_pubmed_citedin", MUCH_CITED, [one.pmid for one in many])
    session.standin.faults.push("elink", faults.cut_body(0.5), faults.cut_body(0.9, packed=True))
    session.pull(MUCH_CITED, citers=True)
    assert len(links(session, "cited_by", MUCH_CITED)) == 450
    assert session.one("select count(*) from documents where pmid like '97%'") == 450
    sizes = [len(entry.all("id")) for entry in session.standin.log.of("efetch")]
    assert max(sizes) == 200


def test_s36_einfo_is_never_asked(session):
    session.pull(SEED, similar=3, citers=True, references=True)
    assert session.standin.log.of("einfo") == []


def test_s37_each_edge_names_its_source_and_unknown_is_not_none(session):
    session.pull(ONLY_PRINTED, SIMILAR[7], references=True)
    assert links(session, "cites", ONLY_PRINTED) == {}
    sources = session.column("select distinct source from links where from_document = ?", f"pmid-{ONLY_PRINTED}")
    assert sorted(sources) == ["icite", "reference-list"]
    came = dict(session.rows("select id, came from requests where what = 'cites'"))
    assert came == {ONLY_PRINTED: 5, SIMILAR[7]: None}


@pytest.mark.parametrize(("pmid", "evidence"), [(SEED, ["strong"]), ("99100012", ["weak"]), (SIMILAR[0], [])])
def test_s39_registry_numbers_and_how_sure_they_are(session, pmid, evidence):
    session.pull(pmid)
    assert session.column("select evidence from registrations where document = ?", f"pmid-{pmid}") == evidence
    assert len(session.standin.log.of("ctgov")) == len(evidence)


def test_the_registry_entry_is_a_document_with_its_facts(session):
    session.pull(SEED)
    facts = session.rows("select document, status, enrolment, enrolment_kind, has_results from registry_entries")
    assert facts == [("nct-nct00962923", "UNKNOWN", 20, "ESTIMATED", 0)]
    assert session.one("select kind from documents where id = 'nct-nct00962923'") == "registry"


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda s: s.store.trials.pop(TRIAL), "absent"),
        (lambda s: setattr(s.quirks, "registry_forbids", True), "failed"),
        (lambda s: s.faults.push("ctgov", *[faults.status(503)] * ALWAYS), "failed"),
    ],
    ids=["404", "403", "503"],
)
def test_s48_what_the_registry_says_of_a_number(session, spoil, found):
    spoil(session.standin)
    run = session.pull(SEED)
    assert state(session, "registry", TRIAL) == found
    assert bool(run.failed) is (found == "failed")


@pytest.mark.parametrize(
    ("pmid", "row"),
    [
        ("99000001", ("full", "CC BY", 1, "pmcid-pmc99000001")),
        ("99000002", ("front only", "TDM", 0, None)),
        ("99000003", ("full", "CC BY", 1, "pmcid-pmc99000003")),
    ],
)
def test_s50_s51_full_text_where_the_licence_allows(session, pmid, row):
    session.pull(pmid)
    assert session.rows("select state, licence, free, document from full_texts") == [row]
    kinds = set(session.column("select kind from sections where document = ?", f"pmcid-pmc{pmid}"))
    assert kinds == ({"title", "body", "table"} if row[3] else set())


def test_s51_a_text_that_may_not_be_passed_on_is_not_loaded(session):
    text = session.standin.store.full_texts["PMC99000001"]
    session.standin.store.full_texts["PMC99000001"] = replace(text, licence="TDM")
    session.pull("99000001")
    assert session.rows("select state, licence, free, version, document from full_texts") == [
        ("not free", "TDM", 0, 1, None)
    ]
    assert session.one("select count(*) from documents where kind = 'full text'") == 0


def test_s52_a_paper_that_icite_does_not_know_is_absent_there(session):
    session.standin.store.article(SIMILAR[3])
    session.pull(SIMILAR[3])
    assert session.rows("select citations, source from citation_counts") == [(0, "icite")]
    session.standin.faults.push("icite", faults.status(503), *[None] * 3)
    session.pull(SIMILAR[4])
    assert session.one("select count(*) from citation_counts") == 2


def test_s55_everything_down_is_one_line_and_what_is_here_stays(session, monkeypatch):
    session.pull(SEED)
    session.standin.faults.push(faults.ANY, *[faults.status(503)] * 5000)
    ran = session.command(monkeypatch, "pull", SIMILAR[0])
    assert (ran.exit_code, type(ran.exception)) == (1, SourceUnreachable)
    assert "503" in str(ran.exception)
    assert "\n" not in str(ran.exception)
    assert session.one("select count(*) from documents where pmid = ?", SEED) == 1
    session.standin.faults.clear()
    assert session.pull(SIMILAR[0]).failed == 0


def test_a_failed_id_is_named_with_exit_code_3_and_comes_the_next_time(session, monkeypatch):
    session.standin.faults.push("icite", *[faults.status(502)] * ALWAYS)
    ran = session.command(monkeypatch, "pull", SEED)
    assert ran.exit_code == 3
    assert f"counts of {SEED}" in ran.stderr
    session.standin.faults.clear()
    assert session.command(monkeypatch, "pull", SEED).exit_code == 0
    assert session.one("select count(*) from requests where state = 'failed'") == 0


def test_an_id_that_pubmed_does_not_have_is_named_with_exit_code_3(session, monkeypatch):
    ran = session.command(monkeypatch, "pull", SEED, "99999999")
    assert ran.exit_code == 3
    assert "99999999" in ran.stderr


def test_a_named_id_that_was_absent_is_asked_for_again(session):
    session.pull("99200099")
    session.standin.store.add(replace(session.standin.store.article(SIMILAR[0]), pmid="99200099"))
    assert session.pull("99200099").returned > 0


def test_dry_run_asks_and_writes_nothing(session, monkeypatch):
    before = session.content()
    ran = session.command(monkeypatch, "pull", SEED, "--similar", "3", "--dry-run")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [f"{what}\t1\t{SEED}" for what in ("record", "similar", "counts")]
    assert (session.content(), session.standin.log.of()) == (before, [])


def test_a_loaded_list_of_pmids_is_pulled_with_the_topic(session, topic, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("\n".join(SIMILAR[:3]))
    with closing(open_database(session.path)) as db:
        assert not loading.load(db, [path]).failed
    alone = replace(topic, queries=(), seeds=(), similar=(), citers=(), references=(), registrations=())
    session.pull(wish=Wish((), topic=alone))
    sources = session.column("select source from documents where kind = 'article' order by pmid")
    assert sources == ["pubmed-xml"] * 3


def test_a_wrong_key_stops_the_run_and_is_nowhere(session, monkeypatch, caplog):
    caplog.set_level(0)
    session.settings["api_key"] = "wrong0wrong0wrong0"
    ran = session.command(monkeypatch, "pull", SEED, "--citers")
    assert (ran.exit_code, type(ran.exception)) == (1, KeyRefused)
    assert len(session.standin.log.of()) == 1
    words = f"{ran.output}{ran.exception}{caplog.text}"
    kept = b"".join(path.read_bytes() for path in session.path.parent.glob("e.db*"))
    assert "wrong0" not in words
    assert b"wrong0" not in kept


def test_what_the_services_echo_is_nowhere(session, monkeypatch, caplog):
    caplog.set_level(0)
    session.settings["api_key"] = session.standin.key
    session.standin.faults.push("efetch", faults.rate_limit(), faults.page(), faults.backend(), faults.status(502))
    session.standin.faults.push("icite", *[faults.status(500, f"api_key={session.standin.key}")] * ALWAYS)
    ran = session.command(monkeypatch, "pull", SEED, "--citers")
    assert ran.exit_code == 3
    kept = b"".join(path.read_bytes() for path in session.path.parent.glob("e.db*"))
    for secret in (session.standin.key, "reviewer@example.org"):
        assert secret not in f"{ran.output}{caplog.text}"
        assert secret.encode() not in kept


def test_the_client_is_made_from_the_environment(tmp_path, capsys):
    with fetching.client({"XDG_STATE_HOME": str(tmp_path), "NCBI_API_KEY": " "}):
        assert "NCBI_EMAIL" in capsys.readouterr().err
    with fetching.client({"XDG_STATE_HOME": str(tmp_path), "NCBI_EMAIL": "a@example.org"}):
        assert capsys.readouterr().err == ""


def test_progress_is_said_on_a_terminal_only(monkeypatch, capsys):
    fetching.progress()("records", 1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(fetching.sys.stderr, "isatty", lambda: True)
    fetching.progress()("records", 1, 2)
    assert "records: 1 of 2, 0 s" in capsys.readouterr().err


def test_an_address_that_anybody_can_listen_to_is_refused(session):
    environment = {"EVIDENCE_KB_EUTILS": "http://example.org/eutils", "XDG_STATE_HOME": str(session.path.parent)}
    ran = CliRunner(env=environment).invoke(fetching.pull, [str(session.path), SEED])
    assert type(ran.exception) is Misconfigured


def test_status_says_what_is_pending(session):
    session.standin.faults.push("ctgov", *[faults.status(503)] * ALWAYS)
    session.pull(SEED)
    with_failure = command_status(session)
    session.standin.faults.clear()
    session.pull(SEED)
    assert "nct-nct00962923" in with_failure
    assert command_status(session) == []


@pytest.mark.parametrize(
    ("doi", "state", "there"), [("10.5555/INVENTED.99000001", "returned", 1), ("10.5555/no.such", "absent", 0)]
)
def test_s24_a_doi_of_the_topic_finds_its_record_or_none(session, topic, doi, state, there):
    alone = replace(topic, queries=(), seeds=(), similar=(), citers=(), references=(doi,), registrations=())
    session.pull(wish=Wish((), topic=alone))
    assert session.rows("select id, state from requests where what = 'doi'") == [(doi, state)]
    assert session.one("select count(*) from documents where kind = 'article'") == there


def test_the_topic_s_own_list_is_pulled_where_nothing_is_named(session, topic):
    wish = Wish(topic.seeds, 20, citers=True, references=True, topic=replace(topic, queries=()))
    with closing(open_database(session.path)) as db:
        assert set(planned(db, wish)) == {
            "record", "doi", "similar", "cited_by", "cites", "counts", "registry",
        }  # fmt: skip
    session.pull(wish=wish)
    there = session.column("select pmid from documents")
    assert {*topic.seeds, *topic.similar, *topic.citers} <= set(there)


def command_status(session):
    with closing(open_database(session.path)) as db:
        return status(db)["pending"]
