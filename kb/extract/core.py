"""The quantity itself: a number in a sentence with everything that is printed around it."""

from typing import NamedTuple

from kb.extract.details import Fields


class Quantity(NamedTuple):
    """A number in a sentence. form: percent, fraction, count or number; first:last are token positions.

    depth is the number of open brackets around it; fields are a Figure's, not yet named ones included (see details).
    """

    form: str
    start: int
    end: int
    first: int
    last: int
    fields: Fields
    depth: int = 0

    def is_bare(self) -> bool:
        """A number without any detail."""
        return self.form == "number" and set(self.fields) <= {"value", "unit", "word", "n", "duration"}

    def has(self, *names: str) -> bool:
        """Whether one of the fields is there."""
        return any(name in self.fields for name in names)
