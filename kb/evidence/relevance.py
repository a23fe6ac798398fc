"""Which unscreened records are likely relevant, learned from those already settled. Texts and labels in, scores out.

The model is the default of ASReview LAB 2 ("ELAS u4": van de Schoot and others 2021, Nature Machine Intelligence
3:125-133, for the method; asreview/models/models.py of version 2 for the numbers, tuned there on the SYNERGY data):
TF-IDF of words and pairs of words, and a linear support vector machine in which relevant records weigh as much as the
irrelevant ones times RATIO. The same input gives the same scores. scikit-learn is the extra ``[screening]``.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MODEL = "TF-IDF of words and word pairs, linear SVM (ASReview ELAS u4)"
#: Inverse strength of the penalty, and how much heavier all relevant records are than all irrelevant ones.
C, RATIO = 0.11, 9.8
WORDS = {"ngram_range": (1, 2), "sublinear_tf": True, "min_df": 1, "max_df": 0.95}
#: Rounds of the solver; it converges in some hundred on ten thousand records.
ROUNDS = 20_000
#: Fewer texts are too few for "in 95 % of all": every word could be one.
FEW = 20


@dataclass(frozen=True, slots=True)
class Library:
    """The parts of scikit-learn that are used."""

    vectorizer: Any
    machine: Any


def library() -> Library | None:
    """scikit-learn, or None where the extra is not installed. It takes a second to come, so it is asked for late."""
    try:
        text = importlib.import_module("sklearn.feature_extraction.text")
        svm = importlib.import_module("sklearn.svm")
    except ImportError:
        return None
    return Library(text.TfidfVectorizer, svm.LinearSVC)


def learnable(labels: Sequence[bool | None]) -> bool:
    """Whether there is something to learn from: at least one relevant and one irrelevant record."""
    return True in labels and False in labels


def scores(found: Library, texts: Sequence[str], labels: Sequence[bool | None]) -> list[float]:
    """A score for each text, larger where more likely relevant.

    Args:
        found: scikit-learn.
        texts: Title, abstract and headings of each record.
        labels: True relevant, False not, None not known; one a text.

    Raises:
        ValueError: nothing can be learned from the labels, or no text has a word.
    """
    if not learnable(labels):
        raise ValueError("nothing can be learned without a relevant and an irrelevant record")
    words = WORDS if len(texts) >= FEW else {**WORDS, "max_df": 1.0}
    table = found.vectorizer(**words).fit_transform(texts)
    known = [i for i, label in enumerate(labels) if label is not None]
    y = np.array([bool(labels[i]) for i in known])
    machine = found.machine(C=C, loss="squared_hinge", random_state=0, max_iter=ROUNDS)
    machine.fit(table[known], y, sample_weight=weights(y))
    return [float(score) for score in machine.decision_function(table)]


def weights(y: np.ndarray) -> np.ndarray:
    """Weights of the records learned from, of mean 1: together the irrelevant weigh 1/RATIO of the relevant."""
    relevant, irrelevant = y.sum(), (~y).sum()
    raw = np.where(y, 1.0, relevant / (RATIO * irrelevant))
    return np.asarray(raw * len(y) / raw.sum())
