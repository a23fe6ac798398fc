"""The quantity itself: a number in a sentence with everything that is printed around it."""

from dataclasses import dataclass

from kb.extract.details import Fields

_BARE = frozenset(("value", "unit", "word", "n", "duration"))


@dataclass(slots=True)
class Quantity:
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
        return self.form == "number" and self.fields.keys() <= _BARE

    def has(self, *names: str) -> bool:
        """Whether one of the fields is there."""
        return not self.fields.keys().isdisjoint(names)
