"""A topic is data: a folder with topic.toml and sheets; another disease is another folder."""

import shutil
from dataclasses import replace

import pytest

from ingest.sheets import parse_sheet
from kb.vocabulary import TOPICS, VocabularyError, load_topic, vocabulary_of

TOPIC = load_topic()
TEXT = (TOPICS / "ssc-msc" / "topic.toml").read_text("utf-8")
SHEETS = sorted((TOPIC.folder / "studies").glob("*.toml"))
STUDIES = [parse_sheet(path.read_bytes(), path.name).study for path in SHEETS]


def test_the_bundled_topic_starts_at_the_seed_study():
    assert (TOPIC.id, TOPIC.seeds, TOPIC.registrations) == ("ssc-msc", ("38206544",), ("NCT00962923",))
    assert (len(TOPIC.similar), len(TOPIC.citers), len(TOPIC.references)) == (5, 5, 5)
    assert "40059221" in set(TOPIC.similar) & set(TOPIC.citers)
    assert (TOPIC.method, TOPIC.test, TOPIC.level, TOPIC.reviewers_needed) == ("REML", "adhoc", 95, 2)


def test_follmann_1992_assumed_correlation_is_shown_over_its_range():
    r = TOPIC.assumed_r
    assert (r.low, r.value, r.high) == (0, 0.5, 0.9)
    assert "Follmann 1992" in r.source


def test_every_outcome_of_the_topic_is_described():
    known = {outcome.id for outcome in vocabulary_of(TOPIC).outcomes}
    assert set(TOPIC.outcomes) <= known
    with pytest.raises(VocabularyError, match="no outcome file has the id grip"):
        vocabulary_of(replace(TOPIC, outcomes=(*TOPIC.outcomes, "grip")))


@pytest.mark.parametrize(
    ("months", "name"),
    [
        (0, None), (None, None), (3, "3 months"), (12, "12 months"), (60, "60 months"), (54, "60 months"),
        (72, "72 months"), (120, "120 months"), (9.0, "6 months"), (9.01, "12 months"), (500, None),
    ],
)  # fmt: skip
def test_a_time_lies_in_one_window_at_most(months, name):
    window = TOPIC.window_of(months)
    assert (window and window.name) == name


def test_every_contrast_of_the_sheets_has_a_comparison():
    """A trial or matched cohort whose arms fit no comparison would never be shown."""
    possible = {(c.intervention, c.control, design) for c in TOPIC.comparisons for design in c.designs}
    for study in STUDIES:
        controls = [arm.intervention_class for arm in study.arms if arm.role == "control"] or [None]
        for arm in study.arms:
            wanted = {(arm.intervention_class, control, study.design) for control in controls}
            assert arm.role != "experimental" or wanted <= possible, study.id


def test_evidence_and_comparators_are_never_in_one_comparison():
    for study in STUDIES:
        classes = {arm.intervention_class for arm in study.arms if arm.role == "experimental"}
        roles = {c.role for c in TOPIC.comparisons if c.intervention in classes and study.design in c.designs}
        assert roles == {study.role}, study.id


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("protocol_version", "protocol", "topic.toml: protocol_version: is missing"),
        ('seeds = ["38206544"]', "seeds = [38206544]", "topic.toml: seeds: must be a list of texts"),
        ("high = 18", "high = 30", "topic.toml: windows: 12 months and 24 months overlap"),
        ("months = 36", "months = 50", "topic.toml: windows: 36 months: months must lie in low < months <= high"),
        ("value = 0.5", "value = 1", "topic.toml: assumed_r: must be -1 < low <= value <= high < 1"),
        ("reviewers_needed = 2", "reviewers_needed = 3", "topic.toml: reviewers_needed: must be 1 or 2"),
        ("level = 95", "level = 0", "topic.toml: level: must lie between 0 and 100"),
        ('method = "REML"', 'method = "REM"', "topic.toml: method: must be one of"),
    ],
)
def test_a_fault_is_named_with_file_and_field(tmp_path, old, new, line):
    assert old in TEXT
    (tmp_path / "topic.toml").write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(VocabularyError) as caught:
        load_topic(tmp_path)
    assert line in str(caught.value)


def test_any_folder_with_a_topic_file_is_a_topic(tmp_path):
    shutil.copytree(TOPIC.folder, tmp_path / "mine")
    assert load_topic(tmp_path / "mine") == replace(TOPIC, folder=tmp_path / "mine")


@pytest.mark.parametrize("name", ["no-such-topic", "", "."])
def test_a_name_that_is_no_topic_is_an_error(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VocabularyError, match=r"neither a bundled topic nor a folder with a topic\.toml"):
        load_topic(name)
