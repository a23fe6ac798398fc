"""What kind of figure a quantity is (mean, median, proportion, change, effect), or that it is none."""

from dataclasses import replace
from itertools import pairwise

from kb.extract.changes import DIFFERENCE, NOUNS, RISE, amount_sign, comparison_sign, directed, is_change
from kb.extract.clauses import clause_start
from kb.extract.core import Quantity
from kb.extract.counts import is_count
from kb.extract.details import Fields, word
from kb.extract.levels import Kind, centre_of, has_twin, level_kind, named_interval, named_spread, without
from kb.extract.line import Line
from kb.extract.measures import effect_measure
from kb.extract.runs import Run
from kb.extract.tokens import words


def promoted(line: Line, measure: str | None) -> list[Quantity]:
    """The quantities, numbers that are effects by a label further away made so.

    Measure is the one the text used last.
    """
    found: list[Quantity] = []
    for q in line.quantities:
        paired = (
            bool(found)
            and found[-1].form == "effect"
            and q.form == "number"
            and {t.text for t in line.tokens[found[-1].last : q.first]} <= {"vs", "versus", ".", "and"}
        )
        name = (
            q.fields.get("effect_measure")
            or (measure if paired else None)
            or (_carried(line, q, measure) if q.form == "number" and q.has("pair", "ci_low") else None)
        )
        found.append(replace(q, form="effect", fields={**q.fields, "effect_measure": name}) if name else q)
        measure = name or measure
    return found


def _carried(line: Line, q: Quantity, measure: str | None) -> str | None:
    level = [o for o in line.quantities if o.first < q.first and o.has("ci_low") and "effect_measure" not in o.fields]
    if level and line.tokens[q.first - 1].text in ("with", "to", "vs", "versus", "than", "."):
        return None  # the second of two levels that are compared
    start = max(clause_start(line.tokens, q.first), q.first - 14)
    near = {t.text for t in line.tokens[start : q.first]}
    return _header(line, q) or (measure if not {"mean", "median"} & near and not q.has("unit") else None)


def kind_of(
    line: Line, quantity: Quantity, run: Run, outcome_type: str | None, before: Kind | None = None
) -> Kind | None:
    """The kind of a quantity, None if nothing says that it is a result.

    before: the kind of the quantity before it in the sentence, which the second of two like numbers shares.
    """
    if quantity.form == "effect":
        return Kind("effect", _effect(quantity.fields), "labelled")
    shared = _shared(line, quantity, run, before)
    if shared or quantity.form != "number":
        return shared or _percent(line, quantity, run, outcome_type)
    return _number(line, quantity, run, outcome_type)


def _shared(line: Line, quantity: Quantity, run: Run, before: Kind | None) -> Kind | None:
    """The kind of the quantity before, where this one says the same of another arm; a baseline beside a change."""
    if before is None or quantity.form not in ("percent", "number") or quantity.has("events"):
        return None
    if quantity.form == "number":
        number = quantity
    else:
        value = {"value": quantity.fields["percent"], "unit": "%"}
        number = replace(quantity, fields={**without(quantity.fields, "percent"), **value})
    if before.kind == "change" and word(line.tokens, quantity.first - 1) == "baseline":
        return Kind("mean", named_spread(number.fields, number.fields, "mean"), "continuous")
    if quantity.form == "number":
        counted = _in_events(line, quantity, run)
        return None if counted else _repeated(line, number, before) or _parallel(line, number, run, before)
    if before.kind != "change" or quantity.has("n"):
        return None
    if quantity.has("ci_low") or word(line.tokens, run.first - 1) == "by":
        moved = _moved_as(line, quantity, before, named_interval(number, number.fields))
        return Kind("change", moved, before.rule)
    return _parallel(line, number, run, before)


def _moved_as(line: Line, q: Quantity, before: Kind, fields: Fields) -> Fields:
    """A fall like the one before it, unless a rise is named in between."""
    earlier = [other.last for other in line.quantities if other.last <= q.first]
    between = {t.text for t in line.tokens[earlier[-1] if earlier else 0 : q.first]}
    fell = before.fields.get("value", 0) < 0 < fields["value"] and not between & RISE
    return {**fields, "value": -fields["value"]} if fell else fields


def _repeated(line: Line, q: Quantity, before: Kind) -> Kind | None:
    """The second of two numbers of the same build, the second of two shares written as decimals.

    "3.7 months (3.2-4.2) ... 3.6 months (3.2-3.9)", "by 3 ± 1 in A and by 2 ± 1 in B".
    """
    decimal = before.kind == "proportion" and "percent" not in before.fields and 0 < before.fields.get("value", 0) < 1
    if decimal and q.is_bare() and 0 < q.fields["value"] < 1:
        return Kind("proportion", named_interval(q, q.fields), before.rule)
    if before.kind not in ("mean", "median", "change"):
        return None
    spread = {"sd": "pm", "se": "pm", "iqr_low": "pair", "ci_low": "pair", "range_low": "pair"}
    build = {short for name, short in spread.items() if name in before.fields}
    mine = {spread.get(name, name) for name in q.fields} & {"pm", "pair"}
    units = {before.fields.get("unit"), q.fields.get("unit"), None}
    spread_name = next((name for name in ("se", "sd") if name in before.fields), None)
    if spread_name and "bare" in q.fields and len(units) < 3:
        found = {**_like(without(q.fields, "bare"), before), spread_name: q.fields["bare"]}
        return Kind(before.kind, found, before.rule)
    if len(units) > 2 or mine != build or not (mine or _against(line, q)):
        return None
    found = _like(q.fields, before)
    return Kind(before.kind, _risen(line, q, before, found), before.rule)


def _risen(line: Line, q: Quantity, before: Kind, found: Fields) -> Fields:
    """A rise after a fall keeps its sign: "fell by 5 in A but rose by 2 in B"."""
    earlier = [other.last for other in line.quantities if other.last <= q.first]
    between = {t.text for t in line.tokens[earlier[-1] if earlier else 0 : q.first]}
    turned = before.kind == "change" and found["value"] < 0 and q.fields["value"] > 0 and bool(between & RISE)
    return {**found, "value": -found["value"]} if turned else found


def _against(line: Line, q: Quantity) -> bool:
    """Whether a number with a unit stands right after "versus": "12.7 kg in moss versus 12.6 kg in fern"."""
    return q.has("unit") and word(line.tokens, q.first - 1) in ("vs", "versus")


def _parallel(line: Line, q: Quantity, run: Run, before: Kind | None) -> Kind | None:
    """The second of two like rows: "fell by 5, 7 and 9 in A and 4, 5 and 6 in B"."""
    place = line.runs.index(run)
    if before is None or before.kind not in ("mean", "median", "change") or q.has("events", "effect_measure", "word"):
        return None
    if (
        place == 0
        or len(line.runs[place - 1].members) != len(run.members)
        or word(line.tokens, run.first - 1) not in ("and", "to", "by", "with", "vs", "versus")
    ):
        return None
    between = line.runs[place - 1].last, run.first
    armed = any(between[0] <= arm.first < between[1] for arm in line.arms) and any(
        0 <= arm.first - run.last <= 4 for arm in line.arms
    )
    return Kind(before.kind, _like(q.fields, before), before.rule) if armed or has_twin(line, q) else None


def _like(fields: Fields, before: Kind) -> Fields:
    """Fields named as those of the figure before, a change with its direction."""
    found = named_spread(fields, fields, before.kind)
    if "se" in before.fields and "pm" in fields:
        found["se"] = found.pop("sd")
    if "pair" in fields and "ci_low" in before.fields:
        found = named_interval(Quantity("number", 0, 0, 0, 0, fields), fields)
    if before.kind == "change" and before.fields["value"] < 0 < found["value"] and before.rule == "fall":
        found["value"] = -found["value"]
    return found


def _effect(fields: Fields) -> Fields:
    made = without(fields, "pair", "bare", "pm", "word", "duration")
    if "pair" in fields and "ci_low" not in fields:
        made |= {"ci_low": fields["pair"][0], "ci_high": fields["pair"][1], "ci_level": 95.0}
    if "percent" in made:
        made |= {"value": made["percent"], "unit": "%"}
        made.pop("percent")
    return made


def _percent(line: Line, q: Quantity, run: Run, outcome_type: str | None) -> Kind | None:
    fields = without(q.fields, "pair", "bare", "pm", "word")
    if "pair" in q.fields:
        fields |= {"ci_low": q.fields["pair"][0], "ci_high": q.fields["pair"][1], "ci_level": 95.0}
    share = q.fields.get("percent")
    if q.form == "percent" and not q.has("events"):
        special = _percent_value(line, q, run, outcome_type, fields)
        if special:
            return special
    if share is not None and not 0 <= share <= 100:
        return None
    if share is not None:
        fields |= {"value": share, "unit": "%"}
    return Kind("proportion", fields, "share" if q.has("events", "n") else "percent")


def _percent_value(line: Line, q: Quantity, run: Run, outcome_type: str | None, fields: Fields) -> Kind | None:
    """A percentage that is no share: a change, a difference, or a mean of something measured in percent."""
    value = {**without(fields, "percent"), "value": fields["percent"], "unit": "%"}
    near = [t.text for t in line.tokens[max(clause_start(line.tokens, run.first), run.first - 12) : run.first]]
    measure = _percent_difference(line, q, run, near, outcome_type)
    if measure:
        return Kind("effect", {**named_interval(q, value), "effect_measure": measure}, "difference")
    amount = amount_sign(line, q)
    if amount:
        return Kind("change", {**named_interval(q, value), "value": amount * abs(value["value"])}, "change")
    if is_change(line, q, run, near):
        return Kind("change", named_interval(q, directed(value, near)), "change")
    if outcome_type == "continuous":
        centre = centre_of(q, near)
        return Kind(centre, named_spread(value, q.fields, centre), "continuous")
    if _IN_PERCENT & set(near):
        centre = centre_of(q, near)
        return Kind(centre, named_spread(value, q.fields, centre), "unit")
    named = any(text == "mean" and after != "age" for text, after in pairwise([*near, ""]))
    averaged = named and not {"rate", "proportion", "percentage"} & set(near)
    return Kind("mean", named_spread(value, q.fields, "mean"), "spread") if averaged or q.has("pm", "sd") else None


# what is measured in percent itself: a bare percentage of it is a level, not a share of patients
_IN_PERCENT = words(
    "hba1c hba a1c lvef ejection fev1 fvc dlco dilation dilatation fmd saturation spo2 hematocrit haematocrit"
)


#: What stands right before the number that a named difference has.
_BEFORE_DIFFERENCE = DIFFERENCE | words("of : = was ,")


def _percent_difference(line: Line, q: Quantity, run: Run, near: list[str], outcome_type: str | None) -> str | None:
    """The measure of a difference in percent: RD between shares, MD where the outcome itself is measured in percent."""
    named = DIFFERENCE & set(near[-2:]) and near[-1] in _BEFORE_DIFFERENCE and not run.versus
    if named and q.has("ci_low", "pair", "p_value"):
        return "MD" if outcome_type == "continuous" else "RD"
    if DIFFERENCE & set(near) and "between" in near and not _denied(line, run) and not run.versus:
        return "MD" if outcome_type == "continuous" else "RD"
    follows = [t.text for t in line.tokens[q.last : q.last + 2]] == ["(", "from"]
    restated = follows and "absolute" in [t.text for t in line.tokens[: q.first]]
    absolute = "absolute" in near and bool((NOUNS | DIFFERENCE) & set(near)) and not (run.rising or run.versus)
    return "RD" if restated or absolute else None


def _denied(line: Line, run: Run) -> bool:
    """Whether the difference before a number is one that was not found: "no significant difference between ..."."""
    before = [t.text for t in line.tokens[: run.first]]
    last = max((i for i, text in enumerate(before) if text in DIFFERENCE), default=0)
    return bool({"no", "not", "without"} & set(before[max(0, last - 6) : last]))


def _number(line: Line, q: Quantity, run: Run, outcome_type: str | None) -> Kind | None:
    near = [t.text for t in line.tokens[max(clause_start(line.tokens, run.first), run.first - 14) : run.first]]
    fields = named_interval(q, q.fields)
    return (
        _compared(line, q, near, fields)
        or _counted(line, q)
        or _fraction(q, near, fields)
        or _changed(line, q, run, near, fields)
        or level_kind(line, q, run, near, outcome_type)
    )


def _compared(line: Line, q: Quantity, near: list[str], fields: Fields) -> Kind | None:
    """A difference between groups, or an amount of change with its noun after it."""
    times = _times_higher(line, q)
    if times:
        return Kind("effect", {**fields, "effect_measure": times}, "labelled")
    ratio = _noun_ratio(q, near)
    if ratio:
        return Kind("effect", {**fields, "effect_measure": ratio}, "difference")
    sign = comparison_sign(line, q)
    if sign:
        return Kind("effect", {**fields, "value": sign * abs(fields["value"]), "effect_measure": "MD"}, "difference")
    amount = amount_sign(line, q)
    if amount:
        return Kind("change", {**fields, "value": amount * abs(fields["value"])}, "change")
    named = DIFFERENCE & set(near[-2:]) and near[-1] in (":", "of", "was", "=", ",") and not q.has("sd", "pm")
    if named or (q.has("ci_low", "pair") and DIFFERENCE & set(near) and not _is_level(line, q)):
        return Kind("effect", {**fields, "effect_measure": "MD"}, "difference")
    return None


def _is_level(line: Line, q: Quantity) -> bool:
    """Whether a number in a bracket is called a mean or a median, or is weighed against another one."""
    near = {t.text for t in line.tokens[max(0, q.first - 2) : q.first]}
    weighed = {"vs", "versus"} & (near | {word(line.tokens, q.last)})
    return bool(q.depth) and (bool(weighed) or bool({"median", "mean"} & near))


def _noun_ratio(q: Quantity, near: list[str]) -> str | None:
    """The ratio that only a noun names: "the hazard of death was 0.75 (95% CI 0.6-0.9)", "an increased risk of 1.4"."""
    fields = q.fields
    plain = q.has("ci_low") and not q.has("unit", "sd", "se", "rate", "word") and fields["value"] > 0
    if not plain or fields["ci_low"] <= 0 or (DIFFERENCE | {"mean", "median", "score", "scores"}) & set(near):
        return None
    said = [text for text in near if text in _NOUN_RATIOS]
    return _NOUN_RATIOS[said[-1]] if said else None


_NOUN_RATIOS = {"odds": "OR", "risk": "RR", "risks": "RR", "hazard": "HR", "hazards": "HR"}


def _times_higher(line: Line, q: Quantity) -> str | None:
    """The ratio in "1.6 (95% CI 1.0-2.5) times higher odds": OR, RR or HR."""
    if word(line.tokens, q.last) not in ("times", "fold", "-fold") or not q.has("ci_low", "pair"):
        return None
    nouns = (t.text for t in line.tokens[q.last + 1 : q.last + 4])
    return next((_RATIOS[noun] for noun in nouns if noun in _RATIOS), None)


_RATIOS = {"odds": "OR", "risk": "RR", "hazard": "HR", "rate": "RR"}


def _fraction(q: Quantity, near: list[str], fields: Fields) -> Kind | None:
    """A share written as a decimal: "the rate was 0.08", "a probability of 0.64"."""
    value = q.fields["value"]
    plain = isinstance(value, float) and 0 < value < 1 and not q.has("unit", "sd", "se", "pm")
    shared = bool(_SHARES & set(near)) and not (DIFFERENCE | {"mean", "median", "ratio", "score"}) & set(near)
    return Kind("proportion", fields, "share") if plain and shared else None


_SHARES = words("""
    rate rates probability probabilities proportion proportions incidence prevalence survival freedom likelihood
""")


def _in_events(line: Line, q: Quantity, run: Run) -> bool:
    """Whether a whole number is one of events, by its own unit or that of its row: "three vs 12 events"."""
    if q.form != "number" or q.has("sd", "se", "pm", "ci_low", "pair") or not float(q.fields["value"]).is_integer():
        return False
    units = {line.quantities[i].fields.get("unit") for i in run.members}
    return bool(units & {"events", "deaths", "cases"}) and (q.has("unit") or run.versus)


def _counted(line: Line, q: Quantity) -> Kind | None:
    """A rate per person-time, or a count of people or events."""
    rate = q.fields.get("rate")
    if rate:
        return Kind("proportion", {**without(named_interval(q, q.fields), "rate"), "unit": rate}, "rate")
    run = next((run for run in line.runs if run.first <= q.first < run.last), None)
    if not is_count(line, q) and not (run and _in_events(line, q, run)):
        return None
    events = {"events": int(q.fields["value"]), **without(q.fields, "value", "word", "unit")}
    return Kind("proportion", events, "counted")


def _changed(line: Line, q: Quantity, run: Run, near: list[str], fields: Fields) -> Kind | None:
    """A change within a group, with its direction; else a difference that is named further away."""
    if is_change(line, q, run, near):
        moved = directed(fields, near)
        return Kind("change", moved, "fall" if moved["value"] != q.fields["value"] else "change")
    if DIFFERENCE & set(near) and not {"mean", "median", "no"} & set(near[-2:]) and not q.has("sd", "se", "pm"):
        return Kind("effect", {**fields, "effect_measure": "MD"}, "difference")
    return None


def _header(line: Line, q: Quantity) -> str | None:
    """A measure named earlier in the sentence without a number.

    "the risk (risk ratio [95% CI]) was 1.20 (1.05-1.37)".
    """
    if not q.has("pair", "ci_low"):
        return None
    if q.has("unit") and q.fields.get("duration"):
        return None
    for i in range(q.first - 1, -1, -1):
        found = effect_measure(line.tokens, i) if line.tokens[i].kind == "w" else None
        if found and not any(
            line.tokens[j].kind == "w" and line.tokens[j].text in ("mean", "median") for j in range(found[1], q.first)
        ):
            return found[0]
    return None
