"""Which figure speaks: people first, then agreement, then the sheet, then the machine; a conflict never."""

from dataclasses import replace

import pytest

from kb.evidence.speaking import BASES, MAIN, SILENT, choose, settle
from kb.evidence.standing import stand
from kb.records import Decision

ONE = {"at": 12, "value": 13.95, "quote": "13.95"}
OTHER = {"at": 12, "value": 15.93, "quote": "15.93"}
ANN, BEN = Decision("accept", "ann", "reviewer"), Decision("accept", "ben", "reviewer")
NO = Decision("reject", "ben", "reviewer")


@pytest.fixture
def heard(make, topic, vocabulary):
    """Basis of each reading of one study, and which of them speak."""

    def listen(*readings, retracted=False, study=None):
        study = study or make.study(arms=[make.arm("cells", 41)])
        standings = {r.id: stand(r, study, vocabulary.named(r.figure.outcome), topic) for r in readings}
        gone = frozenset({study.id} if retracted else ())
        found = choose(readings, settle(readings, standings), topic, gone)
        return {name: s.basis for name, s in found.items()}, {name for name, s in found.items() if s.speaks}, found

    return listen


LADDER = [
    # what is there, the basis of the sheet's figure "s" and of the text's "t", who speaks
    ({"s": ("sheet", ONE)}, {"s": "primary sheet"}, {"s"}),
    ({"t": ("machine", ONE)}, {"t": "machine"}, {"t"}),
    ({"s": ("sheet", ONE), "t": ("machine", ONE)}, {"s": "agreement", "t": "agreement"}, {"t"}),
    ({"s": ("sheet", ONE), "t": ("machine", OTHER)}, {"s": "conflict", "t": "conflict"}, set()),
    # a second number of the text does not make an agreed one doubtful
    (
        {"s": ("sheet", ONE), "t": ("machine", ONE), "u": ("machine", OTHER)},
        {"s": "agreement", "t": "agreement", "u": "machine"},
        {"t"},
    ),
    # another time in the same window is no conflict
    (
        {"s": ("sheet", ONE), "t": ("machine", {**OTHER, "at": 10})},
        {"s": "primary sheet", "t": "machine"},
        {"s"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "basis", "speaking"), LADDER)
def test_sheet_and_text(make, heard, given, basis, speaking):
    found = heard(*(make.reading(name, reader, **figure) for name, (reader, figure) in given.items()))
    assert found[:2] == (basis, speaking)


def test_a_secondary_figure_says_so(make, heard):
    assert heard(make.reading("s", secondary=True, **ONE))[0] == {"s": "secondary sheet"}


@pytest.mark.parametrize(
    ("decisions", "basis", "speaks"),
    [
        ([], "primary sheet", True),
        ([ANN], "one reviewer", True),
        ([ANN, ANN], "one reviewer", True),
        ([ANN, BEN], "two reviewers", True),
        ([ANN, NO], "conflict", False),
        ([NO], "rejected", False),
        ([Decision("unsure", "ann", "reviewer")], "primary sheet", True),
        ([Decision("correct", "ann", "reviewer")], "rejected", False),
        ([NO, Decision("accept", "ben", "reviewer")], "one reviewer", True),
        ([ANN, NO, Decision("adjudicate", "eve", "adjudicator")], "adjudicated", True),
        ([ANN, BEN, Decision("reject", "eve", "adjudicator")], "rejected", False),
        ([ANN, BEN, Decision("correct", "eve", "adjudicator")], "rejected", False),
    ],
)
def test_people_go_before_everything(make, heard, decisions, basis, speaks):
    found = heard(make.reading("s", decisions=decisions, **ONE))
    assert found[:2] == ({"s": basis}, {"s"} if speaks else set())


def test_the_accepted_one_of_two_that_conflict_speaks(make, heard):
    found = heard(make.reading("s", decisions=[ANN, BEN], **ONE), make.reading("t", "machine", **OTHER))
    assert found[1] == {"s"}


def test_a_retracted_study_speaks_nowhere_and_says_why(make, heard):
    found = heard(make.reading("s", decisions=[ANN, BEN], **ONE), retracted=True)
    assert found[:2] == ({"s": "retracted"}, set())


def test_main_estimates_never_hold_the_machine_alone_a_review_or_a_conflict():
    assert set(MAIN).isdisjoint({*SILENT, "machine", "secondary sheet"})
    assert set(BASES) == {*MAIN, *SILENT, "machine", "secondary sheet"}
    assert list(BASES).index("agreement") < list(BASES).index("primary sheet") < list(BASES).index("machine")


def test_one_figure_speaks_for_a_window_the_nearest_to_its_time(make, heard):
    readings = [make.reading(f"at {m}", value=13.0, quote="13.0", at=m) for m in (10, 12, 17)]
    assert heard(*readings)[1] == {"at 12"}


def test_different_kinds_arms_and_outcomes_speak_beside_each_other(make, heard):
    study = make.study(arms=[make.arm("cells", 41), make.arm("control", 40, "control")])
    readings = [
        make.reading("mean", arm="cells", **ONE),
        make.reading("change", kind="change", arm="cells", **ONE),
        make.reading("control", arm="control", **ONE),
        make.reading("other", outcome="HAQ-DI", arm="cells", **ONE),
    ]
    assert heard(*readings, study=study)[1] == {r.id for r in readings}


def test_a_text_takes_arm_and_time_of_the_sheet_that_prints_the_same(make, heard):
    study = make.study(arms=[make.arm("cells", 41), make.arm("ILD patients", None, "other")])
    shown = {"outcome": "HRCT improved or stable", "kind": "proportion", "percent": 72.0, "quote": "72.0"}
    sheet = make.reading("s", arm="ILD patients", at=60, **shown)
    basis, speaking, found = heard(sheet, make.reading("t", "machine", **shown), study=study)
    assert (basis, speaking) == ({"s": "agreement", "t": "agreement"}, {"t"})
    assert (found["t"].study_arm, found["t"].window, found["t"].months) == ("ILD patients", "60 months", 60)
    assert found["t"].derived.endswith(
        "arm = ILD patients joined from the sheet; time = 60 months joined from the sheet"
    )


def test_a_text_that_says_its_time_keeps_it(make, heard):
    sheet = make.reading("s", value=13.95, quote="13.95")
    _, _, found = heard(sheet, make.reading("t", "machine", **ONE))
    assert (found["t"].window, found["t"].derived) == ("12 months", "n = 41 joined from the size of the arm cells")


def test_two_keyed_figures_that_fit_leave_the_text_where_it_is(make, heard):
    sheets = [make.reading(f"s{m}", at=m, value=13.95, quote="13.95") for m in (12, 36)]
    _, _, found = heard(*sheets, make.reading("t", "machine", value=13.95, quote="13.95"))
    assert found["t"].window == "follow-up"


def test_agreeing_readings_share_what_only_one_prints_and_say_so(make, heard):
    shown = {"outcome": "death", "kind": "proportion", "at": 12, "events": 3}
    _, _, found = heard(make.reading("s", n=40, **shown), make.reading("t", "machine", percent=7.5, **shown))
    assert (found["t"].n, found["t"].percent) == (40, 7.5)
    assert "n = 40 joined from the sheet" in found["t"].derived
    assert "percent = 7.5 joined from the text" in found["s"].derived


def test_what_was_rejected_contradicts_nothing_any_more(make, heard):
    no = [NO, Decision("reject", "ann", "reviewer")]
    found = heard(make.reading("s", **ONE), make.reading("t", "machine", decisions=no, **OTHER))
    assert found[:2] == ({"s": "primary sheet", "t": "rejected"}, {"s"})


def test_that_people_accept_a_reading_takes_nothing_joined_away(make, heard):
    shown = {"outcome": "death", "kind": "proportion", "at": 12, "events": 3}
    text = make.reading("t", "machine", percent=7.5, decisions=[ANN, BEN], **shown)
    _, speaking, found = heard(make.reading("s", n=40, **shown), text)
    assert speaking == {"t"}
    assert (found["t"].basis, found["t"].n) == ("two reviewers", 40)


def test_a_reviewers_figure_agrees_with_nobody_independently_and_says_what_was_done(make, heard):
    made = make.reading("r", "reviewer", decisions=[ANN], **ONE)
    made = replace(made, said="corrected by one reviewer (value 15.93 → 13.95)")
    basis, speaking, found = heard(make.reading("s", **ONE), made)
    assert (basis, speaking) == ({"s": "primary sheet", "r": "one reviewer"}, {"r"})
    assert found["r"].derived.startswith("corrected by one reviewer (value 15.93 → 13.95); n = 41 joined")


def test_different_corrections_of_one_reading_are_a_conflict(make, heard):
    said = [
        Decision("correct", who, "reviewer", make.figure(quote=q, value=float(q)))
        for who, q in (("ann", "1"), ("ben", "2"))
    ]
    assert heard(make.reading("s", decisions=said, **ONE))[0] == {"s": "conflict"}
