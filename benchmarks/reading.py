"""Abstracts read per second of processor time on one core, how many outcome files cost, and where the time goes.

Typical abstracts are those of the PubMed files, dense ones those annotated because they hold many figures; without
EVIDENCE_KB_CORPUS one invented abstract stands for both. Each round reads every text once; medians of the rounds.
"""

import cProfile
import gzip
import json
import os
import pstats
import statistics
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from ingest.errors import BadPayload
from ingest.files.pubmed_xml import iter_documents
from ingest.records import Document
from kb.extract import read_text
from kb.vocabulary import Outcome, Vocabulary, load_outcomes

ROUNDS = 5
MANY = (16, 64, 160)
INVENTED = (
    "BACKGROUND: Invented for this benchmark. METHODS: Sixty patients had drug A (n = 30) or placebo (n = 30). "
    "RESULTS: Mean mRSS fell from 21.4 (SD 5.2) to 15.1 (SD 6.0) at 12 months with drug A and from 20.9 ± 5.5 to "
    "19.2 ± 6.1 with placebo (p = 0.01). Five-year survival was 88% (26/30) versus 80% (24/30). Two patients died. "
    "CONCLUSION: Nothing follows."
)
_WHAT = (
    "pain fatigue sleep walking grip lung renal cardiac hepatic skin joint muscle bone vision hearing memory mood "
    "weight appetite tumor"
)
_HOW = "score index scale rate volume grade count time"


def typical(folder: Path) -> list[str]:
    """The abstracts of the PubMed files, as plain text with their headings."""
    found: list[str] = []
    for path in sorted(folder.glob("*.xml*")):
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                documents = [d for d in iter_documents(stream, path.name) if isinstance(d, Document)]
        except BadPayload as fault:
            print(f"left out: {fault}")
            continue
        for document in documents:
            parts = [s for s in document.sections if s.kind == "abstract"]
            found.append("\n".join(f"{s.label}: {s.text}" if s.label else s.text for s in parts))
    return [text for text in dict.fromkeys(found) if text]


def dense(folder: Path) -> list[str]:
    """The annotated abstracts."""
    return [json.loads(path.read_text(encoding="utf-8"))["text"] for path in sorted(folder.glob("*.json"))]


def enlarged(vocabulary: Vocabulary, count: int) -> Vocabulary:
    """The vocabulary with invented outcomes of everyday words added, up to a count of outcomes."""
    made = [
        Outcome(f"{a}-{b}", f"{a} {b}", f"{a} {b}", "continuous", "lower", (f"{a} {b}",), ((a,), (b,)), ("paediatric",))
        for a, b in product(_WHAT.split(), _HOW.split())
    ]
    return Vocabulary((*vocabulary.outcomes, *made)[:count], f"{count} outcomes")


def rate(texts: Sequence[str], vocabulary: Vocabulary) -> float:
    """Texts read per second of processor time."""
    start = time.process_time()
    for text in texts:
        read_text(text, vocabulary)
    return len(texts) / (time.process_time() - start)


def main() -> None:
    """Print the tables."""
    place = os.environ.get("EVIDENCE_KB_CORPUS")
    groups = {"invented": [INVENTED] * 100}
    if place:
        groups = {"typical": typical(Path(place) / "corpus" / "bulk"), "dense": dense(Path(place) / "gold")}
    vocabulary = load_outcomes()
    vocabularies = {count: enlarged(vocabulary, count) for count in MANY}
    print(f"abstracts a second of processor time, one core, {len(vocabulary.outcomes)} outcome files")
    for name, texts in groups.items():
        first, *rates = (rate(texts, vocabulary) for _ in range(ROUNDS + 1))
        spread = f"(min {min(rates):.0f}, max {max(rates):.0f}; first round {first:.0f})"
        print(f"{name:9} {len(texts):5d} texts: median {statistics.median(rates):.0f} {spread}")
    texts = next(iter(groups.values()))
    rounds = [{count: rate(texts, v) for count, v in vocabularies.items()} for _ in range(ROUNDS)]
    for count in MANY:
        print(f"{count:4d} outcome files: {statistics.median(r[count] for r in rounds):.0f} a second")
    profile = cProfile.Profile()
    profile.runcall(rate, texts, vocabulary)
    pstats.Stats(profile).sort_stats("tottime").print_stats(12)


main()
