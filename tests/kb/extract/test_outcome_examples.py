"""Every example and near miss that an outcome file carries is read as the file says."""

import pytest

from kb.extract import read_text
from kb.vocabulary import Outcome, load_outcomes

VOCABULARY = load_outcomes()
EXAMPLES = [
    pytest.param(o, e.text, e.figures, id=f"{o.id}-{i}") for o in VOCABULARY.outcomes for i, e in enumerate(o.examples)
]
NEAR_MISSES = [
    pytest.param(o, miss.text, id=f"{o.id}-{i}") for o in VOCABULARY.outcomes for i, miss in enumerate(o.near_misses)
]


@pytest.mark.parametrize(("outcome", "text", "wanted"), EXAMPLES)
def test_examples_hold_their_figures(outcome: Outcome, text: str, wanted: tuple[dict[str, object], ...]):
    read = [figure.as_json() for figure in read_text(text, VOCABULARY)]
    missing = [w for w in wanted if not any(all(r.get(key) == value for key, value in w.items()) for r in read)]
    assert not missing, f"{outcome.id}: read {read}"


@pytest.mark.parametrize(("outcome", "text"), NEAR_MISSES)
def test_near_misses_hold_no_figure_of_the_outcome(outcome: Outcome, text: str):
    assert [f.quote for f in read_text(text, VOCABULARY) if f.outcome == outcome.name] == []
