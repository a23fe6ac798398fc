"""Words of change: falls, rises, differences, and the sign they give to a number."""

from kb.extract.clauses import VERBS
from kb.extract.core import Quantity
from kb.extract.details import PERSONS, Fields, word
from kb.extract.line import Line
from kb.extract.runs import Run
from kb.extract.tokens import words

_FALL = words("""
    decreased decrease decreases decreasing reduced reduction reductions declined decline declines fell fall
    dropped drop lowered lowering reducing declining loss lost shortened
""")


RISE = words("""
    expansion growth increased increase increases increasing improved improvement improvements improving rose
    rise gained gain gains raised prolonged improves
""")


_CHANGE = words("change changes changed delta δ") | _FALL | RISE


NOUNS = words("""
    expansion growth change changes delta δ decrease reduction reductions decline increase improvement
    improvements gain gains drop loss increases decreases declines rise fall
""")


_MOVES = words("fell dropped declined decreased rose increased improved gained lost")


DIFFERENCE = frozenset(("difference", "differences", "differed"))


def amount_sign(line: Line, q: Quantity) -> int:
    """The sign of "a 50% increase in X", "3 points lower reduction": +1, -1, or 0 for anything else."""
    i = q.last
    i += word(line.tokens, i) in ("relative", "mean", "significant", "further", "absolute")
    head = word(line.tokens, i)
    if head not in NOUNS or word(line.tokens, i + 1) not in (
        "in",
        "of",
        "from",
        "(",
        ".",
        ",",
        ";",
        ")",
        "after",
        "at",
        "with",
    ):
        return 0
    return -1 if head in _FALL else 1


def comparison_sign(line: Line, q: Quantity) -> int:
    """The sign of "1.8 points lower with A than ...": +1, -1, or 0 for anything else."""
    head, follow = word(line.tokens, q.last), word(line.tokens, q.last + 1)
    if follow not in ("in", "with", "than", "for", "among", "after") or (
        not q.has("unit") and "." not in line.tokens[q.last - 1].text
    ):
        return 0
    return (
        -1
        if head in ("lower", "less", "shorter", "fewer", "smaller")
        else int(head in ("higher", "greater", "longer", "larger", "more"))
    )


def is_change(line: Line, q: Quantity, run: Run, near: list[str]) -> bool:
    """Whether the words before say that the number is an amount of change, not a level."""
    if run.rising or "from" in near[-1:] or (run.versus and q.form == "percent" and _effect_follows(line, run)):
        return False
    last = near[-1:] or [""]
    sign = line.tokens[q.first].text in ("-", "+")
    moved = [i for i, text in enumerate(near) if text in _CHANGE and not _in_whom(near, i) and not _is_blood(near, i)]
    if not moved or _is_level(q, run, near, moved[-1]):
        return not moved and sign and "difference" not in near
    verb_by = last[0] in ("by", "with") or "by" in near[moved[-1] :]
    noun = near[moved[-1]] in NOUNS or any(near[i] in ("change", "changes") for i in moved)
    if last[0] == "to" or sign or verb_by:
        return last[0] != "to"
    if last[0] in _MOVES and not run.versus and (q.has("unit") or q.form == "percent"):
        return True  # "the score fell 7.4 points"
    if set(q.fields) <= {"value", "n"} and "." not in line.tokens[q.first].text:
        return noun and last[0] in ("of", "was", "were")
    return noun and (
        last[0] in ("of", "was", "were", ":", "(", "=", "is", "mean", "median", "score")
        or bool(q.has("sd", "se", "pm", "ci_low", "pair"))
        or q.depth > 0
    )


def _is_level(q: Quantity, run: Run, near: list[str], moved: int) -> bool:
    """Read "improvements in X (median: 12 vs 9 months)", "the proportion did not change (29%, 32%)": no amounts."""
    centred = run.versus and bool({"median", "mean"} & set(near[-2:])) and not set(near[-2:]) & _CHANGE
    denied = q.form == "percent" and bool({"not", "no"} & set(near[max(0, moved - 3) : moved]))
    return q.depth > 0 and (centred or denied)


def _is_blood(near: list[str], i: int) -> bool:
    """Whether a loss is the thing measured: "blood loss was 450 ml", "the loss of blood"."""
    return near[i] == "loss" and "blood" in near[max(0, i - 1) : i] + near[i + 2 : i + 3]


def _in_whom(near: list[str], i: int) -> bool:
    """Whether a change is what the people had who are spoken of: "OS in patients with a fall in X was 13 months"."""
    people = next((k for k in range(i - 1, 0, -1) if near[k] in PERSONS), None)
    if people is None or near[people - 1] not in ("in", "among", "for") or near[-1:] not in (["was"], ["were"]):
        return False
    return not any(text in VERBS and text not in _HAVING for text in near[people:-1])


_HAVING = words("achieving reaching attained developing showing experiencing")


def _effect_follows(line: Line, run: Run) -> bool:
    """Whether a ratio is given for the two numbers, which then are shares: "(4.8 vs 3.8%; HR 1.28)"."""
    after = [q for q in line.quantities if q.first >= run.last]
    return bool(after) and after[0].fields.get("effect_measure") in ("HR", "OR", "RR") and after[0].first - run.last < 4


def directed(fields: Fields, near: list[str]) -> Fields:
    """A fall printed without a sign is negative."""
    moved = [text for text in near if text in _FALL or text in RISE]
    value = fields.get("value")
    if value is None or not moved or moved[-1] not in _FALL or value <= 0:
        return fields
    return {**fields, "value": -value}
