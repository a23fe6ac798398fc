"""The place of a sheet's keyed numbers in the statement that the sheet gives for them."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

from kb.extract.normalise import lower, normalise
from kb.extract.tokens import Token, lex

_NUMBERS = (
    "value",
    "sd",
    "se",
    "iqr_low",
    "iqr_high",
    "range_low",
    "range_high",
    "ci_low",
    "ci_high",
    "n",
    "events",
    "percent",
)
_NOTHING = frozenset(("no", "none", "without", "nobody", "never", "neither"))


def locate(keys: Mapping[str, Any], statement: str) -> tuple[int, int] | None:
    """The shortest stretch of a statement that holds all keyed numbers, as digits or as number words.

    A number that is keyed twice ("10 of 10") stands there twice, unless the statement prints it but once ("all 10").

    Args:
        keys: a figure by the contract's keys; numbers only are looked for, signs aside ("fell by 3" holds -3).
        statement: the sentence of the sheet.

    Returns:
        Start and end in characters, or None if a number is missing or there is none to look for.
    """
    wanted = Counter(abs(float(keys[name])) for name in _NUMBERS if isinstance(keys.get(name), int | float))
    if not wanted:
        return None
    plain = lower(normalise(statement))
    tokens = lex(plain, 0, len(plain))
    held = [(i, value) for i, token in enumerate(tokens) if (value := _value(token)) is not None and value in wanted]
    best = _shortest(held, wanted) or _shortest(held, Counter(wanted.keys()))
    if best is None:
        return None
    first, last = best
    first -= first > 0 and tokens[first - 1].text in ("-", "+") and tokens[first - 1].end == tokens[first].start
    last += last + 1 < len(tokens) and tokens[last + 1].text == "%"
    return tokens[first].start, tokens[last].end


def _value(token: Token) -> float | None:
    return 0.0 if token.text in _NOTHING else token.value


def _shortest(held: Sequence[tuple[int, float]], wanted: Mapping[float, int]) -> tuple[int, int] | None:
    """The first and last token of the shortest window over the held numbers that has each as often as it is wanted."""
    best: tuple[int, int] | None = None
    latest = {value: deque[int](maxlen=count) for value, count in wanted.items()}
    for i, value in held:
        latest[value].append(i)
        if all(len(latest[value]) == count for value, count in wanted.items()):
            first = min(places[0] for places in latest.values())
            if best is None or i - first < best[1] - best[0]:
                best = first, i
    return best
