"""One cell of a table -> the fields of a figure, read as its labels say ("mean (SD)", "n (%)", "median (IQR)")."""

import re
from dataclasses import replace
from typing import NamedTuple

from kb.extract.core import Quantity
from kb.extract.details import Fields, word
from kb.extract.grid import Cell
from kb.extract.quantities import find_quantities
from kb.records import PValue

#: Forms that stand beside a number and never alone.
SPREADS = frozenset(("sd", "se", "iqr", "range", "ci"))
_CENTRES = frozenset(("mean", "median"))
_SHARES = frozenset(("count", "percent"))
_COUNTED = ("proportion", "event", "survival")
_P = re.compile(r"\(?(?:p\s*)?([<>=≤≥])?\s*(0?\.\d+|0|1|1\.0+|0\.0+)\W*(?:[a-z]?|\(.*\)?)\W*")
_OPERATORS = {"≤": "<", "≥": ">", None: "="}
_LIMITS = ("<", ">", "≤", "≥", "=")  # a bound, or the value of a test statistic
_WORDS = 6  # a cell with more words is prose
_ROOM = 1.0  # percent points by which a printed share may differ from events / n


class Reading(NamedTuple):
    """What a cell says: the kind, the fields, the place inside the cell, and the rule that decided."""

    kind: str
    fields: Fields
    start: int
    end: int
    rule: str


class Manner(NamedTuple):
    """How a cell is to be read: forms from the nearest labels on, the group's size, the outcome's type.

    own: forms stand at the row or over the column, not only in the caption. kind: effect or change where a label
    says so. level: of intervals, in percent.
    """

    forms: tuple[str, ...]
    n: int | None
    type: str | None
    kind: str | None
    own: bool
    level: float


def p_of(cell: Cell) -> PValue | None:
    """The p value that is all of a cell's content: "0.03", "<0.001*"."""
    found = _P.fullmatch(cell.lowered.strip())
    return PValue(_OPERATORS.get(found[1], found[1] or "="), float(found[2])) if found else None


def quantities_of(cell: Cell) -> list[Quantity]:
    """The numbers of a cell with what is printed around them; none for an interval that stands alone."""
    tokens = cell.tokens
    if sum(t.kind == "w" and t.value is None for t in tokens) > _WORDS:
        return []
    found = [q for q in find_quantities(tokens, []) if word(tokens, q.first - 1) not in _LIMITS]
    if len(found) > 1 and tokens[0].text == "(" and found[0].first == 1:
        return []
    if len(found) > 1 and (whole := _one_share(found[0], found[1])):
        closed = word(tokens, whole.last) == ")"
        return [replace(whole, last=whole.last + 1, end=tokens[whole.last].end) if closed else whole, *found[2:]]
    return found


def _one_share(left: Quantity, right: Quantity) -> Quantity | None:
    """Read "14.4 (19/132)", "12/30 (40)" as one share: the number is the fraction's percentage."""
    fraction, number = (left, right) if left.form == "fraction" else (right, left)
    percent = number.fields.get("value")
    events, n = fraction.fields.get("events"), fraction.fields.get("n")
    if (
        fraction.form != "fraction"
        or percent is None
        or events is None
        or not n
        or abs(100 * events / n - percent) > _ROOM
    ):
        return None
    fields = {"events": events, "n": n, "percent": percent}
    return Quantity("fraction", left.start, right.end, left.first, right.last, fields, left.depth)


def read_cell(quantity: Quantity, manner: Manner, *, closed: bool) -> Reading | None:
    """The reading of a cell's first quantity; None for a number that cannot be what its labels say.

    closed: a bracket follows whose words say nothing, as in "13 (n)".
    """
    fields = dict(quantity.fields)
    if fields.get("percent") is not None and "events" not in fields and "n" in fields:
        fields["events"] = fields.pop("n")  # "10.7% (n = 3)" counts those with the event
    kind, rule = _kind(quantity.form, fields, manner)
    made = _share(fields, manner) if kind == "proportion" else _measured(fields, manner, kind)
    if closed and kind == "mean" and set(made) == {"value"} and float(made["value"]).is_integer():
        kind, made = "proportion", {"events": int(made["value"])}
    return Reading(kind, made, quantity.start, quantity.end, rule) if made else None


def spread_of(quantity: Quantity, form: str, level: float) -> Fields:
    """A cell of its own for the spread of the number at its left."""
    fields = quantity.fields
    number = fields.get("bare", fields.get("value"))
    if form in ("sd", "se"):
        number = fields.get("pm", number)
        return {form: number} if number is not None and number >= 0 and "pair" not in fields else {}
    low_high = fields.get("pair") or _dashed(fields)
    if low_high is None or low_high[0] > low_high[1]:
        return {}
    return {f"{form}_low": low_high[0], f"{form}_high": low_high[1], **({"ci_level": level} if form == "ci" else {})}


def _dashed(fields: Fields) -> tuple[float, float] | None:
    if "ci_low" in fields:
        return fields["ci_low"], fields["ci_high"]
    return None


def _kind(form: str, fields: Fields, manner: Manner) -> tuple[str, str]:
    """The kind of a cell and the rule that found it: the first that holds."""
    forms = set(manner.forms)
    spread = bool({"pm", "sd", "se"} & set(fields))
    share = form in ("percent", "count", "fraction") and not spread
    said = next((f for f in manner.forms if f in _CENTRES or f in _SHARES), None)
    shared = not spread and _is_share(fields, manner)
    rules = (
        ("effect", "labelled", manner.kind == "effect"),
        ("change", "change", manner.kind == "change" and (not share or form == "percent")),
        ("proportion", "share", share),
        ("proportion", "labelled", said in _SHARES and shared),
        ("median", "labelled", "median" in forms and ("mean" not in forms or "pair" in fields)),
        ("median", "said", "iqr" in forms and "mean" not in forms and not spread),
        ("mean", "labelled", "mean" in forms or spread),
        ("mean", "said", bool(SPREADS & forms)),
        ("proportion", "said", shared and (manner.type in _COUNTED or _matches(fields, manner.n))),
        ("proportion", "none", shared),
        ("mean", "continuous", manner.type == "continuous"),
    )
    return next(((kind, rule) for kind, rule, holds in rules if holds), ("mean", "none"))


def _is_share(fields: Fields, manner: Manner) -> bool:
    """Whether number and bracket can be a count and its percentage, or a percentage."""
    value, bare = fields.get("value"), fields.get("bare")
    if value is None or value < 0 or ("pair" in fields and "percent" not in manner.forms):
        return False
    first = next((f for f in manner.forms if f in _SHARES), None)
    if bare is not None:
        if _matches(fields, manner.n):
            return True
        whole = (
            float(value).is_integer() if first != "percent" or "count" not in manner.forms else float(bare).is_integer()
        )
        centred = bool({"mean", "sd"} & set(manner.forms))
        return whole and 0 <= bare <= 100 and "count" in manner.forms and (manner.n is None or not centred)
    if first == "percent":
        return bool(value <= 100)
    unsaid = not manner.forms and manner.n is not None and manner.type != "continuous"
    counted = first == "count" or manner.type in ("event", "proportion") or unsaid
    return float(value).is_integer() and counted and (manner.n is None or value <= manner.n)


def _percent_first(fields: Fields, manner: Manner) -> bool:
    """Whether the number is the percentage and the bracket the count: "50 (15)" where the labels say "% (n)"."""
    value, bare = float(fields["value"]), fields.get("bare")
    first = next((f for f in manner.forms if f in _SHARES), "count")
    if not value.is_integer() or (bare is None and first == "percent"):
        return True
    turned = {"value": bare, "bare": value}
    if manner.n and bare is not None:
        return not _matches(fields, manner.n) and _matches(turned, manner.n)
    return first == "percent" and "count" in manner.forms


def _matches(fields: Fields, n: int | None) -> bool:
    """Whether value of n is the percentage in the bracket."""
    value, bare = fields.get("value"), fields.get("bare")
    if not n or value is None or bare is None:
        return False
    return bool(abs(100 * value / n - bare) <= _ROOM)


def _share(fields: Fields, manner: Manner) -> Fields:
    """Events, n and percent as printed; a bare number is a count or a percentage as the labels say."""
    made: Fields = {
        name: fields[name]
        for name in ("events", "n", "percent", "p_value", "ci_low", "ci_high", "ci_level")
        if name in fields
    }
    value, bare = fields.get("value"), fields.get("bare")
    if value is not None and not {"events", "percent"} & set(made):
        counted = not _percent_first(fields, manner)
        made |= {"events": int(value)} if counted and float(value).is_integer() else {"percent": value}
    if bare is not None:
        if "percent" not in made and 0 <= bare <= 100:
            made["percent"] = bare
        elif "events" not in made and float(bare).is_integer():
            made["events"] = int(bare)
    if "pair" in fields and "ci_low" not in made:
        made |= {"ci_low": fields["pair"][0], "ci_high": fields["pair"][1], "ci_level": manner.level}
    if not 0 <= made.get("percent", 0) <= 100 or ("events" in made and "n" in made and made["events"] > made["n"]):
        return {}
    return made | ({"value": made["percent"], "unit": "%"} if "percent" in made else {})


def _measured(fields: Fields, manner: Manner, kind: str) -> Fields:
    """Value and spread of a mean, median, change or effect."""
    value = fields.get("value", fields.get("percent"))
    if value is None:
        return {}
    made: Fields = {
        k: v for k, v in fields.items() if k not in ("pm", "bare", "pair", "word", "duration", "percent", "events")
    }
    made["value"] = value
    if "percent" in fields:
        made["unit"] = "%"
    beside = fields.get("pm", fields.get("bare"))
    sized = manner.own and "count" in manner.forms and not {"sd", "se", "percent"} & set(manner.forms)
    if sized and "bare" in fields and float(fields["bare"]).is_integer():
        return made | {"n": int(fields["bare"])}
    if (
        beside is not None
        and beside >= 0
        and not {"sd", "se"} & set(made)
        and ("pm" in fields or not {"iqr", "range"} & set(manner.forms) or "sd" in manner.forms)
    ):
        made["se" if "se" in manner.forms and "sd" not in manner.forms else "sd"] = beside
    if "pair" in fields and "ci_low" not in made:
        low, high = fields["pair"]
        default = "iqr" if kind == "median" else "ci"
        form = next((f for f in manner.forms if f in ("iqr", "range", "ci")), default)
        made |= {f"{form}_low": low, f"{form}_high": high, **({"ci_level": manner.level} if form == "ci" else {})}
    return made
