"""Who the numbers are about: arms declared anywhere in the article, and their mentions in a sentence."""

from kb.extract.clauses import VERBS, past_opener
from kb.extract.compared import DOSE_UNITS
from kb.extract.declared import NO_ARMS
from kb.extract.details import word
from kb.extract.frames import pieces
from kb.extract.groups import grouped
from kb.extract.names import GROUP, MEMBERS, Arm, label_start, label_text, noun_phrase
from kb.extract.phrases import Phrases
from kb.extract.tokens import Token, words

#: The label of a mention that only says that it is not the arm before it.
OTHER = "other group"
_LEXICAL = (
    "placebo",
    "controls",
    "control",
    "sham",
    "usual care",
    "standard care",
    "standard of care",
    "healthy controls",
    "healthy volunteers",
    "volunteers",
    "standard therapy",
    "standard treatment",
    "males",
    "females",
    "male",
    "female",
    "men",
    "women",
    "entire cohort",
    "conventional therapy",
    "conventional treatment",
    "no treatment",
    "vehicle",
    "surgery alone",
)


_EVERYWHERE = Phrases([(form, form) for form in _LEXICAL])


def table(names: dict[str, str]) -> Phrases[str]:
    """Phrases of the declared arms and of those every reader knows (placebo, controls, women)."""
    return Phrases(names.items(), _EVERYWHERE) if names else _EVERYWHERE


def find_arms(tokens: list[Token], text: str, known: Phrases[str]) -> list[Arm]:
    """Mentions in a sentence from left to right: by grammar, and by name."""
    found = [arm for arm in grouped(tokens, text) if not _general(arm.label) or _treated(tokens, arm)]
    taken = {i for arm in found for i in range(arm.first, arm.last)}
    said = {token.text for token in tokens}
    sexes = len({text[0] for text in said & _SEXES}) > 1
    for match in known.find(tokens):
        if not sexes and match.meaning in _SEXES:
            continue
        if match.meaning == "control" and _of_disease(tokens, match.first):
            continue
        if taken.isdisjoint(range(match.first, match.last)):
            label = text[tokens[match.first].start : tokens[match.last - 1].end]
            sure = word(tokens, match.last) in MEMBERS or word(tokens, match.first - 1) in _SURELY
            found.append(Arm(match.first, match.last, match.meaning if label[:1].isdigit() else label, sure))
    found += _others(tokens, found)
    dosed = [] if said.isdisjoint(DOSE_UNITS) else _dosed(tokens, text)
    found = [arm for arm in found if not any(d.first <= arm.first and arm.last < d.last for d in dosed)]
    taken = {i for arm in found for i in range(arm.first, arm.last)}
    found += [arm for arm in dosed if taken.isdisjoint(range(arm.first, arm.last))]
    found = _compared(tokens, text, sorted(found), said)
    return _elliptic(tokens, found) if "without" in said else found


def _of_disease(tokens: list[Token], i: int) -> bool:
    """Read "pain control", "bladder control symptoms": what is kept in check, no group."""
    return word(tokens, i - 1) in _CONTROLLED or word(tokens, i + 1) in ("rate", "rates", "symptoms", "problems")


def _general(label: str) -> bool:
    """Whether a label has a word that names no arm; "and", "or" inside do not count ("stroke and infarct")."""
    said = label.lower().split()
    return bool((set(said[:1]) | set(said[-1:]) | (set(said) - {"and", "or"})) & NO_ARMS)


def _others(tokens: list[Token], found: list[Arm]) -> list[Arm]:
    """Read "in the other group", "than in the other arm": the one that the sentence has not named."""
    taken = {i for arm in found for i in range(arm.first, arm.last)}
    spots = [(i, i + 2) for i, t in enumerate(tokens) if t.text == "other" and word(tokens, i + 1) in _SIDES]
    spots += [(i, i + 1) for i, t in enumerate(tokens) if t.text == "others" and word(tokens, i - 2) in _LED]
    return [Arm(a, b, OTHER, True) for a, b in spots if a and tokens[a - 1].text == "the" and a not in taken]


_SIDES = words("group arm cohort")


def _dosed(tokens: list[Token], text: str) -> list[Arm]:
    """Read "drug 20 mg (-1.1%), 40 mg (-1.5%)": a dose right before a bracket or "was" stands for an arm."""
    found: list[Arm] = []
    for i in range(1, len(tokens) - 3):
        if tokens[i].kind != "n" or tokens[i + 1].text not in DOSE_UNITS or tokens[i + 2].text not in _AFTER_DOSE:
            continue
        if tokens[i + 2].text == "(" and tokens[i + 3].kind == "n" and word(tokens, i + 4) in ("-", "to", ",", ";"):
            continue  # an amount with its interval
        drug = tokens[i - 1]
        named = drug.kind == "w" and len(drug.text) > 4 and drug.text not in _NO_DRUG
        follows = bool(found) and drug.text in (",", "or", "and")
        if named or follows:
            first = i - named
            found.append(Arm(first, i + 2, label_text(tokens, text, first, i + 2), tokens[i + 2].text in VERBS))
    return found


_AFTER_DOSE = words("( ) was were had group arm groups")
_NO_DRUG = VERBS | words("""
    under after before doses about since least median between during using daily every other weekly until dosage
    intake increments averaged change reduction difference decrease increase level levels
""")


def _treated(tokens: list[Token], arm: Arm) -> bool:
    """Whether an arm is called "the treatment group", or "the study group" beside a control group."""
    called = tokens[arm.first].text
    controlled = called in ("study", "intervention", "trial") and any(t.text in ("control", "controls") for t in tokens)
    return arm.last - arm.first in (1, 2) and (called == "treatment" or controlled)


def _compared(tokens: list[Token], text: str, found: list[Arm], said: set[str]) -> list[Arm]:
    """Read "more with A than with B", "treated with A versus B": the words on both sides of the comparison."""
    made = found + (_set_apart(tokens, text, found) if "compared" in said else [])
    made += _opening_reference(tokens, text, found)
    made += _between(tokens, text, made) if "between" in said else []
    if said.isdisjoint(_COMPARERS):
        return sorted(made)
    taken = {i for arm in made for i in range(arm.first, arm.last)}
    for i, token in [(i, token) for i, token in enumerate(tokens) if token.text in _COMPARERS]:
        weighed = _weighs(tokens, i)
        if not (weighed or token.text in ("than", "versus", "vs")) or i == 0 or i in taken or _excepting(tokens, i):
            continue
        right = _right_side(tokens, text, i + weighed)
        if weighed and (right is None or not _opens_bracket(tokens, right[1])):
            continue
        known = i - 1 in taken
        left = None if known else _left_side(tokens, text, i, right, found)
        if left and taken.isdisjoint(range(*left)):
            made.append(Arm(*left, label_text(tokens, text, *left), True))
            taken |= set(range(*left))
        sided = known or left is not None or any(arm.first < i for arm in found)
        ended = right is not None and (_closes(tokens, i, right) or word(tokens, right[1]) == "(")
        if sided and right and taken.isdisjoint(range(*right)) and (known or left or ended):
            made.append(Arm(*right, label_text(tokens, text, *right), True))
    return sorted(made)


def _opens_bracket(tokens: list[Token], i: int) -> bool:
    """Whether a bracket follows, at once or after "patients", "group"."""
    return word(tokens, i + (word(tokens, i) in MEMBERS or word(tokens, i) in GROUP)) == "("


def _weighs(tokens: list[Token], i: int) -> bool:
    """Whether "compared with", "superior to" stands here, not at the very beginning of the sentence."""
    if tokens[i].text == "compared":
        return i > 3 and word(tokens, i + 1) in ("to", "with")
    return tokens[i].text in _RANKS and word(tokens, i + 1) == "to"


_RANKS = words("superior inferior noninferior non-inferior")
_COMPARERS = _RANKS | {"compared", "than", "versus", "vs"}


def _set_apart(tokens: list[Token], text: str, found: list[Arm]) -> list[Arm]:
    """Read "X patients, (as) compared with Y patients, had ...": both, set apart by commas after the subject."""
    for i in range(2, min(12, len(tokens) - 3)):
        apart = tokens[i].text == "compared" and tokens[i + 1].text in ("with", "to")
        comma = i - 1 - (tokens[i - 1].text == "as")
        if not apart or tokens[comma].text != "," or any(t.text in VERBS for t in tokens[:comma]):
            continue
        first = tokens[0].text in ("the", "a")
        subject = next((k for k in range(first, comma) if tokens[k].text in MEMBERS), comma)
        right = _right_side(tokens, text, i + 1 - (tokens[i + 1].text == "with"))
        sides = [(first, subject), right] if right and first < subject else []
        free = [s for s in sides if not any(arm.first < s[1] and s[0] < arm.last for arm in found)]
        return [Arm(a, b, label_text(tokens, text, a, b), True) for a, b in free]
    return []


def _opening_reference(tokens: list[Token], text: str, found: list[Arm]) -> list[Arm]:
    """X in "Compared with X, ..."."""
    if word(tokens, 0) not in ("compared", "relative") or word(tokens, 1) not in ("with", "to"):
        return []
    first = 2 + (word(tokens, 2) in ("the", "those"))
    first += word(tokens, first) in _LED
    last = noun_phrase(tokens, text, first)
    ended = word(tokens, last + (word(tokens, last) in MEMBERS or word(tokens, last) in GROUP)) == ","
    last -= last > first + 1 and tokens[last - 1].text in MEMBERS
    free = not any(arm.first < last and first < arm.last for arm in found)
    plain = ended and free and first < last and tokens[first].text not in _NO_SIDE
    return [Arm(first, last, label_text(tokens, text, first, last), True)] if plain else []


def _between(tokens: list[Token], text: str, found: list[Arm]) -> list[Arm]:
    """Read "did not differ between A and B" where one of them is an arm: so is the other."""
    made: list[Arm] = []
    for i in [i for i, t in enumerate(tokens) if t.text == "between"]:
        first = i + 1 + (word(tokens, i + 1) == "the")
        middle = next((arm.last for arm in found if arm.first == first), None)
        known = middle is not None
        middle = middle or noun_phrase(tokens, text, first)
        second = middle + 1 + (word(tokens, middle + 1) == "the")
        if middle == first or word(tokens, middle) != "and":
            continue
        other = next((arm for arm in found if arm.first == second), None)
        last = noun_phrase(tokens, text, second)
        if known and other is None and last > second:
            made.append(Arm(second, last, label_text(tokens, text, second, last), True))
        elif other is not None and not known:
            made.append(Arm(first, middle, label_text(tokens, text, first, middle), True))
    return made


def _excepting(tokens: list[Token], i: int) -> bool:
    """Read "reasons other than X", "rather than X": no comparison of groups."""
    near = {t.text for t in tokens[max(0, i - 3) : i]}
    return tokens[i].text == "than" and bool({"other", "rather"} & near)


def _right_side(tokens: list[Token], text: str, i: int) -> tuple[int, int] | None:
    """The words after "than": up to four, past a preposition and an article."""
    j = i + 1 + (word(tokens, i + 1) == ".")
    j += word(tokens, j) in _LED
    while word(tokens, j) in ("the", "in", "a", "those", "that", "with", "of", "for"):
        j += 1
    j += 2 * (word(tokens, j) == "who" and word(tokens, j + 1) in ("were", "had", "was"))
    last = noun_phrase(tokens, text, j)
    return (j, last) if j < last < j + 5 and tokens[last - 1].text != "without" else None


def _left_side(
    tokens: list[Token], text: str, i: int, right: tuple[int, int] | None, found: list[Arm]
) -> tuple[int, int] | None:
    """The words before "than": after a preposition, after "fewer", else a short subject of the sentence."""
    first = label_start(tokens, text, i, max(0, i - 4))
    lead = word(tokens, first - 1)
    people = right is not None and word(tokens, right[1]) in MEMBERS
    whose = _people_first(tokens, text, first) if people and lead in _FEWER else None
    if whose:
        return whose
    if first < i and tokens[i - 1].kind == "w" and (lead in _LED or lead == "the" or (people and lead in _FEWER)):
        return first, i
    state = next((j for j in range(i - 1, max(0, i - 5), -1) if tokens[j].text in ("was", "were", "is")), None)
    begun = label_start(tokens, text, state, max(0, state - 4)) if state and right else None
    if state and begun is not None and begun < state and word(tokens, begun - 1) in ("in", "among"):
        return begun, state
    weighed = tokens[i].text == "compared"
    alone = right is not None and not any(arm.first < i for arm in found) and _closes(tokens, i + weighed, right)
    return _opening(tokens, i) if alone else None


def _people_first(tokens: list[Token], text: str, stop: int) -> tuple[int, int] | None:
    """X in "X patients had more ulcers than Y patients"."""
    people = next((i for i in range(1, min(stop, 7)) if tokens[i].text in MEMBERS), None)
    if people is None or word(tokens, people + 1) not in VERBS:
        return None
    first = label_start(tokens, text, people, max(0, people - 4))
    return (first, people) if first < people else None


def _closes(tokens: list[Token], i: int, right: tuple[int, int]) -> bool:
    """Whether the right side stands alone before a bracket or a stop: "than Y (", "than Y, "."""
    led = word(tokens, i + 1) in _LED
    return not led and tokens[right[0]].text not in _NO_SIDE and word(tokens, right[1]) in ("(", ",", ".", "", ")")


_FEWER = ("fewer", "more", "less")


def _opening(tokens: list[Token], stop: int) -> tuple[int, int] | None:
    """A short subject at the beginning of the sentence: X in "X were more resistant than Y"."""
    start = past_opener(tokens, 0, stop)
    verb = next((i for i in range(start, stop) if tokens[i].text in VERBS), stop)
    span = next(pieces(tokens, start, verb, set()), None)
    if span is None or verb >= stop or span[1] != verb or span[1] - span[0] > 3:
        return None
    return None if {t.text for t in tokens[span[0] : span[1]]} & _MEASURED else span


_MEASURED = words("""
    end point endpoint outcome rate rates mortality incidence score scores level levels survival risk time
    results responses response events event number death deaths
""")


_NO_SIDE = words("""
    expected baseline before previously usual once those that others predicted one half normal average either
    any
""")
_CONTROLLED = words(
    "local locoregional disease tumor tumour pain glycemic glycaemic symptom blood seizure weight asthma"
)
_SURELY = words("with in for after on among by under during without from receiving than versus vs of")
_LED = ("with", "in", "for", "after", "on", "among", "by", "under", "during", "without")


_SEXES = words("men women male female males females")


def _elliptic(tokens: list[Token], found: list[Arm]) -> list[Arm]:
    """Read "... with X versus ... without", "than those without": the other side of the arm before it."""
    made = list(found)
    for i, token in enumerate(tokens):
        if token.text == "without" and (
            i + 1 == len(tokens) or tokens[i + 1].kind == "o" or tokens[i + 1].text in VERBS
        ):
            before = [arm for arm in found if arm.last <= i]
            if before:
                made.append(Arm(i - (word(tokens, i - 1) == "those"), i + 1, f"without {before[-1].label}", True))
    return sorted(made)
