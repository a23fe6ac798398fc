"""Numbers that are no results: doses, thresholds, ages, sizes, dates, grades, tests, follow-up."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from kb.extract.clauses import VERBS
from kb.extract.core import Quantity
from kb.extract.details import word
from kb.extract.line import Line
from kb.extract.names import Arm
from kb.extract.samples import AGED, ENROLLED, TRAITED, is_age, is_enrolled, is_trait, is_whole
from kb.extract.times import UNITS
from kb.extract.tokens import words

_LABELS = words("""
    grade grades stage stages phase type types class grade-3 cycle cycles figure table level version week day
    month aged age score-based cohort group arm groups part step wave chapter criterion criteria generation line
    lines protocol number nos no isrctn nct year years day1 tier visit
""")
_LIMITS = words("≥ ≤ < > ~ × ^ # /")
_BOUNDS = frozenset((side, end) for side in ("upper", "lower") for end in ("limit", "bound", "boundary"))
_LIMIT_WORDS = frozenset(("than", "least", "above", "below", "exceeding", "cutoff", "threshold", "cut-off", "upto"))
_DOSES = words("""
    mg μg ug mcg mg/kg g/kg iu gy mg/m2 mg/day ml μl mg/d units/kg iu/kg mg/kg/day u/kg mbq mci ppm mhz hz
    cgy mg/kg/d cells/kg mw nm
""")
_DOSE = words("dose doses dosage")
_TESTS = words("""
    auc auroc auprc kappa κ r rho ρ r2 r² icc sensitivity specificity accuracy ppv npv c-statistic c-index f1 β
    beta cronbach α alpha t f z χ2 χ q i2 τ2 correlation concordance coefficient coefficients statistic youden
    cut-off cutoff threshold power mcid lod aic bic χ² chi-square chi2 i² auc-roc likelihood predictive area
    brier precision recall heterogeneity
""")
_NOT_AFTER = words("""
    times fold-change centres centers sites hospitals studies trials countries groups arms sessions doses cycles
    weeks days months years items questions publications articles rcts genes snps databases hours minutes-long
    visits injections domains teeth-based categories clusters schools units-of tablets capsules drugs variables
""")  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d$")


class Question(NamedTuple):
    """A reason why a number is no result, its test, and the words that a sentence needs one of for it to be so."""

    reason: str
    test: Callable[[Line, Quantity], bool]
    words: frozenset[str] | None = None


def questions(said: set[str]) -> list[Question]:
    """Those that a sentence of these words gives cause to ask."""
    causes = _CAUSES & said
    return [one for one in QUESTIONS if one.words is None or not causes.isdisjoint(one.words)]


def distraction(line: Line, quantity: Quantity, asked: Sequence[Question]) -> str | None:
    """Why a quantity is no result, or None."""
    for reason, test, _ in asked:
        if test(line, quantity):
            return reason
    return None


def _date(line: Line, q: Quantity) -> bool:
    before, after = word(line.tokens, q.first - 1), word(line.tokens, q.last)
    text = line.tokens[q.first].text
    if q.is_bare() and text == "-" and _YEAR.match(before):
        return True  # the end of "2004-11"
    if q.is_bare() and before == "-" and _YEAR.match(word(line.tokens, q.first - 2)):
        return True
    if q.form == "count" and _YEAR.match(text) and word(line.tokens, q.first + 1) == "(":
        return True
    return q.is_bare() and (bool(_YEAR.match(text)) or before in _MONTHS or after in _MONTHS)


_MONTHS = words("""
    january february march april may june july august september october november december jan feb mar apr jun
    jul aug sep sept oct nov dec
""")


def _glued(line: Line, q: Quantity) -> bool:
    """Part of a name, a ratio or a longer number: "5-FU", "SRI(4)", "2-sided", "1:1", "two hundred ninety-six"."""
    if line.tokens[q.first].kind == "w" and word(line.tokens, q.first - 1) in ("hundred", "thousand"):
        return True
    if word(line.tokens, q.first + 1) == "p" and line.tokens[q.first + 1].start == line.tokens[q.first].end:
        return True  # "2P = 0.002"
    return _is_ratio(line, q) or _is_index(line, q) or _glued_after(line, q) or _glued_before(line, q)


def _is_index(line: Line, q: Quantity) -> bool:
    """Read "PASI 75 was reached", "ACR 20 response": a number that belongs to a name in capitals."""
    before = line.tokens[q.first - 1] if q.first else None
    if (
        before is None
        or before.kind != "w"
        or not q.is_bare()
        or "unit" in q.fields
        or "." in line.tokens[q.first].text
    ):
        return False
    capital = line.text[before.start : before.end].isupper() and before.end - before.start > 1
    return capital and (word(line.tokens, q.last) in VERBS or word(line.tokens, q.last).startswith("respon"))


def _is_ratio(line: Line, q: Quantity) -> bool:
    tokens = line.tokens
    right = word(tokens, q.last) == ":" and q.last + 1 < len(tokens) and tokens[q.last + 1].kind == "n"
    left = word(tokens, q.first - 1) == ":" and q.first > 1 and tokens[q.first - 2].kind == "n"
    return q.is_bare() and (right or left)


def _glued_after(line: Line, q: Quantity) -> bool:
    """A word or a sign right after the number, no space between."""
    tokens = line.tokens
    if q.last >= len(tokens) or tokens[q.last].start != tokens[q.last - 1].end:
        return False
    after = tokens[q.last]
    hyphened = after.text == "-" and _adjacent_word(line, q.last)
    signed = after.text in (":", "×", "^", "°") and q.form == "number" and _colon(line, q.last)
    worded = after.kind == "w" and after.value is None and tokens[q.last - 1].kind == "n"
    return hyphened or signed or (worded and q.is_bare() and "unit" not in q.fields)


def _glued_before(line: Line, q: Quantity) -> bool:
    """A word, a sign, or a word with a bracket or a hyphen right before the number."""
    tokens = line.tokens
    if q.first == 0 or tokens[q.first - 1].end != tokens[q.first].start:
        return False
    before = tokens[q.first - 1]
    if _is_second(line, q):
        return False
    worded = q.first > 1 and tokens[q.first - 2].end == before.start and tokens[q.first - 2].kind == "w"
    if before.text == "(" and worded:
        return q.is_bare()
    return before.kind == "w" or before.text in _STUCK or (before.text == "-" and worded)


def _is_second(line: Line, q: Quantity) -> bool:
    """The second of two results in "40%/30%"."""
    return q.form == "percent" and word(line.tokens, q.first - 1) == "/" and word(line.tokens, q.first - 2) == "%"


_STUCK = words("# × ^ : / . _")


def _colon(line: Line, i: int) -> bool:
    return line.tokens[i].text != ":" or (
        i + 1 < len(line.tokens) and line.tokens[i + 1].kind == "n" and line.tokens[i + 1].start == line.tokens[i].end
    )


def _adjacent_word(line: Line, i: int) -> bool:
    tokens = line.tokens
    return i + 1 < len(tokens) and tokens[i + 1].start == tokens[i].end and tokens[i + 1].kind == "w"


def _enumerates(line: Line, q: Quantity) -> bool:
    """Read "(1) Skin improved. (2) Lungs did not": a number that opens an item of a list."""
    i = q.first - 1
    if not q.depth or word(line.tokens, q.last) != ")" or word(line.tokens, i) != "(":
        return False
    opens = i == 0 or line.tokens[i - 1].text in (".", ";", ":", ",", "and")
    return opens and q.is_bare() and bool(q.fields["value"] < _ITEMS)


_ITEMS = 20


def _label(line: Line, q: Quantity) -> bool:
    before = word(line.tokens, q.first - 1)
    if before in ("grade", "grades", "toxicity", "stage", "stages") and not q.has("percent", "pm", "sd"):
        return True
    if before in ("group", "arm") and q.form == "percent" and word(line.tokens, q.last) in ("vs", "versus"):
        return True
    return q.is_bare() and (
        before in _LABELS
        or (
            word(line.tokens, q.first - 1) in ("or", "and", "-", "to", "/")
            and word(line.tokens, q.first - 3)
            in ("grade", "grades", "stage", "stages", "phase", "weeks", "days", "months", "type")
        )
    )


def _limit(line: Line, q: Quantity) -> bool:
    before = word(line.tokens, q.first - 1)
    return (
        (before in _LIMITS and not _is_second(line, q))
        or (before == "per" and (q.is_bare() or q.form == "percent"))
        or (before in ("ci", "cis") and q.form == "percent")
        or (before in _LIMIT_WORDS and q.form in ("number", "percent"))
        or (before == "to" and word(line.tokens, q.first - 2) == "up" and q.is_bare())
        or (before == "at" and word(line.tokens, q.first - 2) in ("set", "defined", "fixed"))
        or (
            word(line.tokens, q.last) == "or"
            and word(line.tokens, q.last + 1) in ("more", "less", "greater", "higher", "fewer")
        )
    )


def _bound(line: Line, q: Quantity) -> bool:
    """Read "the upper limit of normal was 40"."""
    near = [t.text for t in line.tokens[max(0, q.first - 14) : q.first]]
    return word(line.tokens, q.last - 1) != ")" and any(pair in _BOUNDS for pair in pairwise(near))


def _dose(line: Line, q: Quantity) -> bool:
    unit = str(q.fields.get("unit", "")) or word(line.tokens, q.last)
    head = unit.split(" ")[0]
    if (
        q.is_bare()
        and _DOSE & {t.text for t in line.tokens[max(0, q.first - 3) : q.first]}
        and word(line.tokens, q.first - 1) in ("of", "to")
    ):
        return True
    if q.form == "percent" and {"dose", "doses"} & {t.text for t in line.tokens[q.last : q.last + 4]}:
        return word(line.tokens, q.last) in ("higher", "lower", "greater", "smaller")
    given = _GIVEN & {t.text for t in line.tokens[max(0, q.first - 2) : q.first]}
    if q.is_bare() and given and head in _DOSES:
        return True
    bare = q.is_bare() or (set(q.fields) == {"value", "unit", "p_value"} and unit == "mg")
    return bare and (head in _DOSES or word(line.tokens, q.last) in _DOSES) and not _measured(line, q)


_GIVEN = words("injected given received receiving")


def _measured(line: Line, q: Quantity) -> bool:
    """A dose-like number that is reported as a result ("dosage decreased by 4.2 mg/day")."""
    before = [t.text for t in line.tokens[max(0, q.first - 30) : q.first]]
    if {"dose", "doses"} & set(before) and not _MOVED & set(before):
        return False  # "the median dose was 49.7 Gy" is what was given
    return bool(_REPORTED & set(before)) or bool({"was", "were", "by"} & set(before[-3:]))


_MOVED = words("decreased increased reduced decrease increase reduction change changed fell rose from tapered")
_REPORTED = words("""
    decreased increased changed changes decrease increase average level levels dosage reduced mean median change
    reduction difference
    weight volume loss consumption
""")


def _tested(line: Line, q: Quantity) -> bool:
    """AUC, r, kappa and the like right before the number."""
    if q.form == "effect":
        return False
    near = [t.text for t in line.tokens[max(0, q.first - 5) : q.first]]
    if _PLANNED & set(near) and not q.has("p_value", "events"):
        return True
    if (
        q.depth
        and q.is_bare()
        and any(t.text.startswith("correlat") for t in line.tokens[: q.first])
        and near[-1:] == ["="]
    ):
        return True
    if (
        near[-1:] == ["="]
        and q.is_bare()
        and len(near) > 1
        and len(near[-2]) < 3
        and near[-2].isalnum()
        and not q.has("unit")
    ):
        return True
    link = near[-1:] and near[-1] in ("=", ":", "of", "was", "were", ",", "(", "is", "-", "and", "to", "at", "from")
    tests = _LONG_TESTS if q.form != "number" or q.has("unit") else _TESTS
    if near[-1:] and near[-1] in tests:
        return True
    return bool(link) and any(text in tests for text in near[:-1])


def _second_p(line: Line, q: Quantity) -> bool:
    """Read the second number of "(P = 0.6 and 0.3, respectively)"."""
    near = [t.text for t in line.tokens[max(0, q.first - 5) : q.first]]
    if not q.depth or not q.is_bare() or "p" not in near or near[-1] not in ("and", ",", "or"):
        return False
    between = near[near.index("p") + 1 : -1]
    return bool(between) and all(text in "=<>≤≥" or text.replace(".", "").isdigit() for text in between)


_PLANNED = words("significance power margin detect cut-offs assumed assuming")
_LETTERS = words("alpha beta α β t f z q")  # with a percentage or a unit after them they name something else
_LONG_TESTS = _TESTS - _LETTERS


def _length(line: Line, q: Quantity) -> bool:
    """A time that is no result: a follow-up, a schedule, "after 12 months"."""
    before = word(line.tokens, q.first - 1)
    unit = str(q.fields.get("unit"))
    if q.is_bare() and unit in _SHORT_TIMES and before == "with" and word(line.tokens, q.last) == "of":
        return True  # "treated with 90 min of X"
    if q.is_bare() and unit in _SHORT_TIMES and before in ("at", "after", "for", "within", "every", "over"):
        return True
    beyond = word(line.tokens, q.last + 2) if word(line.tokens, q.last) in ("vs", "versus", "and") else ""
    own = q.fields.get("duration") or word(line.tokens, q.last) in UNITS or unit in UNITS
    if not own and not (q.is_bare() and beyond in UNITS):
        return False
    if before in ("over", "during") and q.has("pm", "sd"):
        return True  # "over 38 ± 14 months"
    near = {t.text for t in line.tokens[max(0, q.first - 8) : q.first] + line.tokens[q.last : q.last + 3]}
    if near & _FOLLOWED or not q.fields.get("duration"):
        return bool(near & _FOLLOWED)
    bare = set(q.fields) <= {"value", "unit", "duration", "p_value", "n"}
    return bare and not _is_twin(line, q) and not _lasts(line, q)


def _is_twin(line: Line, q: Quantity) -> bool:
    """The second of "was 3 days in A and 5 days in B"."""
    return any(
        other.first < q.first
        and other.fields.get("unit") == q.fields["unit"]
        and word(line.tokens, other.first - 1) in _VERBS
        for other in line.quantities
    )


def _lasts(line: Line, q: Quantity) -> bool:
    """Whether a time without spread is said to be a survival, a stay, a recovery."""
    before = word(line.tokens, q.first - 1)
    if q.depth and {"median", "mean"} & {t.text for t in line.tokens[max(0, q.first - 2) : q.first]}:
        return True  # "(median, 22 days)"
    said = {t.text for t in line.tokens[: q.last + 3]}
    centred = bool({"median", "mean"} & {t.text for t in line.tokens[: q.first]})
    linked = before in _LINKING and bool(_RESULT_TIME & said)
    if centred and (before in _VERBS or before in ("vs", "versus")):
        return True
    if q.depth and before in ("(", "vs", "versus", ".") and _compared(line, q):
        return bool(_RESULT_TIME & said)
    return linked and (bool(_CENTRES & said) or before in _VERBS or before in ("vs", "versus"))


def _compared(line: Line, q: Quantity) -> bool:
    """Read "(11.9 h vs 15.5 h)": another time in the same unit on the other side of "vs"."""
    return any(
        other.fields.get("unit") == q.fields.get("unit")
        and {"vs", "versus"} & {t.text for t in line.tokens[min(q.last, other.last) : max(q.first, other.first)]}
        for other in line.quantities
        if other is not q and abs(other.first - q.first) < 8
    )


_SHORT_TIMES = words("min minutes minute s sec seconds")
_FOLLOWED = words("follow-up followup followed follow observation")
_VERBS = words("was were took lasted required")
_LINKING = _VERBS | words(": , ( vs versus . of and to from by than is averaged with")
_CENTRES = words("median mean average took lasted")


_RESULT_TIME = words("""
    survival time stay duration pfs os dfs ttp delay length latency recovery took lasted healing hospitalization
    hospitalisation interval progression efs rfs dor times stays
""")


def _things(line: Line, q: Quantity) -> bool:
    head = word(line.tokens, q.last)
    if head in ("treatment", "study", "other", "patient") and word(line.tokens, q.last + 1) in _NOT_AFTER:
        return q.is_bare()  # "between the two treatment arms"
    return (q.is_bare() and head in _NOT_AFTER) or (q.form == "fraction" and head in _PARTS)


_PARTS = words("""
    components domains scales subscales items studies trials outcomes measures parameters criteria questions
    symptoms signs dimensions comparisons variables tests genes sites
""")


def is_arm_name(arms: Sequence[Arm], q: Quantity) -> bool:
    """Whether a number is part of an arm's name ("drug 20 mg")."""
    return q.is_bare() and any(arm.first <= q.first < arm.last for arm in arms)


QUESTIONS = (
    Question("the whole of a sentence", is_whole, words("of among")),
    Question("a date", _date),
    Question("an item of a list", _enumerates),
    Question("part of a name", _glued),
    Question("a grade or label", _label),
    Question("a threshold", _limit),
    Question("a threshold", _bound, words("limit bound boundary")),
    Question("a dose", _dose, _DOSES | _DOSE),
    Question("an age", is_age, AGED),
    Question("a trait of the sample", is_trait, TRAITED),
    Question("a test statistic", _tested, _TESTS | _PLANNED | {"="}),
    Question("a second p", _second_p, words("p")),
    Question("a size of the sample", is_enrolled, ENROLLED),
    Question("a length of time", _length),
    Question("a count of things", _things),
)
_CAUSES = frozenset(word for one in QUESTIONS for word in one.words or ())
