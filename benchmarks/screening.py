"""Screening simulated on real records: work saved at 95 % recall, and how often the limit of what is unseen held.

    EVIDENCE_KB_CORPUS=… python benchmarks/screening.py      # seven minutes of processor time

The labels are MeSH headings that NLM's indexers gave; the heading itself is taken out of what is learned from. The
records are several unlike searches, so most headings are easier than a real review's question; the last two cut across.
WSS@95: Cohen AM and others 2006, J Am Med Inform Assoc 13:206-219.
"""

import math
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.unseen import p_recall, unseen
from ingest.errors import IngestError
from ingest.formats import read_documents
from ingest.records import Document
from kb.evidence import relevance

HEADINGS = (
    "Psoas Abscess", "Embolism, Air", "Serine", "Epidural Abscess", "Lung Neoplasms", "Breast Neoplasms", "Apoptosis",
    "Hyperbaric Oxygenation", "Mutation", "Risk Factors",
)  # fmt: skip
ORDERS, BATCH = 2, 25
#: Shares of the records at which the limit is asked.
ASKED = [share / 20 for share in range(1, 19)]


def records(folder: Path) -> list[Document]:
    """Every indexed article of the bulk files once."""
    found: dict[str, Document] = {}
    for path in sorted(folder.iterdir()):
        try:
            with path.open("rb") as stream:
                for one in read_documents(stream, path.name):
                    if isinstance(one, Document) and one.mesh_headings and one.title:
                        found.setdefault(one.identifier("pmid") or one.title, one)
        except IngestError as error:
            print(error, file=sys.stderr)
    return list(found.values())


def text(document: Document, heading: str) -> str:
    abstract = " ".join(s.text for s in document.sections if s.kind == "abstract")
    return " ".join(
        [document.title or "", abstract, *(m.descriptor for m in document.mesh_headings if m.descriptor != heading)]
    )


def screened(texts: Sequence[str], y: Sequence[int], seed: int) -> list[int]:
    """Labels in the order of screening: a batch by chance, then the order is learned anew after each batch."""
    library = relevance.library() or sys.exit("needs scikit-learn")
    left, seen = list(range(len(y))), []
    random.Random(seed).shuffle(left)
    while left:
        labels = [None] * len(y)
        for i in seen:
            labels[i] = bool(y[i])
        if relevance.learnable(labels):
            scores = relevance.scores(library, texts, labels)
            left.sort(key=lambda i: -scores[i])
        seen, left = seen + left[:BATCH], left[BATCH:]
    return [y[i] for i in seen]


def saved(labels: Sequence[int]) -> float:
    need, found = math.ceil(0.95 * sum(labels)), 0
    for at, label in enumerate(labels, start=1):
        found += label
        if found >= need:
            return 1 - at / len(labels) - 0.05
    raise AssertionError


def stopped(labels: Sequence[int]) -> tuple[float, float]:
    """Share screened and recall when p for a recall below 95 % first falls below 0.05."""
    for at in range(BATCH, len(labels) + 1, BATCH):
        if p_recall(labels[:at], len(labels)) < 0.05:
            return at / len(labels), sum(labels[:at]) / sum(labels)
    return 1.0, 1.0


def main() -> None:
    documents = records(Path(os.environ["EVIDENCE_KB_CORPUS"]) / "corpus" / "bulk")
    print(f"{len(documents)} records, {ORDERS} orders each; limit asked at {len(ASKED)} moments of each\n")
    print("| heading | relevant | WSS@95 | limit held | stopped at | recall there |\n|---|---|---|---|---|---|")
    for heading in HEADINGS:
        y = [int(any(m.descriptor == heading for m in d.mesh_headings)) for d in documents]
        texts = [text(d, heading) for d in documents]
        runs = [screened(texts, y, seed) for seed in range(ORDERS)]
        held = [
            unseen(run[: int(share * len(y))], len(y)).most >= sum(run[int(share * len(y)) :])
            for run in runs for share in ASKED
        ]  # fmt: skip
        ends = [stopped(run) for run in runs]
        print(
            f"| {heading} | {sum(y)} | {sum(map(saved, runs)) / ORDERS:.2f} | {100 * sum(held) / len(held):.0f} % "
            f"| {100 * sum(e[0] for e in ends) / ORDERS:.0f} % | {100 * min(e[1] for e in ends):.0f} % |", flush=True
        )  # fmt: skip


if __name__ == "__main__":
    main()
