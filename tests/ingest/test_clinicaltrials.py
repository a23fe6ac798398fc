"""ClinicalTrials.gov: every state of an answer, every module missing or there, every page once (S48, S49)."""

import json

import pytest

from ingest.errors import BadPayload, BadReply, SourceUnreachable
from ingest.records import (
    Identifier,
    Keyword,
    Link,
    PublicationDate,
    Reference,
    RegisteredArm,
    RegisteredNotice,
    RegisteredOutcome,
    RegisteredReference,
    RegistryEntry,
    TrialRegistration,
)
from ingest.services.accounting import Failure, ask
from ingest.services.clinicaltrials import (
    UNKNOWN_ENROLMENT,
    account_for,
    list_request,
    nct,
    parse_studies,
    parse_study,
    studies,
    study,
)

BASE = "https://example.org/ctgov/api/v2"


@pytest.fixture(scope="module")
def trial(invented):
    return parse_study(invented["trial"].encode())


def bare(number, **modules):
    return {"protocolSection": {"identificationModule": {"nctId": number}, **modules}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", "ctgov"),
        ("kind", "registry"),
        ("title", "Moss Against Rust"),
        (
            "identifiers",
            (Identifier("nct", "NCT00000011"), Identifier("nct", "NCT00000012"), Identifier("sponsor-id", "MOSS-1")),
        ),
        ("status", "COMPLETED"),
        ("published", PublicationDate("2019-12-31", 2019, 12, 31)),
        ("revised", PublicationDate("2023-02-03", 2023, 2, 3)),
        ("keywords", (Keyword("moss"), Keyword("rain"))),
        (
            "registrations",
            (
                TrialRegistration("ClinicalTrials.gov", "NCT00000011"),
                TrialRegistration("EUDRACT_NUMBER", "2030-000001-11"), TrialRegistration("NIH", "U01"),
            ),
        ),
        (
            "links",
            (
                Link("cites", (Identifier("pmid", "77"),), "ctgov", title="Lovelace A. On rain. 1999."),
                Link("cites", (Identifier("pmid", "78"),), "ctgov", title="Hopper G. Moss stops rust. 2022."),
                Link("cites", (Identifier("pmid", "80"),), "ctgov", title="Babbage C. More moss. 2023."),
            ),
        ),
    ],
)  # fmt: skip
def test_an_entry(trial, field, value):
    assert getattr(trial, field) == value


def test_the_facts_of_an_entry(trial):
    assert trial.registry == RegistryEntry(
        status="COMPLETED",
        study_type="INTERVENTIONAL",
        phases=("PHASE2", "PHASE3"),
        allocation="RANDOMIZED",
        masking="DOUBLE",
        enrolment=40,
        enrolment_kind="ESTIMATED",
        start=PublicationDate("2020-04", 2020, 4),
        primary_completion=PublicationDate("2021-05-06", 2021, 5, 6),
        completion=PublicationDate("2022", 2022),
        updated=PublicationDate("2023-02-03", 2023, 2, 3),
        sponsor="Moss Institute",
        conditions=("Rust",),
        arms=(
            RegisteredArm("Moss", "EXPERIMENTAL", "Moss daily", ("Drug: Moss",)),
            RegisteredArm("Gravel", "PLACEBO_COMPARATOR"),
        ),
        outcomes=(
            RegisteredOutcome("primary", "Rust score", "0 to 51", "12 months"),
            RegisteredOutcome("secondary", "Survival", None, "5 years"),
            RegisteredOutcome("other", "Greenness"),
        ),
        references=(
            RegisteredReference("Lovelace A. On rain. 1999.", "77", "BACKGROUND"),
            RegisteredReference(
                "Hopper G. Moss stops rust. 2022.", "78", "RESULT", (RegisteredNotice("79", "Moss Lett"),)
            ),
            RegisteredReference("Babbage C. More moss. 2023.", "80", "DERIVED"),
            RegisteredReference("A poster."),
        ),
        has_results=True,
    )
    assert trial.references[3] == Reference("A poster.")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Brief summary", "Does moss\n\nstop rust?"),
        ("Arms", "Experimental: Moss. Moss daily. Drug: Moss\nPlacebo comparator: Gravel"),
        ("Interventions", "Drug: Moss. Green"),
        ("Primary outcomes", "Rust score. 0 to 51. Time frame: 12 months"),
        ("Eligibility", "Inclusion:\n* rust\nSex ALL, From 18 Years"),
        ("Participant flow: Overall Study", "\tMoss\tGravel\nStarted\t20\t19\nDeath\t1\t"),
        (
            "Baseline: Age",
            (
                "Age\nMean (Standard Deviation), years\n\tMoss\tGravel\nNumber analyzed (Participants)\t20\t19\n"
                "Age\t44.1 (9.2)\t45 (8.8)"
            ),
        ),
        (
            "Primary outcome: Rust score",
            (
                "Rust score\n0 to 51, more is worse\nTime frame: 12 months\nMean (Standard Deviation), points\n"
                "\tMoss\tGravel\nNumber analyzed (Participants)\t19\t18\nRust score\t13.8 (7.2)\t18.2 (7.1)\n"
                "Moss vs Gravel: Mean Difference (Final Values) -4.4 (95% CI -8.8 to -0.1), p = 0.047, ANCOVA"
            ),
        ),
        (
            "Secondary outcome: Survival",
            (
                "Survival\nNumber (95% Confidence Interval), percentage of participants\n\tMoss\n"
                "5 years, Alive\t92.7 (80.1 to 97.5)\np <0.001"
            ),
        ),
        ("Adverse events", "Time frame: 12 months\nMoss\tDeaths\t1/20\nMoss\tSerious\t2/20\nGravel\tDeaths\t0/19"),
        ("Serious adverse events", "Affected / at risk\n\tMoss\tGravel\nSlipping\t2/20\t0/19"),
    ],
)
def test_the_texts_of_an_entry(trial, label, text):
    (found,) = [one for one in trial.sections if one.label == label]
    assert found.text == text
    assert found.kind == ("table" if "\t" in text else "abstract" if label == "Brief summary" else "body")


@pytest.mark.parametrize(
    ("measurement", "cell"),
    [
        ({"value": "3"}, "3"),
        ({"value": "3", "lowerLimit": "1"}, "3 (1 to NA)"),
        ({"value": "NA", "comment": "too few"}, "NA"),
        ({}, ""),
    ],
)
def test_a_cell_is_printed_as_the_registry_prints_it(measurement, cell):
    classes = [{"categories": [{"measurements": [{"groupId": "G", **measurement}]}]}]
    measure = {"title": "Rust", "groups": [{"id": "G", "title": "Moss"}], "classes": classes}
    entry = bare("NCT00000011") | {"resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": [measure]}}}
    document = parse_study(json.dumps(entry).encode())
    assert document.sections[0].text == f"Rust\n\tMoss\nRust\t{cell}"
    assert document.registry.has_results


def test_s48_an_entry_may_lack_every_module():
    document = parse_study(json.dumps(bare("NCT00000011")).encode())
    assert document.registry == RegistryEntry()
    assert (document.title, document.sections, document.references) == (None, (), ())


@pytest.mark.parametrize(("count", "enrolment"), [(UNKNOWN_ENROLMENT, None), (0, 0), (None, None)])
def test_the_sentinel_enrolment_is_unknown(count, enrolment):
    entry = bare("NCT00000011", designModule={"enrollmentInfo": {"count": count}})
    assert parse_study(json.dumps(entry).encode()).registry.enrolment == enrolment


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("NCT00962923", "NCT00962923"), ("nct962923", "NCT00962923"), (" 962923 ", "NCT00962923"), ("NCT0", None),
        ("ISRCTN123", None), ("", None), ("NCT123456789", None),
    ],
)  # fmt: skip
def test_a_number_is_written_as_the_registry_writes_it(text, number):
    assert nct(text) == number


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((404, "NCT number NCT00000011 not found"), "absent"),
        ((404, "<html>no such page</html>"), "failed"),
        ((400, "Parameter `nctId` has incorrect format"), "invalid"),
        ((400, "Bad gateway somewhere"), "failed"),
        ((403, "Forbidden"), "refused"),
        (SourceUnreachable("slow down"), "failed"),
        ("NCT number NCT00000011 not found", "failed"),
        ("{}", "failed"),
    ],
)
def test_s48_the_state_of_every_answer(canned, answer, state):
    told = study(canned(lambda _: answer), BASE, "NCT00000011")
    assert (told.state, told.document) == (state, None)
    assert told.reason
    done = account_for([told])
    assert {"absent": done.absent, "invalid": done.invalid}.get(state, done.failed)


def test_s48_what_is_no_number_is_not_sent(canned):
    service = canned(lambda _: "{}")
    assert study(service, BASE, "ISRCTN123").state == "invalid"
    assert service.asked == []


def test_s48_an_alias_is_followed_and_both_numbers_stay(canned):
    body = json.dumps(bare("NCT00000011"))
    moved = (301, "", "/api/v2/studies/NCT00000011?format=json")
    told = study(canned(lambda q: moved if q.url.endswith("NCT00000012") else body), BASE, "nct12")
    assert (told.asked, told.state) == ("NCT00000012", "found")
    assert told.document.identifiers == (Identifier("nct", "NCT00000011"), Identifier("nct", "NCT00000012"))
    assert account_for([told]).returned == {"NCT00000012"}


@pytest.mark.parametrize("place", [None, "https://example.org/elsewhere", "/api/v2/studies/NCT00000012"])
def test_s48_a_move_to_nowhere_is_a_failure_and_no_loop(canned, place):
    service = canned(lambda _: (301, "", place))
    assert study(service, BASE, "NCT00000012").state == "failed"
    assert len(service.asked) == 1


class Registry:
    """A list in pages of two; the total on the first page only, no token on the last."""

    def __init__(self, numbers, total=None):
        self.numbers, self.total = numbers, total or len(numbers)

    def __call__(self, request):
        start = int(dict(request.params).get("pageToken", "0"))
        page = {"studies": [bare(one) for one in self.numbers[start : start + 2]]}
        page |= {"totalCount": self.total} if start == 0 else {}
        page |= {"nextPageToken": str(start + 2)} if start + 2 < len(self.numbers) else {}
        return json.dumps(page)


NUMBERS = [f"NCT0000000{one}" for one in range(1, 6)]


def test_s49_every_page_comes_once(canned):
    service = canned(Registry(NUMBERS))
    found = studies(service, BASE, condition="rust")
    assert [one.identifier("nct") for one in found.documents] == NUMBERS
    assert (found.total, found.complete, service.params("pageToken")) == (5, True, [None, "2", "4"])


def test_s49_fewer_than_counted_is_not_complete(canned):
    assert not studies(canned(Registry(NUMBERS, total=9)), BASE, ids=NUMBERS).complete


def test_s49_a_page_without_an_answer_ends_the_list_and_says_so(canned):
    world = Registry(NUMBERS)
    down = SourceUnreachable("down")
    found = studies(canned(lambda q: down if "pageToken" in dict(q.params) else world(q)), BASE, condition="rust")
    assert (len(found.documents), found.complete, found.reason) == (2, False, "down")


def test_s49_a_token_that_comes_back_ends_the_list(canned):
    page = json.dumps({"totalCount": 9, "studies": [bare(NUMBERS[0])], "nextPageToken": "again"})
    service = canned(lambda _: page)
    assert not studies(service, BASE, condition="rust").complete
    assert len(service.asked) == 2


@pytest.mark.parametrize("body", [b'{"error":"x"}', b'{"studies":[{}]}', b"[]"])
def test_a_list_of_another_shape_is_refused(body):
    with pytest.raises((BadReply, BadPayload)):
        parse_studies(body)


def test_a_broken_list_is_a_failure(canned):
    assert isinstance(ask(canned(lambda _: '{"no":"studies"}'), list_request(BASE, condition="x")), Failure)


def test_a_recorded_full_entry(corpus_bytes):
    document = parse_study(corpus_bytes("trials/study_NCT03934567.json"))
    facts = document.registry
    assert document.identifiers == (Identifier("nct", "NCT03934567"), Identifier("sponsor-id", "XYN-605"))
    assert (facts.status, facts.enrolment, facts.enrolment_kind) == ("ACTIVE_NOT_RECRUITING", 87, "ACTUAL")
    assert (facts.phases, facts.has_results, len(facts.arms)) == (("PHASE2",), False, 1)
    assert [one.rank for one in facts.outcomes] == ["primary", "secondary", "secondary"]
    assert facts.outcomes[2].time_frame == "Up to 2 years"
    assert facts.completion == PublicationDate("2025-10-30", 2025, 10, 30)


def test_a_recorded_entry_of_chosen_fields(corpus_bytes):
    facts = parse_study(corpus_bytes("trials/get_nct02576665_20260811.json")).registry
    assert (facts.status, facts.enrolment, facts.enrolment_kind) == ("TERMINATED", 21, None)
    assert facts.start == PublicationDate("2016-07", 2016, 7)
    assert (facts.has_results, facts.arms, facts.outcomes, len(facts.conditions)) == (None, (), (), 12)


@pytest.mark.parametrize(
    ("name", "total", "enrolments"),
    [
        ("search_phelan_limit5_20260811", 21, [18, 6, 19, 6, 650]),
        ("search_melanoma_recruiting_limit3_20260811", 480, [40, 72, 20]),
        ("studies_search_a", None, [75]),
    ],
)
def test_recorded_lists(corpus_bytes, name, total, enrolments):
    page = parse_studies(corpus_bytes(f"trials/{name}.json"))
    assert page.total == total
    assert page.token
    assert [one.registry.enrolment for one in page.documents] == enrolments
