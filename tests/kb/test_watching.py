"""A registry entry names a retraction or a concern of a paper: an event, exactly once, and once more when it goes."""

import copy

import pytest

from tests.standin.world import SEED, SIMILAR, TRIAL

PAPER, NOTICE = "99200001", "99200007"
EVENTS = "select event, state, text from events where document = ? order by id"


@pytest.fixture
def registered(session):
    """Pull the seed with its registry entry, or refresh; the entry names these retractions of the paper."""

    def asked(retractions, pmid=PAPER, kind="RESULT", *, day=0, references=True):
        entry = copy.deepcopy(session.standin.store.trials[TRIAL])
        cited = {"pmid": pmid, "type": kind, "citation": "Invented result.", "retractions": retractions}
        entry["protocolSection"]["referencesModule"] = {"references": [cited]} if references else {}
        session.standin.store.trials[TRIAL] = entry
        known = session.one("select count(*) from requests")
        _ = session.refresh(day) if known else session.pull(SEED)
        return [(event, state) for event, state, _ in session.rows(EVENTS, f"pmid-{pmid}")]

    return asked


RETRACTED = [{"pmid": NOTICE, "source": "Invented J Tests. 2025"}]
CONCERN = [{"pmid": None, "source": "Invented J Tests. 2025: expression of concern"}]


@pytest.mark.parametrize(("named", "event"), [(RETRACTED, "retraction"), (CONCERN, "concern")])
def test_a_notice_is_told_exactly_once_and_when_it_goes(registered, named, event):
    assert registered(named) == [(event, "appeared")]
    assert registered(named) == [(event, "appeared")]
    assert registered([]) == [(event, "appeared"), (event, "withdrawn")]
    assert registered([]) == [(event, "appeared"), (event, "withdrawn")]


def test_the_event_says_who_says_so(registered, session):
    registered(RETRACTED)
    ((_, _, words),) = session.rows(EVENTS, f"pmid-{PAPER}")
    assert words == f"ClinicalTrials.gov {TRIAL} names it: PMID {NOTICE}, Invented J Tests. 2025"


def test_a_new_notice_is_another_event(registered):
    registered(RETRACTED)
    assert registered([*RETRACTED, *CONCERN]) == [("retraction", "appeared"), ("concern", "appeared")]


def test_an_entry_without_its_references_takes_nothing_back(registered):
    registered(RETRACTED)
    assert registered([], references=False) == [("retraction", "appeared")]
    assert registered(RETRACTED) == [("retraction", "appeared")]


def test_what_pubmed_has_said_is_not_said_again(registered, session):
    session.standin.day = 1
    session.pull(PAPER)
    assert registered(RETRACTED, day=1) == [("retraction", "appeared")]
    session.pull(SEED)
    assert registered(RETRACTED, day=1) == [("retraction", "appeared")]
    assert session.rows("select pmid, told from registry_notices") == [(PAPER, 0)]


@pytest.mark.parametrize(("pulled", "told"), [((), []), ((SIMILAR[5],), [("retraction", "appeared")])])
def test_background_that_is_not_here_is_nobody_s_alarm(registered, session, pulled, told):
    if pulled:
        session.pull(*pulled)
        session.pull(SEED)
    assert registered(RETRACTED, SIMILAR[5], "BACKGROUND") == told
