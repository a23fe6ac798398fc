"""The reader against annotated abstracts, which stay outside the repository: floors a little under what it reaches."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from kb.extract import read_text
from kb.vocabulary import load_outcomes

FLOORS = {"number+kind": 0.97, "+outcome": 0.88, "+timepoint": 0.87, "+arm = complete": 0.86}
SEED = "38206544"


@pytest.fixture(scope="module")
def gold(shared: Path) -> dict[str, Any]:
    articles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((shared / "gold").glob("*.json"))]
    return {str(article["id"]): article for article in articles}


@pytest.fixture(scope="module")
def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("gold_score", shared / "gold" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def read(gold: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    vocabulary = load_outcomes()
    return {
        key: [f.as_json() for f in read_text(article["text"], vocabulary, article["title"])]
        for key, article in gold.items()
    }


def test_accuracy_keeps_its_floors(gold, scorer, read):
    result = scorer.score(gold, read)
    reached = {name: f1 for name, _, _, f1 in result["levels"]}
    assert all(reached[name] >= floor for name, floor in FLOORS.items()), reached
    matched, holding, _ = result["spans"]
    assert holding == matched


def test_every_figure_of_the_seed_is_complete_with_its_quote(gold, scorer, read):
    seed = {SEED: gold[SEED]}
    result = scorer.score(seed, {SEED: read[SEED]})
    assert [(p, r) for _, p, r, _ in result["levels"]] == [(1.0, 1.0)] * 4
    assert {f["quote"] for f in read[SEED]} == {f["quote"] for f in gold[SEED]["figures"]}


def test_confidence_of_nine_tenths_is_earned(gold, scorer, read):
    sure = {key: [f for f in figures if f["confidence"] >= 0.9] for key, figures in read.items()}
    result = scorer.score(gold, sure)
    _, precision, _, _ = result["levels"][-1]
    assert result["predicted"] >= 40
    assert precision >= 0.9
