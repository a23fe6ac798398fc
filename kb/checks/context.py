"""What a check gets and what it gives."""

from dataclasses import dataclass

from kb.records import Figure, Reading, Standing, Verdict
from kb.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registry says of a study: its number there, how many people, whether planned or counted, its outcomes."""

    accession: str
    enrolment: int
    kind: str
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A figure and what a check may know: its text, its outcome, its joined numbers, its study's other figures.

    siblings: all figures of the study, the figure itself among them. made_from: what the study's sheet was made from.
    registered: what registries that were fetched say of the study.
    """

    reading: Reading
    standing: Standing
    outcome: Outcome | None
    siblings: tuple[tuple[Reading, Standing], ...] = ()
    arm_n: int | None = None
    made_from: str | None = None
    registered: tuple[Registered, ...] = ()

    @property
    def figure(self) -> Figure:
        """The figure itself."""
        return self.reading.figure

    @property
    def same_thing(self) -> bool:
        """Whether equal outcome words mean one outcome: the vocabulary knows it, or a person keyed it."""
        return self.outcome is not None or (self.reading.keyed and self.figure.outcome is not None)


def verdict(check: str, reason: str, *, passed: bool, otherwise: str = "impossible") -> Verdict:
    """A verdict that is passed or otherwise, with its sum."""
    return Verdict(check, "passed" if passed else otherwise, reason)
