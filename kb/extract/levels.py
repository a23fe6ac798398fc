"""How a level is printed: a mean or a median, and the names of what stands around it."""

from typing import NamedTuple

from kb.extract.core import Quantity
from kb.extract.counts import EVENT_NOUNS
from kb.extract.details import PEOPLE, Fields, word
from kb.extract.line import Line
from kb.extract.runs import Run
from kb.extract.tokens import words

_WAS = words("""
    took lasted required was were is are averaged reached = : of to from by with at than
""")


class Kind(NamedTuple):
    """A kind, the fields it gives to the figure, and the rule that found it."""

    kind: str
    fields: Fields
    rule: str


def without(fields: Fields, *names: str) -> Fields:
    """The fields but those named."""
    return {name: value for name, value in fields.items() if name not in names}


def named_interval(q: Quantity, fields: Fields) -> Fields:
    """Name what stood without a label around a change or an effect: ± is an SD, a pair an interval of 95%."""
    found = without(fields, "pair", "bare", "pm", "word", "duration")
    if "pm" in q.fields and "sd" not in found:
        found["sd"] = q.fields["pm"]
    if "pair" in q.fields and "ci_low" not in found:
        found |= {"ci_low": q.fields["pair"][0], "ci_high": q.fields["pair"][1], "ci_level": 95.0}
    return found


def centre_of(q: Quantity, near: list[str]) -> str:
    """Mean or median: what the words before the number said last, a mean if they say nothing."""
    if q.has("iqr_low") or (q.has("pair") and not {"mean", "means", "average"} & set(near) and _is_skewed(q)):
        return "median"
    medians = [i for i, text in enumerate(near) if text in ("median", "medians")]
    means = [i for i, text in enumerate(near) if text in ("mean", "means", "average", "averaged")]
    return "median" if medians and (not means or medians[-1] > means[-1]) else "mean"


def _is_skewed(q: Quantity) -> bool:
    """Whether an unlabelled interval lies so unevenly around its number that it must be one of quartiles."""
    if q.has("sd", "se", "pm"):
        return False
    low, high = q.fields["pair"]
    below, above = q.fields.get("value", 0) - low, high - q.fields.get("value", 0)
    return bool(low >= 0 and below > 0 and above > _SKEW * below)


_SKEW = 1.35


def named_spread(fields: Fields, raw: Fields, centre: str) -> Fields:
    """Name what stood without a label: ± and a bare number are an SD.

    A pair is IQR or range of a median, else an interval.
    """
    found = without(fields, "pair", "bare", "pm", "word", "duration")
    if "pm" in raw:
        found.setdefault("sd", raw["pm"])
    if "bare" in raw and "sd" not in found and "se" not in found and raw["bare"] >= 0:
        found["sd"] = raw["bare"]
    if "pair" in raw:
        low, high = raw["pair"]
        name = "iqr" if centre == "median" else "ci"
        found |= {f"{name}_low": low, f"{name}_high": high} | ({"ci_level": 95.0} if name == "ci" else {})
    return found


def level_kind(line: Line, q: Quantity, run: Run, near: list[str], outcome_type: str | None) -> Kind | None:
    """A mean or a median, when something says so."""
    wide = (q.has("pair", "bare", "unit") or run.versus) and not _SAID & set(near)
    told = [t.text for t in line.tokens[: q.first]] if wide else near
    centre = centre_of(q, told)
    fields = named_spread(q.fields, q.fields, centre)
    if q.has("sd", "se", "pm", "iqr_low"):
        return Kind(centre, fields, "spread")
    said = bool(_SAID & set(near))
    if q.fields.get("duration") and not said:
        lasting = _lasting(line, q, centre)
        if lasting:
            return lasting
    if _alike(line, q, run):
        return Kind(centre, fields, "run")
    if q.fields.get("word") or (q.has("bare", "pair", "range_low") and not said):
        measured = outcome_type == "continuous" and near[-1:] in (["to"], ["was"], ["of"], ["from"]) and _holds(q)
        return Kind(centre, fields, "unit") if measured or _around(q, near, run) else None
    if run.versus and q.depth and q.is_bare() and line.quantities[run.members[-1]].has("unit"):
        return Kind(centre, fields, "unit")  # "(120 vs 210 mL)"
    rule = "said" if said else _rule(line, q, run, near, outcome_type)
    return Kind(centre, fields, rule) if rule else None


_SAID = words("mean median average averaged")


def _lasting(line: Line, q: Quantity, centre: str) -> Kind | None:
    """A time that is a result: "healing took 14 days", "survival was 9 and 8 months"."""
    before = {t.text for t in line.tokens[: q.first]}
    said = _SAID & before
    if {"took", "lasted", "required"} & before:
        return Kind(centre, named_spread(q.fields, q.fields, centre), "unit")
    survival = bool({"survival", "pfs", "os", "ttp", "progression"} & before)
    if not said and not survival and not q.depth:
        return None
    centre = "median" if "median" in said or (survival and not said) else "mean"
    return Kind(centre, named_spread(q.fields, q.fields, centre), "said" if said else "unit")


def _alike(line: Line, q: Quantity, run: Run) -> bool:
    """Read "from 22.4 (6.1) to 15.3 (5.2)", "22.4 (6.1) vs 15.3 (5.2)": the same bracket after each of two or more."""
    members = [line.quantities[m] for m in run.members]
    name = next((name for name in ("bare", "pair") if name in q.fields), None)
    twins = [o for o in line.quantities if o is not q and o.depth == q.depth and o.has("pair") and o.form == "number"]
    if name == "pair" and q.depth and twins and line.tokens[q.first - 1].text == "(":
        return all(_holds(o) for o in (q, *twins))
    if name is None or len(members) < 2 or not (run.rising or run.versus):
        return False
    if name == "pair":
        return all(_holds(m) for m in members)
    return all(m.has("bare") and not m.has("events") for m in members)


def _holds(q: Quantity) -> bool:
    """Whether an unlabelled interval lies around its number."""
    low, high = q.fields.get("pair", (1, 0))
    return bool(low <= q.fields.get("value", 0) <= high)


def _around(q: Quantity, near: list[str], run: Run) -> bool:
    """Read "was 17.5 h (14.1, 21.8)", "(1.5 ml [0-6] vs 3 ml [0-6])": an interval without a label around it."""
    low, high = q.fields.get("pair", (1, 0))
    said = near[-1:] in (["was"], ["were"]) or (q.depth > 0 and run.versus)
    return said and q.has("unit") and low <= q.fields["value"] <= high


def _rule(line: Line, q: Quantity, run: Run, near: list[str], outcome_type: str | None) -> str | None:
    """What makes a bare number a level: an outcome that is measured, a row, arms beside it, a unit."""
    joined = bool(near) and (near[-1] in _WAS or q.depth > 0 or run.versus)
    if outcome_type == "continuous" and joined:
        return "continuous"
    if any(line.quantities[m].has("sd", "se", "pm") for m in run.members):
        return "run"
    armed = any(arm.first - q.last <= 4 for arm in line.arms if arm.first >= q.last)
    parallel = len(line.quantities) > 1 and armed and not q.has("bare", "pair")
    decimal = any("." in line.tokens[i].text for i in (q.first, q.last - 1)) and run.versus
    levelled = q.has("unit") or bool({"score", "scores", "level", "levels"} & set(near)) or decimal
    linked = near[-1:] != [] and near[-1] in _LINKED
    if linked and "." in line.tokens[q.last - 1].text and has_twin(line, q):
        return "unit"
    said = joined and ((parallel and linked) or levelled)
    return "unit" if said or _united(line, q, run) else None


def has_twin(line: Line, q: Quantity) -> bool:
    """Read "5.2 with A and 6.1 with B": two numbers with the same preposition after them, joined by "and" or "vs"."""
    lead = word(line.tokens, q.last)
    if lead not in ("with", "in", "for", "on", "among"):
        return False
    return any(
        other is not q
        and word(line.tokens, other.last) == lead
        and {"and", "vs", "versus", "compared"}
        & {t.text for t in line.tokens[min(q.last, other.last) : max(q.first, other.first)]}
        for other in line.quantities
    )


def _united(line: Line, q: Quantity, run: Run) -> bool:
    """Read "(20 cmH2O vs 24 cmH2O)": a word after a compared number that is no person, event or joint is its unit."""
    unit = word(line.tokens, q.last)
    return run.versus and q.depth > 0 and len(unit) > 1 and unit.isalpha() and unit not in _NO_UNIT


_LINKED = words("was were of to from by averaged")
_NO_UNIT = PEOPLE | EVENT_NOUNS | words("vs versus and or in to respectively with for at")
