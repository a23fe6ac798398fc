"""What answers come to: who must have answered, when two agree, what stands then. No database."""

import pytest

from kb.evidence.deciding import Said, cases, independent, made, settle_answers, shown
from kb.records import Decision, Figure

READ = Figure("mean", "13.95", 10, 15, outcome="mRSS", value=13.95)
RIGHT = Figure("mean", "15.93", 30, 35, outcome="mRSS", value=15.93)
OTHER = Figure("mean", "15.93", 30, 35, outcome="HAQ-DI", value=15.93)


def said(*answers):
    """Answers as (who, what[, correction]); a name in capitals is an adjudicator's."""
    return [
        Said(str(i), "s", READ, Decision(what, who.lower(), "adjudicator" if who.isupper() else "reviewer", *more))
        for i, (who, what, *more) in enumerate(answers)
    ]


def case(*answers):
    (found,) = cases(said(*answers), {})
    return found


@pytest.mark.parametrize(
    ("answers", "state", "ground", "answer"),
    [
        ([("ann", "accept")], "agreed", "one reviewer", "accept"),
        ([("ann", "accept"), ("ben", "accept")], "agreed", "two reviewers", "accept"),
        ([("ann", "accept"), ("ben", "reject")], "conflict", None, None),
        ([("ann", "reject"), ("ben", "reject")], "agreed", "two reviewers", "reject"),
        ([("ann", "accept"), ("ben", "unsure")], "agreed", "one reviewer", "accept"),
        ([("ann", "unsure"), ("ben", "unsure")], "unsure", None, None),
        ([("ann", "correct", RIGHT), ("ben", "correct", RIGHT)], "agreed", "two reviewers", "correct"),
        ([("ann", "correct", RIGHT), ("ben", "correct", OTHER)], "conflict", None, None),
        ([("ann", "correct", RIGHT), ("ben", "reject")], "conflict", None, None),
        ([("ann", "correct", RIGHT), ("ben", "accept")], "conflict", None, None),
        # undo: the newest answer of each counts
        ([("ann", "reject"), ("ben", "accept"), ("ann", "accept")], "agreed", "two reviewers", "accept"),
        # an adjudicator has the last word, whatever is said afterwards
        ([("ann", "accept"), ("ben", "reject"), ("EVE", "reject")], "agreed", "adjudicated", "reject"),
        (
            [("ann", "accept"), ("ben", "reject"), ("EVE", "accept"), ("ben", "reject")],
            "agreed",
            "adjudicated",
            "accept",
        ),
        ([("ann", "accept"), ("ben", "reject"), ("EVE", "unsure")], "conflict", None, None),
    ],
)
def test_what_answers_come_to(answers, state, ground, answer):
    found = settle_answers(case(*answers).decisions)
    assert (found.state, found.ground, found.answer) == (state, ground, answer)


@pytest.mark.parametrize(
    ("answers", "needed", "open_"),
    [
        ([("ann", "accept")], 1, True),
        ([("ann", "accept")], 2, False),
        ([("ann", "accept"), ("ann", "reject")], 2, False),
        ([("ann", "accept"), ("ben", "unsure")], 2, True),
    ],
)
def test_an_answer_is_shown_when_as_many_people_as_asked_for_have_answered(answers, needed, open_):
    assert shown(case(*answers), needed) == open_


def test_answers_to_two_readings_of_one_place_are_two_cases():
    second = Said(
        "9", "s", Figure("mean", "13.95", 10, 15, outcome="HAQ-DI", value=13.95), Decision("accept", "ben", "reviewer")
    )
    found = cases([*said(("ann", "accept")), second], {})
    assert [shown(one, 2) for one in found] == [False, False]


@pytest.mark.parametrize(
    ("answers", "figure", "speakers"),
    [
        ([("ann", "correct", RIGHT), ("ben", "correct", RIGHT)], RIGHT, ["ann", "ben"]),
        ([("ann", "correct", RIGHT), ("ben", "unsure")], RIGHT, ["ann"]),
        ([("ann", "correct", RIGHT), ("ben", "correct", OTHER), ("EVE", "correct", OTHER)], OTHER, ["ben", "eve"]),
        ([("ann", "correct", RIGHT), ("ben", "correct", OTHER)], None, []),
        ([("ann", "accept"), ("ben", "accept")], None, []),
    ],
)
def test_an_agreed_correction_becomes_a_figure(answers, figure, speakers):
    found = made(case(*answers))
    assert (found[0] if found else None) == figure
    assert [d.reviewer for d in found[1]] == speakers if found else speakers == []


def added(who, figure=RIGHT, section="s"):
    return Said(f"{who}-{figure.start}", section, figure, Decision("add", who, "reviewer"))


def test_the_same_figure_marked_a_little_wider_is_the_same():
    wider = Figure("mean", "of 15.93 points", 27, 42, outcome="mRSS", value=15.93)
    (found,) = cases([added("ann"), added("ben", wider)], {})
    assert found.figure == RIGHT
    assert settle_answers(found.decisions).ground == "two reviewers"


def test_two_different_figures_added_at_one_place_are_in_conflict():
    found = cases([added("ann"), added("ben", OTHER)], {})
    assert [(shown(one, 2), settle_answers(one.decisions).state) for one in found] == [(True, "conflict")] * 2


@pytest.mark.parametrize(
    ("finished", "open_", "state"),
    [
        ({}, False, "agreed"),
        ({"s": frozenset({"ann"})}, False, "agreed"),
        ({"s": frozenset({"ben"})}, True, "conflict"),
        ({"another text": frozenset({"ben"})}, False, "agreed"),
    ],
)
def test_who_finished_a_text_has_answered_for_what_others_add_there(finished, open_, state):
    (found,) = cases([added("ann")], finished)
    assert (shown(found, 2), settle_answers(found.decisions).state) == (open_, state)


def test_who_missed_a_figure_may_accept_it_later():
    accepted = Said("x", "s", RIGHT, Decision("accept", "ben", "reviewer"))
    (found,) = cases([added("ann"), accepted], {"s": frozenset({"ben"})})
    assert settle_answers(found.decisions).ground == "two reviewers"


@pytest.mark.parametrize(
    ("answers", "pair", "same"),
    [
        ([("ben", "accept"), ("ann", "accept")], ("accept", "accept"), True),
        ([("ben", "accept"), ("ann", "reject")], ("reject", "accept"), False),
        # what was said before the other had answered counts, not what was said knowingly
        ([("ann", "reject"), ("ann", "accept"), ("ben", "accept"), ("ben", "reject")], ("accept", "accept"), True),
        ([("ann", "accept"), ("ben", "reject"), ("ann", "reject"), ("cat", "accept")], ("accept", "reject"), False),
        ([("ann", "correct", RIGHT), ("ben", "correct", OTHER)], ("correct", "correct"), False),
    ],
)
def test_agreement_is_of_answers_given_without_seeing_the_other(answers, pair, same):
    found = independent(case(*answers))
    assert (found.answers, found.same) == (pair, same)
    assert (found.first, found.second) == ("ann", "ben")


def test_one_answer_agrees_with_nobody():
    assert independent(case(("ann", "accept"), ("ann", "reject"))) is None
