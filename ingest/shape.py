"""What a hand-written TOML file may hold, as data: a whitelist of keys with their types.

Whoever writes such a file wants to hear of all faults at once, each with its place in the file.
So a shape is checked first and completely; only a table without faults is made into records.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any


def _is_number(value: object) -> bool:
    # TOML's true is Python's True, which is an int: a truth value must not pass as a number
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_whole(value: object) -> bool:
    # 64 bits: what a database column holds
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _is_span(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] < value[1]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _all(one: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(one(item) for item in value)


#: Name of a type -> (what a writer must put there, the test).
TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text that is not empty", _is_text),
    "number": ("a number", _is_number),
    "whole": ("a whole number", _is_whole),
    "truth": ("true or false", lambda value: isinstance(value, bool)),
    "texts": ("a list of texts", _all(_is_text)),
    "groups": ("a list of lists of texts", _all(_all(_is_text))),
    "span": ("two numbers, the lower first", _is_span),
    "table": ("a table", lambda value: isinstance(value, dict)),
    "tables": ("a list of tables", _all(lambda item: isinstance(item, dict))),
    "any": ("any value", lambda _: True),
}


@dataclass(frozen=True, slots=True)
class Key:
    """What one key may hold: a type of TYPES, a closed list of values, the keys inside a table, a further rule.

    rule takes the value and gives what is wrong with it, or None.
    """

    type: str = "text"
    needed: bool = False
    one_of: tuple[str, ...] = ()
    inside: Mapping[str, "Key"] = field(default_factory=dict)
    rule: Callable[[Any], str | None] | None = None


def parse_toml(content: bytes, name: str) -> tuple[dict[str, Any], list[str]]:
    """The table in a TOML file and its faults: broken syntax or encoding is one fault and an empty table.

    Decimal fractions become Decimal, so that 72.0 keeps the decimal it was written with.
    """
    try:
        return tomllib.loads(content.decode("utf-8"), parse_float=Decimal), []
    except RecursionError:
        return {}, [f"{name}: not TOML: nested too deeply"]
    except (ValueError, ArithmeticError) as error:  # broken syntax or encoding; numbers beyond all bounds
        return {}, [f"{name}: not TOML: {error}"]


def faults_in(table: Mapping[str, Any], keys: Mapping[str, Key], where: str) -> list[str]:
    """All faults of a table, one line each: the file and field, then what is wrong."""
    strange = [_strange(name, keys, where) for name in table if name not in keys]
    missing = [f"{where}: {name}: is missing" for name, key in keys.items() if key.needed and name not in table]
    present = [(name, key) for name, key in keys.items() if name in table]
    return strange + missing + [line for name, key in present for line in _wrong(table[name], key, f"{where}: {name}")]


def _strange(name: str, keys: Mapping[str, Key], where: str) -> str:
    near = get_close_matches(name, keys, n=1)
    return f"{where}: {name}: unknown key" + (f" (did you mean {near[0]}?)" if near else "")


def _wrong(value: Any, key: Key, where: str) -> list[str]:
    wanted, test = TYPES[key.type]
    if not test(value):
        return [f"{where}: must be {wanted}, not {value!r:.60}"]
    if key.one_of and value not in key.one_of:
        return [f"{where}: must be one of {', '.join(key.one_of)}, not {value!r:.60}"]
    if key.inside and key.type == "table":
        return faults_in(value, key.inside, where) or _broken(value, key, where)
    if key.inside:
        inner = [line for i, item in enumerate(value, 1) for line in faults_in(item, key.inside, f"{where} {i}")]
        return inner or _broken(value, key, where)
    return _broken(value, key, where)


def _broken(value: Any, key: Key, where: str) -> list[str]:
    said = key.rule(value) if key.rule else None
    return [f"{where}: {said}"] if said else []


def plain(value: Any) -> Any:
    """The same value with every Decimal, however deep, turned into a float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def _not_a_time(time: Any) -> str | None:
    units = ("hour", "day", "week", "month", "year")
    known = isinstance(time, dict) and set(time) == {"value", "unit"} and time["unit"] in units
    if time == "baseline" or (known and _is_number(time["value"])):
        return None
    return f'must be "baseline" or {{value, unit}} with a unit of {", ".join(units)}, not {time!r:.60}'


_DISPERSION = ("sd", "se", "iqr_low", "iqr_high", "range_low", "range_high", "ci_low", "ci_high", "ci_level")


#: The keys of the figure JSON that a person may write (start, end and confidence are the reader's).
FIGURE: dict[str, Key] = {
    "outcome": Key(needed=True),
    "kind": Key(needed=True, one_of=("mean", "median", "proportion", "change", "effect")),
    "arm": Key(),
    "timepoint": Key("any", rule=_not_a_time),
    "unit": Key(),
    **dict.fromkeys(("value", "percent", *_DISPERSION), Key("number")),
    **dict.fromkeys(("n", "events"), Key("whole", rule=lambda n: None if n >= 0 else "must not be negative")),
    "p_value": Key(
        "table", inside={"op": Key(needed=True, one_of=("<", "=", ">")), "value": Key("number", needed=True)}
    ),
    "effect_measure": Key(one_of=("HR", "OR", "RR", "RD", "MD", "SMD", "SIR", "SMR", "NNT")),
}
