"""The small records that every part of ``analysis`` shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class NotEstimable(ValueError):  # noqa: N818 - the name says what happened, as the literature does
    """The data cannot answer this question (too few rows, redundant moderators); the message says why."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """One input row that a calculation left out.

    Attributes:
        row: Position of the row in the input, counted from 1, the first row of data.
        reason: Why it was left out, in plain words.
    """

    row: int
    reason: str
