"""A number as it was printed: its decimals say how far it was rounded, so it is read as text and kept as a fraction."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

_NUMBER = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)")


@dataclass(frozen=True)
class Printed:
    """A printed number with the numbers that round to it.

    Attributes:
        text: The number as printed, for example "13.20".
        value: The same, exactly.
        half: Half a unit of the last printed decimal.
        decimals: How many decimals were printed.
    """

    text: str
    value: Fraction
    half: Fraction
    decimals: int

    @property
    def low(self) -> Fraction:
        """The smallest number that may have been rounded to this one."""
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        """The largest number that may have been rounded to this one."""
        return self.value + self.half

    def __float__(self) -> float:
        """Give the printed value as a float."""
        return float(self.value)

    def admits(self, number: Fraction) -> bool:
        """Say whether a number rounds to this one, whichever way halves are rounded."""
        return self.low <= number <= self.high


def read_printed(text: str) -> Printed:
    """Read a printed number such as "18.68", "-0.5", ".04" or "41".

    Raises:
        ValueError: The text is not a plain decimal number.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        raise ValueError(f"not a printed number: {text!r}")
    decimals = len(stripped.partition(".")[2])
    value = Fraction(stripped.replace("−", "-").removesuffix("."))
    return Printed(text=stripped, value=value, half=Fraction(1, 2 * 10**decimals), decimals=decimals)


def integers_between(low: Fraction, high: Fraction) -> range:
    """List the integers of a closed interval."""
    return range(math.ceil(low), math.floor(high) + 1)


def root(square: Fraction) -> float:
    """Take the square root of an exact number, rounded once."""
    return math.sqrt(square.numerator / square.denominator)
