"""How right the reader is on annotated abstracts, and whether its confidence means what it says."""

import importlib.util
import json
import os
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from kb.extract import read_text
from kb.vocabulary import load_outcomes

BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reliability(score: ModuleType, gold: dict, predicted: dict) -> list[tuple[float, bool]]:
    """(confidence, complete and right) of every predicted figure that does not meet an optional gold figure."""
    found = []
    for key, article in gold.items():
        figures, preds = article["figures"], predicted[key]
        arms, outcomes = ([o for f in figures for o in score.options(f, k)] for k in ("arm", "outcome"))
        table = [[score.levels(g, p, arms, outcomes) for p in preds] for g in figures]
        weights = [[0 if c is None else 1 + sum(c) for c in row] for row in table]
        met = {j: i for i, j in score.assign(weights)} if preds else {}
        for j, p in enumerate(preds):
            if j in met and figures[met[j]].get("optional"):
                continue
            found.append((p.get("confidence", 0.0), j in met and all(table[met[j]][j])))
    return found


def main() -> int:
    place = os.environ.get("EVIDENCE_KB_CORPUS")
    if not place:
        print("accuracy: needs EVIDENCE_KB_CORPUS")
        return 0
    folder = Path(place) / "gold"
    score = scorer(folder)
    vocabulary = load_outcomes()
    gold = {str(a["id"]): a for a in (json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json")))}
    predicted = {k: [f.as_json() for f in read_text(a["text"], vocabulary)] for k, a in gold.items()}
    score.report(score.score(gold, predicted))
    pairs = reliability(score, gold, predicted)
    print("\nconfidence     figures  complete")
    for low, high in pairwise(BINS):
        inside = [right for confidence, right in pairs if low <= confidence < high]
        if inside:
            print(f"{low:.1f} to {min(high, 1):.1f}    {len(inside):6d}  {sum(inside) / len(inside):8.2f}")
    return 0


sys.exit(main())
