"""Requested = returned + absent + failed + invalid, each id exactly once, whatever the services do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Blocked, KeyRefused, Misconfigured, SourceRefused, SourceUnreachable, Truncated
from ingest.http.exchange import Request
from ingest.services.accounting import DOWN_AFTER, Failure, Patience, account, ask, batches, together

IDS = st.lists(st.sampled_from("123456789"), max_size=12)
QUESTION = Request("eutils", "https://example.org/")


@given(IDS, IDS, IDS, st.dictionaries(st.sampled_from("123456789"), st.just("late")), IDS)
def test_every_id_ends_in_exactly_one_place(requested, returned, absent, reasons, invalid):
    done = account(requested, returned, absent, reasons, invalid)
    ends = [*done.returned, *done.absent, *done.failed, *done.invalid]
    assert sorted(ends) == sorted(set(requested)) == sorted(done.requested)
    assert done.complete == (not done.failed)


@given(st.lists(st.tuples(IDS, IDS, IDS), max_size=4))
def test_accounts_add_up(parts):
    done = together(account(*part) for part in parts)
    assert set(done.requested) == {one for asked, _, _ in parts for one in asked}
    assert len(done.requested) == len(done.returned) + len(done.absent) + len(done.failed)


@given(st.lists(st.integers()), st.integers(1, 7))
def test_batches_hold_everything_in_order(ids, most):
    cut = list(batches(ids, most))
    assert [one for batch in cut for one in batch] == ids
    assert all(0 < len(batch) <= most for batch in cut)


@pytest.mark.parametrize("error", [SourceUnreachable("no answer"), SourceRefused("no"), Truncated("cut")])
def test_a_failure_is_a_result_with_its_reason(canned, error):
    assert ask(canned(lambda _: error), QUESTION) == Failure(str(error), too_much=isinstance(error, Truncated))


@pytest.mark.parametrize("error", [KeyRefused("key"), Blocked("misuse"), Misconfigured("address")])
def test_what_must_stop_the_run_is_never_a_result(canned, error):
    with pytest.raises(type(error)):
        ask(canned(lambda _: error), QUESTION)


def test_a_service_that_is_down_is_not_asked_for_ever_s55(canned):
    service = canned(lambda _: SourceUnreachable("no answer in time"))
    patient = Patience(service)
    told = [ask(patient, QUESTION) for _ in range(10)]
    assert len(service.asked) == DOWN_AFTER
    assert told[-1] == Failure(f"not asked: no answer {DOWN_AFTER} times before (no answer in time)")


@pytest.mark.parametrize("answer", [b"fine", SourceRefused("no"), Truncated("cut")])
def test_any_answer_restores_patience(canned, answer):
    down = SourceUnreachable("down")
    answers = iter([down, down, answer, down, down, b"fine"])
    patient = Patience(canned(lambda _: next(answers)))
    told = [ask(patient, QUESTION) for _ in range(6)]
    assert [isinstance(one, Failure) for one in told] == [True, True, answer != b"fine", True, True, False]
