"""Tokens -> quantities: each number that may be a result, with everything that is printed around it."""

from dataclasses import replace

from kb.extract.attached import CI_WORDS, attached, bracket, ci_follows, merged
from kb.extract.core import Quantity
from kb.extract.details import (
    LABELS,
    PEOPLE,
    Fields,
    Read,
    labelled,
    per_time,
    percent,
    plus_minus,
    share,
    signed,
    word,
)
from kb.extract.measures import MEASURES, effect_measure
from kb.extract.times import UNITS, Time
from kb.extract.tokens import Token, words

STARTS = LABELS | MEASURES
_SPOTS = STARTS | words("- + ( ) none")


def find_quantities(tokens: list[Token], times: list[Time]) -> list[Quantity]:
    """The quantities of a sentence from left to right. Times are passed over unless they are results."""
    starts = {time.first: time for time in times}
    found: list[Quantity] = []
    past = depth = 0
    for i, token in enumerate(tokens):
        if i < past or (token.value is None and token.text not in _SPOTS and i not in starts):
            continue
        if token.text in ("(", ")"):
            depth = depth + 1 if token.text == "(" else max(0, depth - 1)
        several = _durations(tokens, starts[i], depth) if i in starts else []
        found += several
        quantity = None if several else _wrapped(tokens, i, depth) or _at(tokens, i, starts.get(i), depth)
        depth -= quantity is not None and token.text == "("  # its bracket is closed again
        if quantity:
            found.append(quantity)
        if quantity:
            past = quantity.last
        else:
            passed = starts[i].last if i in starts else _past_label(tokens, i)
            past = max([passed, *(q.last for q in several)])
    return _shared_signs(tokens, found)


def _shared_signs(tokens: list[Token], found: list[Quantity]) -> list[Quantity]:
    """Read "20, 30 and 40%", "17 versus 23%": bare numbers in a row take the sign of the last."""
    for i in range(len(found) - 2, -1, -1):
        left, right = found[i], found[i + 1]
        between = [t.text for t in tokens[left.last : right.first]]
        bare = left.form == "number" and set(left.fields) == {"value"} and left.last - left.first == 1
        if (
            bare
            and right.form == "percent"
            and between
            and len(between) < 4
            and all(text in _JOINED for text in between)
        ):
            found[i] = replace(left, form="percent", fields={"percent": left.fields["value"]})
    return found


_JOINED = frozenset((",", "and", "vs", "versus", ".", "or", "to", "compared", "with"))


def _past_label(tokens: list[Token], i: int) -> int:
    """A p value, an interval or a spread that belongs to no number here is stepped over as a whole."""
    if tokens[i].kind == "w" or tokens[i].value is not None:
        found = labelled(tokens, i)
        if found:
            return found[1]
    if word(tokens, i + 1) == "%" and word(tokens, i + 2) in CI_WORDS:
        return i + 2
    return i + 1


def _wrapped(tokens: list[Token], i: int, depth: int) -> Quantity | None:
    """Read "(70.5 ± 11.2)%", "(452 ± 137) ml": a bracket that only keeps value and spread together before a unit."""
    if tokens[i].text != "(" or i + 4 >= len(tokens):
        return None
    number = signed(tokens, i + 1)
    spread = plus_minus(tokens, number[1]) if number else None
    if number is None or spread is None or word(tokens, spread[1]) != ")":
        return None
    end = spread[1] + 1
    j, unit = (end + 1, "%") if word(tokens, end) == "%" else _unit(tokens, end)
    if unit is None and word(tokens, end) in UNITS:
        j, unit = end + 1, word(tokens, end)
    if unit is None:
        return None
    fields: Fields = {"value": number[0], **spread[0], "unit": unit}
    last, more = attached(tokens, j, fields, "number")
    return Quantity("number", tokens[i].start, tokens[last - 1].end, i, last, merged(fields, more), depth - 1)


def _at(tokens: list[Token], i: int, time: Time | None, depth: int) -> Quantity | None:
    measure = effect_measure(tokens, i)
    if measure:
        return _measured(tokens, i, *measure, depth)
    if time:
        return _duration(tokens, time, depth)
    number = signed(tokens, i)
    if tokens[i].text == "none":
        return _nothing(tokens, i, depth)
    if (number is None and tokens[i].value is None) or (
        word(tokens, i + 1) == "%" and word(tokens, i + 2) in CI_WORDS  # the level of an interval
    ):
        return None
    glued = number and tokens[i].kind == "o" and i and tokens[i - 1].end == tokens[i].start
    return (
        None
        if glued and (tokens[i - 1].kind != "o" or tokens[i - 1].text == "%")
        else _grown(tokens, i, i, "number", {}, depth)
    )


def _nothing(tokens: list[Token], i: int, depth: int) -> Quantity | None:
    """Read "in 41 (27%) of A and none of B": a count of zero beside other counts."""
    joined = i > 1 and tokens[i - 1].text in _BESIDE and word(tokens, i + 1) in ("in", "of", "on", "with", "among")
    whole = word(tokens, i + 1) == "of" and word(tokens, i + 2) in ("which", "whom", "these", "them")
    return (
        Quantity("count", tokens[i].start, tokens[i].end, i, i + 1, {"events": 0}, depth)
        if joined and not whole
        else None
    )


_BESIDE = words("and to with vs versus than : ; but")


def _measured(tokens: list[Token], first: int, name: str, i: int, depth: int) -> Quantity | None:
    """The number of a named effect measure; what follows may be the level of an interval instead."""
    number = signed(tokens, i)
    if number is None or (word(tokens, number[1]) == "%" and word(tokens, number[1] + 1) in CI_WORDS):
        return None
    return _grown(tokens, first, i, "effect", {"effect_measure": name}, depth)


def _duration(tokens: list[Token], time: Time, depth: int) -> Quantity | None:
    """A time that is a result: it has a spread or an interval, or a median before it ("median survival was 9")."""
    if time.role in ("length", "adjective") or len(time.times) > 1 or time.times[0].unit == "baseline":
        return None
    if tokens[time.first].kind != "n" and tokens[time.first].value is None:
        return None
    fields: Fields = {"value": time.times[0].value, "unit": tokens[time.last - 1].text, "duration": True}
    end, more = attached(tokens, time.last, {"value": fields["value"]}, "number")
    return Quantity("number", tokens[time.first].start, tokens[end - 1].end, time.first, end, fields | more, depth)


def _durations(tokens: list[Token], time: Time, depth: int) -> list[Quantity]:
    """Read "median survival was 9.3 and 8.3 months": times in a row that are results."""
    if (
        len(time.times) < 2
        or word(tokens, time.first - 1) not in ("was", "were", "from", "(", "of")
        or tokens[time.first].kind != "n"
    ):
        return []
    if not {t.text for t in tokens[: time.first]} & {
        "median",
        "mean",
        "survival",
        "duration",
        "pfs",
        "os",
        "dfs",
        "ttp",
        "stay",
    }:
        return []
    unit = tokens[time.last - 1].text
    numbers = [i for i in range(time.first, time.last) if tokens[i].kind == "n"]
    last = Quantity(
        "number",
        0,
        0,
        numbers[-1],
        time.last,
        {"value": tokens[numbers[-1]].value, "unit": unit, "duration": True},
        depth,
    )
    end, more = attached(tokens, time.last, {"value": tokens[numbers[-1]].value}, "number")
    made = [
        Quantity("number", 0, 0, i, i + 1, {"value": tokens[i].value, "unit": unit, "duration": True}, depth)
        for i in numbers[:-1]
    ]
    made.append(replace(last, last=end, fields={**last.fields, **more}))
    return [replace(q, start=tokens[q.first].start, end=tokens[q.last - 1].end) for q in made]


def _grown(tokens: list[Token], first: int, i: int, form: str, fields: Fields, depth: int) -> Quantity | None:
    core = _core(tokens, i)
    if core is None:
        return None
    kind, more, j = core
    fields = fields | more
    if form == "effect":
        kind = "effect"
    j, unit = _unit(tokens, j) if kind in ("number", "effect") else (j, None)
    rate = per_time(tokens, j) if kind == "number" else None
    if rate:
        fields["rate"] = " ".join(t.text for t in tokens[j:rate])
        j = rate
    if unit:
        fields["unit"] = unit
    end, added = attached(tokens, j, fields, kind)
    end += bool(unit) and "pm" in added and word(tokens, end) == unit  # "23 degrees ± 12 degrees"
    fields = merged(fields, added)
    if kind in ("number", "effect") and unit is None:
        end, unit = _unit(tokens, end)
        if unit is None and "bare" in fields and word(tokens, end) == "%":
            end, unit = end + 1, "%"  # "72.1 (14.2)%"
        if unit is None and {"pm", "ci_low", "iqr_low", "pair"} & set(fields) and word(tokens, end) in UNITS:
            end, unit = end + 1, word(tokens, end)
        if unit:
            fields["unit"] = unit
            end, added = attached(tokens, end, fields, kind)
            fields = merged(fields, added)
    return Quantity(kind, tokens[first].start, tokens[end - 1].end, first, end, fields, depth)


def _core(tokens: list[Token], i: int) -> tuple[str, Fields, int] | None:
    number = signed(tokens, i)
    fraction = share(tokens, i)
    if fraction and "percent" not in fraction[0]:
        return "fraction", *(_percent_later(tokens, fraction) or fraction)
    part = percent(tokens, i)
    if part:
        return _percent_of(tokens, part)
    both = percent(tokens, i + 2) if i and tokens[i - 1].text == "(" and word(tokens, i + 1) == "," else None
    if both and tokens[i].kind == "n" and word(tokens, both[1]) in (")", ";") and "." not in tokens[i].text:
        return "count", {"events": int(tokens[i].value or 0.0), **both[0]}, both[1]
    counted = _count_with_percent(tokens, i)
    if counted:
        return "count", *counted
    if number:
        return "number", {"value": number[0]}, number[1]
    value = tokens[i].value
    return ("number", {"value": value, "word": True}, i + 1) if value is not None else None


def _percent_later(tokens: list[Token], fraction: tuple[Fields, int]) -> Read:
    """Read "12 of 90 patients with X (13.3%)": the percentage that belongs to the fraction, up to seven words on."""
    fields, j = fraction
    opened = next((k for k in range(j, min(j + 8, len(tokens))) if tokens[k].kind != "w"), j)
    if opened == j or word(tokens, opened) != "(":
        return None
    inside = percent(tokens, opened + 1)
    held = bracket(tokens, opened) if inside and word(tokens, inside[1]) in (")", ",", ";") else None
    if inside is None or held is None or abs(100 * fields["events"] / fields["n"] - inside[0]["percent"]) > 1:
        return None
    return {**held[0], **fields}, held[1]


def _percent_of(tokens: list[Token], part: tuple[Fields, int]) -> tuple[str, Fields, int]:
    """Read "34.3% of 99" holds its denominator, "20% of patients" does not."""
    fields, j = part
    if word(tokens, j) == "of":
        k = j + 1 + (word(tokens, j + 1) in ("the", "all", "our"))
        n = tokens[k] if k < len(tokens) else None
        if (
            n is not None
            and n.kind == "n"
            and n.value is not None
            and n.value.is_integer()
            and word(tokens, k + 1) != "%"
        ):
            return "percent", {**fields, "n": int(n.value)}, k + 1
    return "percent", fields, j


def _count_with_percent(tokens: list[Token], i: int) -> Read:
    """Read "35 (28%)", "58 patients (46.4%)", "9 (30%) of 30", "twelve (8.1%, 95% CI ...)"."""
    k = tokens[i].value
    if k is None or not k.is_integer() or (i and tokens[i - 1].text in _RANKS):
        return None
    j = i + 1
    while (
        j < len(tokens)
        and j < i + 6
        and tokens[j].kind == "w"
        and tokens[j].value is None
        and tokens[j].text not in _NOT_NOUN
    ):
        j += 1
    if word(tokens, i + 1) in PEOPLE and j == i + 2 and word(tokens, j) in ("in", "on", "with", "receiving"):
        j = next(
            (
                k
                for k in range(j, min(j + 6, len(tokens)))
                if tokens[k].text in ("(", ",", ".") or tokens[k].value is not None
            ),
            j,
        )
    if word(tokens, j) != "(":
        return None
    inside = percent(tokens, j + 1)
    if inside is None or ci_follows(tokens, inside[1]) or not 0 <= inside[0]["percent"] <= 100:
        return None
    found = bracket(tokens, j)
    if found is None:
        return None
    fields, end = found
    if word(tokens, end) == "of" or (word(tokens, end) == "out" and word(tokens, end + 1) == "of"):
        m = end + 1 + (word(tokens, end) == "out")
        m += word(tokens, m) in ("the", "all", "our")
        n = tokens[m] if m < len(tokens) else None
        if n is not None and n.value is not None and n.value.is_integer() and n.value >= k:
            end = m + 1 + (word(tokens, m + 1) in PEOPLE)
            fields = {**fields, "n": int(n.value)}
    return {"events": int(k), **{a: b for a, b in fields.items() if a != "events"}}, end


_RANKS = words("grade grades stage stages type phase class cycle day week")
_NOT_NOUN = words("""
    was were had and or in with than for to vs versus of on at by from the is are as a an
""")


_UNITS = words("""
    mm cm m km kg g mg μg ug ng pg l ml dl mmol μmol umol nmol pmol mol iu u mmhg hg bpm beats mg/dl g/dl mg/l
    g/l mmol/l μmol/l ng/ml pg/ml ml/min l/min l/min/m2 ml/kg/min ml/min/1 mg/day mg/d kg/m2 m/s dyn dynes s/cm5
    s·cm-5 wu points point units unit score scores meters metres meter percentage d diopters logmar letters kcal
    kj watts w ms s sec seconds min minutes minute breaths cells/μl cells /μl copies/ml u/l iu/l iu/ml mu/l
    litre litres liter liters log10 events days/week degrees degree °
""")


def _unit(tokens: list[Token], j: int) -> tuple[int, str | None]:
    """Known unit words right after a number ("dyn s/cm5", "mm Hg", "percentage points"), and their text."""
    k = j
    while (
        k < j + 3
        and k < len(tokens)
        and (tokens[k].text in _UNITS or ("/" in tokens[k].text and tokens[k].text.split("/")[0] in _UNITS))
        and (k == j or tokens[k].text != "s")
    ):
        k += 1
    if k > j and word(tokens, k) == "per" and word(tokens, k + 1) in _PER:
        k += 2
    return k, " ".join(t.text for t in tokens[j:k]) if k > j else None


_PER = words("year day week month minute hour min h")
