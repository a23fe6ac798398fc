"""People's names as sources print them -> Person fields, the same way from every source."""

import re
from dataclasses import dataclass

# As printed: "SR" in capitals is a pair of initials.
_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "Júnior", "2nd", "3rd", "4th", "5th", "II", "III", "IV"})
_INITIALS = re.compile(r"[^\W\d_]{1,5}(?:-[^\W\d_])?")


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a printed name says; a source that gives initials only gives no fore name."""

    last_name: str
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None


def full_name(last: str | None, fore: str | None, suffix: str | None) -> str:
    """The name in reading order: "Ada B Lovelace Jr"."""
    return " ".join(filter(None, (fore, last, suffix)))


def from_inverted(printed: str) -> NameParts:
    """A name as MEDLINE's FAU and RIS print it: "Lovelace, Ada B", "Lovelace, Ada B Jr" or "Lovelace"."""
    last, _, rest = printed.strip().partition(",")
    words = rest.replace(",", " ").split()
    suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else None
    return NameParts(last.strip(), " ".join(words) or None, None, suffix)


def from_citation(printed: str) -> NameParts:
    """A name as citations print it: "Lovelace AB", "van der Meer J 3rd", "Lovelace"."""
    words = printed.strip().split()
    suffix = words.pop() if len(words) > 2 and words[-1] in _SUFFIXES else None
    if len(words) > 1 and words[-1].isupper() and _INITIALS.fullmatch(words[-1]):
        return NameParts(" ".join(words[:-1]), None, words[-1], suffix)
    return NameParts(" ".join(words), suffix=suffix)
