"""Names right before a number: before a colon or an equals sign, or in capitals: "(A: 66 vs B: 74)", "(A=18% ...)"."""

from kb.extract.clauses import open_bracket
from kb.extract.line import Line
from kb.extract.measures import MEASURES
from kb.extract.names import GROUP, Arm
from kb.extract.tokens import words


def colon(line: Line, first: int) -> Arm | None:
    """Read "(A: 66 ± 11 vs B: 74 ± 8; C: 72 ± 8)".

    The words before the colon, when the sentence has more of the kind.
    """
    tokens = line.tokens
    i = _before_from(line, first)
    if (
        i < 1
        or tokens[i].text != ":"
        or sum(tokens[max(0, _before_from(line, q.first))].text == ":" for q in line.quantities) < 2
    ):
        return None
    if _heads_bracket(line, first) or _several_measures(line):
        return None
    begun = i
    while (
        begun > 0 and i - begun < 6 and tokens[begun - 1].text not in ("(", ";", ",", ":", "vs", "versus", ".", "and")
    ):
        begun -= 1
    if (
        begun == i
        or tokens[i - 1].text == ")"
        or any(t.kind == "n" for t in tokens[begun:i])
        or any(n.first < i and begun < n.last for n in line.named)
    ):
        return None
    if tokens[i - 1].text in _NO_GROUP or tokens[begun].text in ("mean", "median"):
        return None
    stop = i - (tokens[i - 1].text in GROUP and i - begun > 1)
    return Arm(begun, i, line.words(begun, stop), True)


def _several_measures(line: Line) -> bool:
    """Read "(X: relative risk 1.1 ...) or (Y: mean difference 0.2 ...)": outcomes, as their measures differ."""
    headed = [q for q in line.quantities if line.tokens[q.first - 1].text == ":" and q.first]
    return len({q.fields.get("effect_measure") for q in headed} - {None}) > 1


def equated(line: Line, first: int) -> Arm | None:
    """Read "(A=18% vs B=6%)": a name in capitals and an equals sign before each of two numbers."""
    name = _equals(line, first)
    if name is None or sum(_equals(line, q.first) is not None for q in line.quantities) < _SEVERAL:
        return None
    begun = name - (line.tokens[name - 1].text in GROUP)
    return Arm(begun, name + 1, line.words(begun, name + 1), True)


_SEVERAL = 2


def _equals(line: Line, first: int) -> int | None:
    """The token of the name before an equals sign before a number."""
    i = first - 2
    if i < 1 or line.tokens[i + 1].text != "=" or line.tokens[i].kind != "w":
        return None
    share = any(q.first == first and q.form in ("percent", "count", "fraction") for q in line.quantities)
    return i if share and line.words(i, i + 1).isupper() and line.tokens[i].text not in _STATISTICS else None


_STATISTICS = MEASURES | words("n p r ci")


def _heads_bracket(line: Line, first: int) -> bool:
    """Read "in the A group (X: 3; Y: 4)": the bracket belongs to A, and what is before the colons are outcomes."""
    opened = open_bracket(line.tokens, first)
    arm = next((arm for arm in line.arms if arm.last == opened), None)
    return arm is not None and line.tokens[arm.last - 1].text in GROUP


_METHODS = words("""
    regression analysis analyses model models cohort cohorts adjusted unadjusted matched matching overall total
    multivariate univariate multivariable population
""")
#: What stands right before a bracket with numbers and is no name of a group.
_NO_GROUP = _METHODS | words("mean median range difference score change baseline ratio or hr rr")


def _before_from(line: Line, first: int) -> int:
    """The token before a number; of "X: from 1.4 to 1.3" for both numbers the colon."""
    i = first - 1
    if i > 3 and line.tokens[i].text == "to":
        i = next((k for k in range(i - 1, max(0, i - 8), -1) if line.tokens[k].text in ("from", ":")), i)
    return i - 1 if i > 0 and line.tokens[i].text == "from" else i


def abbreviation(line: Line, i: int) -> Arm | None:
    """Capitals between a bracket or "versus" and the number: "(SH 2.2 ± 1.2 versus MM 3.1 ± 1.7)"."""
    token = line.tokens[i] if i > 0 else None
    if (
        token is None
        or token.kind != "w"
        or line.tokens[i - 1].text not in ("(", "vs", "versus", ".")
        or any(n.first <= i < n.last for n in line.named)
    ):
        return None
    raw = line.text[token.start : token.end]
    followed = any(t.text in ("vs", "versus") for t in line.tokens)
    if (
        not followed
        or len(raw) < 2
        or not raw.isupper()
        or token.text in ("hr", "or", "rr", "ci", "sd", "md", "irr", "iqr", "se", "ahr", "aor")
    ):
        return None
    return Arm(i, i + 1, raw, True)
