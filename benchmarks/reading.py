"""Abstracts read per second on one core, and where the time goes; annotated texts if there are any, else invented."""

import cProfile
import json
import os
import pstats
import statistics
import time
from pathlib import Path

from kb.extract import read_text
from kb.vocabulary import load_outcomes

ROUNDS = 5
INVENTED = (
    "BACKGROUND: Invented for this benchmark. METHODS: Sixty patients had drug A (n = 30) or placebo (n = 30). "
    "RESULTS: Mean mRSS fell from 21.4 (SD 5.2) to 15.1 (SD 6.0) at 12 months with drug A and from 20.9 ± 5.5 to "
    "19.2 ± 6.1 with placebo (p = 0.01). Five-year survival was 88% (26/30) versus 80% (24/30). Two patients died. "
    "CONCLUSION: Nothing follows."
)


def texts() -> list[str]:
    place = os.environ.get("EVIDENCE_KB_CORPUS")
    gold = sorted((Path(place) / "gold").glob("*.json")) if place else []
    return [json.loads(p.read_text(encoding="utf-8"))["text"] for p in gold] or [INVENTED] * 30


vocabulary, found = load_outcomes(), texts()
read_text(found[0], vocabulary)
rates = []
for _ in range(ROUNDS):
    start = time.perf_counter()
    for text in found:
        read_text(text, vocabulary)
    rates.append(len(found) / (time.perf_counter() - start))
print(
    f"abstracts a second, one core: median {statistics.median(rates):.0f} (min {min(rates):.0f}, max {max(rates):.0f})"
)
profile = cProfile.Profile()
profile.runcall(lambda: [read_text(text, vocabulary) for text in found])
pstats.Stats(profile).sort_stats("tottime").print_stats(12)
