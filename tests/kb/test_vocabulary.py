"""The vocabulary: outcome files that teach their grammar, believed as a whole or not at all."""

from pathlib import Path

import pytest

from kb.vocabulary import OUTCOMES, VocabularyError, load_outcomes

VOCABULARY = load_outcomes()

SMALL = """
id = "small"
name = "grip"
title = "Grip strength"
type = "continuous"
better = "higher"
words = ["grip strength"]
examples = [{ text = "Grip was 20 kg.", figures = [{ outcome = "grip", kind = "mean", value = 20, quote = "20" }] }]
near_misses = [{ text = "Grip was tested.", why = "no result" }, { text = "Above 20.", why = "a threshold" }]
[measures]
single = "MC"
"""


def said(folder: Path, **files: str) -> list[str]:
    for name, content in files.items():
        (folder / f"{name}.toml").write_text(content, "utf-8")
    with pytest.raises(VocabularyError) as caught:
        load_outcomes(folder)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    "id_",
    [
        "overall-survival", "mrss", "hrct-improved-or-stable", "pah-stable", "adverse-events",
        "treatment-related-adverse-events", "haq-di", "fvc-percent-predicted", "dlco-percent-predicted", "death",
        "serious-adverse-events", "event-free-survival", "progression-free-survival", "treatment-related-mortality",
        "mrss-progression", "mrss-regression",
    ],
)  # fmt: skip
def test_each_outcome_teaches_by_example(id_):
    outcome = VOCABULARY.by_id(id_)
    assert 2 <= len(outcome.examples) <= 5
    assert len(outcome.near_misses) >= 2
    assert all(figure["outcome"] == outcome.name for example in outcome.examples for figure in example.figures)
    assert set(outcome.measures) == {"single", "contrast"}


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("mRSS", "mrss"), ("modified Rodnan skin scores", "mrss"), ("FVC % predicted", "fvc-percent-predicted"),
        ("Overall Survival", "overall-survival"), ("deaths", "death"), ("SAEs", "serious-adverse-events"),
        ("adverse events", "adverse-events"), ("adverse event", "adverse-events"),
        ("treatment-related adverse events", "treatment-related-adverse-events"),
    ],
)  # fmt: skip
def test_an_outcome_is_found_by_any_of_its_names(label, id_):
    assert VOCABULARY.named(label).id == id_


@pytest.mark.parametrize("label", [None, "", "s", "grip strength"])
def test_an_unknown_name_is_no_outcome(label):
    assert VOCABULARY.named(label) is None


def test_an_unknown_id_is_an_error():
    with pytest.raises(VocabularyError, match="no outcome 'grip'"):
        VOCABULARY.by_id("grip")


def test_khanna_2019_mcid_of_the_skin_score_carries_its_source():
    mrss = VOCABULARY.by_id("mrss")
    assert (mrss.scale, mrss.integer, mrss.better) == ((0, 51), True, "lower")
    assert "10.1186/s13075-019-1809-y" in mrss.mcid.source
    assert 3 <= mrss.mcid.value <= 5


def test_the_hash_changes_with_any_file(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    before = load_outcomes(tmp_path).sha256
    (tmp_path / "small.toml").write_text(SMALL + "# a comment\n", "utf-8")
    assert load_outcomes(tmp_path).sha256 != before


def test_a_topics_own_outcomes_join_the_bundled_ones(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    assert load_outcomes(OUTCOMES, tmp_path).named("grip").id == "small"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("better", "beter", "small.toml: beter: unknown key (did you mean better?)"),
        ('better = "higher"\n', "", "small.toml: better: is missing"),
        ('"continuous"', '"contnuous"', "small.toml: type: must be one of continuous, proportion"),
        ('["grip strength"]', '"grip strength"', "small.toml: words: must be a list of texts, not 'grip strength'"),
        ('["grip strength"]', '["grip*"]', "small.toml: words: a trailing * belongs into together, not here: grip*"),
        ('words = ["grip strength"]', "", "small.toml: words: give words or together"),
        ('id = "small"', 'id = "little"', "small.toml: id: must be the file's name, not 'little'"),
        ('quote = "20"', 'quote = "21"', "small.toml: examples: quotes that do not stand in their text: '21'"),
        ("value = 20", "valeu = 20", "small.toml: examples 1: figures 1: valeu: unknown key (did you mean value?)"),
        ("value = 20", "value = true", "small.toml: examples 1: figures 1: value: must be a number, not True"),
        ('single = "MC"', 'single = "MCX"', "small.toml: measures: single: must be one of"),
        ("[measures]", "scale = [51, 0]\n[measures]", "small.toml: scale: must be two numbers, the lower first"),
        ("[measures]", "[mcid]\nvalue = 4\n[measures]", "small.toml: mcid: source: is missing"),
        ("[measures]", "[measures", "small.toml: not TOML"),
    ],
)
def test_a_fault_is_named_with_file_and_field(tmp_path, old, new, line):
    assert old in SMALL
    assert any(found.startswith(line) for found in said(tmp_path, small=SMALL.replace(old, new, 1)))


def test_all_faults_of_all_files_are_said_at_once(tmp_path):
    lines = said(tmp_path, small=SMALL.replace("better", "beter"), other="words = 3", third="=")
    assert {line.split(":")[0] for line in lines} == {"small.toml", "other.toml", "third.toml"}
    assert sum(line.startswith("other.toml") for line in lines) > 5


def test_two_files_may_not_claim_one_name(tmp_path):
    assert said(tmp_path, small=SMALL, twin=SMALL.replace('"small"', '"twin"')) == [
        "outcomes: name: 'grip' stands in 2 files"
    ]


def test_a_folder_without_outcomes_is_an_error(tmp_path):
    assert "no outcome file" in said(tmp_path)[0]


@pytest.mark.parametrize("outcome", VOCABULARY.outcomes, ids=lambda outcome: outcome.id)
def test_the_first_lines_of_a_file_teach_its_grammar(outcome):
    head = (OUTCOMES / f"{outcome.id}.toml").read_text("utf-8").split("\nid = ")[0]
    assert head.startswith("#")
    assert "mrss.toml" in head or outcome.id == "mrss"
