"""One sentence made ready for binding, and what is carried from sentence to sentence."""

from dataclasses import dataclass, field
from typing import NamedTuple

from kb.extract.core import Quantity
from kb.extract.names import Arm
from kb.extract.outcomes import Named
from kb.extract.runs import Run
from kb.extract.times import Time
from kb.extract.tokens import Token
from kb.records import Timepoint


@dataclass(slots=True)
class Line:
    """A sentence: its tokens and everything recognised in it. text is the whole normalised text.

    Never changed once made; not frozen for the reason that a token is not.
    """

    text: str
    zone: str
    tokens: list[Token]
    times: list[Time]
    quantities: list[Quantity]
    runs: list[Run]
    arms: list[Arm]
    named: list[Named]

    def words(self, first: int, last: int) -> str:
        """The text of tokens first:last."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end] if first < last else ""


@dataclass
class Context:
    """What earlier sentences leave to later ones: the arms last laid beside a row, the outcome, the governing time."""

    arms: list[str] = field(default_factory=list)
    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    outcome: str | None = None
    time: Timepoint | None = None
    defined: dict[str, Timepoint] = field(default_factory=dict)
    primary: str | None = None

    def pair(self) -> tuple[str, ...]:
        """The two arms that the article compares: those last laid side by side, else the two that it declares."""
        return self.rows.get(2) or (tuple(self.arms) if len(self.arms) == 2 else ())

    def lay(self, labels: list[str]) -> None:
        """Remember arms that stood beside a row of numbers."""
        if "latter" not in labels and "other group" not in labels:
            self.rows[len(labels)] = tuple(labels)


class Binding(NamedTuple):
    """A label and how it was found: the rule's name feeds the confidence and the reason when nothing was found.

    others: labels for which the same number is said too ("64% in both groups").
    """

    label: str | None
    rule: str
    others: tuple[str, ...] = ()
