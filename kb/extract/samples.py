"""Numbers that describe the sample: ages, traits, sizes, the flow of patients."""

from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.line import Line
from kb.extract.tokens import words

_ENROL = words("""
    enrolled enroled recruited randomized randomised included screened eligible participated underwent
    received completed analyzed analysed assigned allocated evaluated assessed consented invited excluded
    treated entered registered followed selected evaluable available withdrew identified categorized categorised
    classified stratified managed hospitalized hospitalised studied examined participating reviewed interviewed
    contributed consecutive female male women men girls boys white black asian hispanic females males caucasian
    returned lost
""")


_TRAITS = words("""
    age aged ages female females male sex gender race white smokers duration bmi weight height years-old
    caucasian
""")


def is_whole(line: Line, q: Quantity) -> bool:
    """The whole that a sentence begins with: "Of 266 deaths, ...", "Among the 40 patients with X, ..."."""
    return (
        q.is_bare()
        and word(line.tokens, 0) in ("of", "among")
        and q.first < 4
        and all(t.text in ("the", "of", "all", "these", "a", "total", "among", "our") for t in line.tokens[: q.first])
    )


def is_age(line: Line, q: Quantity) -> bool:
    """An age: "mean age 54 years", "aged 18-65", "years old"."""
    if q.form == "effect" or q.has("effect_measure"):
        return False
    if str(q.fields.get("unit", "years")) not in _AGES:
        return False  # "weight at ages 3-6 years was 12.7 kg"
    near = [t.text for t in line.tokens[max(0, q.first - 6) : q.first]]
    if near[-1:] in (["vs"], ["versus"], ["."]) and q.depth and q.form == "number":
        near = [t.text for t in line.tokens[max(0, q.first - 16) : q.first]]  # the second of two that are compared
        near = near[max((i for i, text in enumerate(near) if text == "("), default=0) :]
    after = [t.text for t in line.tokens[q.last : q.last + 3]]
    return (
        "age" in near
        or "aged" in near
        or "ages" in near
        or after[:1] == ["old"]
        or after[:2] == ["of", "age"]
        or "aged" in after[:1]
    ) and "age-standardised" not in near


_AGES = words("years year y yr yrs months month mo weeks week days day %")


def is_trait(line: Line, q: Quantity) -> bool:
    """Sex, origin, smoking and the like: who the patients are, not what became of them."""
    if q.form == "effect" or q.has("effect_measure", "ci_low"):
        return False
    if word(line.tokens, q.last) == "of":
        return False  # "50% of the women" is of them, "50% women" is who they are
    if q.depth and any(t.text in _WHO for t in line.tokens[q.first : q.last]):
        return True  # "(169 men [86%])"
    near = [t.text for t in line.tokens[max(0, q.first - 4) : q.first]]
    if not q.depth and ")" in near:
        near = near[near.index(")") :]  # what a bracket says before it is of something else
    after = [t.text for t in line.tokens[q.last : q.last + 5] if t.text not in _PASSED]
    if after[:1] and after[0] in _WHO and q.is_bare() and _suffered(line, q.last + 1):
        return False  # "136 women (74 on A, 62 on B) developed X"
    if after[:1] and after[0] in _WHO:
        return q.form != "number" or q.is_bare()
    named = bool(_CALLED & set(near[-3:])) and q.form in ("percent", "count", "number")
    return named or ("duration" in near and "disease" in near)


def _suffered(line: Line, i: int) -> bool:
    """Whether a verb of what became of people follows, past a bracket."""
    if word(line.tokens, i) == "(":
        i = next((j + 1 for j in range(i, min(len(line.tokens), i + 14)) if line.tokens[j].text == ")"), i)
    return word(line.tokens, i) in ("developed", "died", "experienced", "relapsed", "reported", "achieved", "suffered")


_PASSED = words("of were was the patients participants subjects them whom , ( )")
_WHO = words("female females male males women men woman girls boys white caucasian black smokers")
_CALLED = words("""
    female females male males male:female female/male sex smokers caucasian caucasians whites blacks
""")


def is_enrolled(line: Line, q: Quantity) -> bool:
    """Sizes and the flow of patients: "125 patients were enrolled", "70 (64%) completed"."""
    if q.has("sd", "se", "pm", "ci_low", "iqr_low", "effect_measure"):
        return False
    after = [t.text for t in line.tokens[q.last : q.last + 7]]
    if q.depth and after[:1] == ["treated"]:
        return False  # a part of what stands before the bracket
    if q.depth and q.form == "percent" and q.has("n") and _DRAWN & {t.text for t in line.tokens[: q.first]}:
        return True  # "were randomised to A (40%; n = 20) or B (60%; n = 30)"
    act = next((i for i, text in enumerate(after) if text in _ENROL), None)
    if act is not None and "diagnosis" in after:
        return False
    if (
        act is not None
        and not ({"in", "of"} & set(after[:act]) and after[act] in _SEXES)
        and all(text in _LOOSE or text in PEOPLE for text in after[:act])
    ):
        active = after[act] in _ACTIVE or (act > 0 and after[act - 1] in ("were", "was", "been"))
        return q.form == "number" or (active and after[act] not in ("treated", "identified"))
    before = [t.text for t in line.tokens[max(0, q.first - 4) : q.first]]
    counted = q.is_bare() and "total" in before and bool(PEOPLE & set(after[:1]))
    return counted or (q.form != "effect" and bool(_ENROLLING & set(before[-1:])))


_DRAWN = words("randomized randomised assigned allocated")
_SEXES = words("female male females males women men girls boys white black asian")
_ENROLLING = words("included enrolled recruited randomized randomised enrolling including analyzed involving")

#: A sentence without any of these words says no age, no trait, no size.
AGED = words("age aged ages old")
TRAITED = _WHO | _CALLED | {"duration"}
ENROLLED = _ENROL | _ENROLLING | {"total"}


_ACTIVE = words("""
    categorized categorised classified completed underwent participated received withdrew consented returned
    female male females males women men girls boys white black contributed
""")


_LOOSE = words("""
    of the were was had have has been patients in all women men total and ( ) , consecutive eligible
    with out
""")
