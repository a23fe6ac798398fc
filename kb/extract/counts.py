"""Counts of people and events without a denominator, and rates per person-time."""

from itertools import pairwise

from kb.extract.clauses import PREPOSITIONS, VERBS, open_bracket
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.line import Line
from kb.extract.tokens import Token, words

_EVENT_VERBS = words("""
    died developed experienced relapsed suffered survived had showed achieved progressed responded recovered
    discontinued withdrew reported required exhibited failed demonstrated improved worsened deteriorated needed met
""")


EVENT_NOUNS = words("""
    deaths death complications complication infections infection relapses relapse recurrences recurrence events
    event hospitalizations hospitalisations malignancies bleeds strokes failures exacerbations reactions
    fractures perforations leaks reoperations discontinuations withdrawals falls ruptures sae saes aes episodes
    infarctions hemorrhages haemorrhages seizures embolisms thromboses pneumonias stillbirths miscarriages births
    amputations revisions dislocations nonunions rejections crises
""")


def is_count(line: Line, q: Quantity) -> bool:
    """A count of people or events with no denominator: "four patients developed", "two deaths", "139 patients died"."""
    return _is_whole(line, q) and (_named(line, q) or divides(line, q) or _elliptic(line, q) or _in_row(line, q))


def _in_row(line: Line, q: Quantity) -> bool:
    """Read "was seen in 4 and 7 patients, respectively": whole numbers in a row, one of which is a count."""
    run = next((run for run in line.runs if run.first <= q.first < run.last), None)
    members = [line.quantities[i] for i in run.members] if run and not run.rising else []
    after = [word(line.tokens, run.last), *_following(line, run.last)] if run else []
    told = "respectively" in after
    bare = len(members) > 1 and told and all(m.is_bare() and _is_whole(line, m) for m in members)
    return bare and any(_named(line, m) for m in members if m is not q)


def _following(line: Line, i: int) -> list[str]:
    return [t.text for t in line.tokens[i + 1 : i + 3]]


def _named(line: Line, q: Quantity) -> bool:
    """Whether the words around a whole number say that it counts people or events."""
    tokens = line.tokens
    if word(tokens, q.last) in ("case", "cases", "episode", "episodes") and word(tokens, q.last + 1) in ("of", "each"):
        return True
    i = q.last
    while word(tokens, i) in PEOPLE or word(tokens, i) in _BETWEEN:
        i += 1
    i = _past_arm(line, q.last, i)
    people = any(t.text in PEOPLE for t in tokens[q.last : i])
    return (
        (q.depth > 0 and word(tokens, q.last) in _LISTED and word(tokens, q.last + 1) in (";", ",", ")"))
        or _weighed(line, q)
        or _acted(line, q, i, people)
        or _occurred(tokens, q.last, people)
        or (people and _in_state(tokens, i))
        or _were_there(line, q, i, people)
        or _is_event(tokens, i, people)
        or (people and _follows_count(line, q))
        or _happened_in(line, q)
    )


def _past_arm(line: Line, first: int, i: int) -> int:
    """Past a group named between people and their verb: "2 patients of the moss group died"."""
    ends = [arm.last for arm in line.arms if first < arm.first <= i + 2 and i < arm.last]
    return ends[0] if ends and word(line.tokens, ends[0]) in _EVENT_VERBS - {"failed", "had"} else i


def _is_whole(line: Line, q: Quantity) -> bool:
    """A plain number without sign, decimals, unit or spread."""
    first = line.tokens[q.first]
    plain = "value" in q.fields and not q.has("sd", "se", "pm", "unit", "ci_low", "pair", "bare")
    return plain and first.kind != "o" and "." not in first.text


def _acted(line: Line, q: Quantity, i: int, people: bool) -> bool:
    """Read "139 patients died", "three experienced"."""
    verb = word(line.tokens, i)
    if i == q.last and verb == "with" and not people:  # "2 with PAH died"
        return bool({"died", "relapsed", "survived"} & {t.text for t in line.tokens[i + 2 : i + 5]})
    if verb == "received":
        return people and "diagnosis" in (word(line.tokens, i + 1), word(line.tokens, i + 2))
    sure = people or line.tokens[q.first].kind == "w" or verb in ("died", "relapsed")
    return verb in _EVENT_VERBS and (sure or (i == q.last and _has_like(line, q)))


def _has_like(line: Line, q: Quantity) -> bool:
    """Whether another number is followed by such a verb too: "1 achieved X, 9 achieved Y and 10 had Z"."""
    return any(o is not q and o.is_bare() and word(line.tokens, o.last) in _EVENT_VERBS for o in line.quantities)


def _weighed(line: Line, q: Quantity) -> bool:
    """Read "deaths (9 vs 12)", "fewer deaths from X (68 vs 120": two whole numbers in a bracket after events."""
    opened = open_bracket(line.tokens, q.first) if q.depth else None
    if opened is None:
        return False
    run = next((run for run in line.runs if run.first <= q.first < run.last), None)
    if run is None or not run.versus or run.first != opened + 1:
        return False
    members = [line.quantities[i] for i in run.members]
    whole = all(_is_whole(line, m) and not m.has("pair") for m in members)
    before = {t.text for t in line.tokens[max(0, opened - 8) : opened]}
    texts = [t.text for t in line.tokens[max(0, opened - _CLAUSE) : opened]]
    fewer = any(text in _MORE and after in PEOPLE for text, after in pairwise(texts))
    listed = any(other is not run and other.versus and len(other.members) == len(run.members) for other in line.runs)
    told = fewer or bool(EVENT_NOUNS & before) or (listed and bool(EVENT_NOUNS & set(texts)))
    return whole and told and not {"score", "scores", "mean", "median", "rate", "rates"} & before


_CLAUSE = 70  # words before a bracket in which a list of events may have begun
_MORE = words("fewer more less")
_LISTED = words("cases events deaths episodes")


def _occurred(tokens: list[Token], i: int, people: bool) -> bool:
    """Read "two solid tumours have developed", "12 fractures were reported"."""
    last = i
    while last < i + 4 and last < len(tokens) and tokens[last].kind == "w" and tokens[last].text not in VERBS:
        last += 1
    if people or last == i or word(tokens, last - 1) in _NO_EVENTS or word(tokens, last - 1) in PREPOSITIONS:
        return False
    helped = word(tokens, last) in ("have", "had", "has", "were", "was")
    done = last + helped + (word(tokens, last + 1) == "been")
    return word(tokens, done) in (_HAPPENING if helped else _BEGUN) and not any(
        t.text in PREPOSITIONS for t in tokens[i:last]
    )


_BEGUN = words("occurred developed")
_HAPPENING = _BEGUN | words("reported observed diagnosed recorded noted seen detected")


def _in_state(tokens: list[Token], i: int) -> bool:
    """Read "seven patients were able to work", "20 cases were cured", a bracket after the people stepped over."""
    if word(tokens, i) == "(":
        i = next((j + 1 for j in range(i, min(len(tokens), i + 16)) if tokens[j].text == ")"), i)
    return word(tokens, i) in ("were", "was", "are", "remained", "became") and word(tokens, i + 1) in _STATES


_STATES = words("""
    alive dead able unable cured free disease-free relapse-free symptom-free asymptomatic pain-free seizure-free
    healed improved unchanged worse better positive negative pregnant seropositive capable dependent independent
    clinically
""")


def divides(line: Line, q: Quantity) -> bool:
    """Read "seven patients (three on moss and four on fern) were able": parts of a count that is a result."""
    opened = open_bracket(line.tokens, q.first) if q.depth else None
    whole = [other for other in line.quantities if opened and other.last <= opened <= other.last + 3]
    if opened is None or not whole or whole[-1].depth:
        return False
    parts = [other for other in line.quantities if open_bracket(line.tokens, other.first) == opened]
    values = [part.fields.get("value", -1) for part in parts]
    return (
        len(parts) > 1
        and sum(values) == whole[-1].fields.get("value")
        and _is_whole(line, whole[-1])
        and _named(line, whole[-1])
    )


def _were_there(line: Line, q: Quantity, i: int, people: bool) -> bool:
    """Read "there were 10 infarctions"."""
    tokens = line.tokens
    there = word(tokens, q.first - 1) in ("were", "was") and word(tokens, q.first - 2) == "there"
    return there and not people and i < len(tokens) and tokens[i].kind == "w" and tokens[i].text not in _NO_EVENTS


def _is_event(tokens: list[Token], i: int, people: bool) -> bool:
    """Read "two deaths", "12 adverse events"; not "death rate"."""
    event = (
        word(tokens, i) in EVENT_NOUNS
        or f"{word(tokens, i)}s" in EVENT_NOUNS
        or (people and word(tokens, i - 1) in ("events", "episodes"))
    )
    return event and word(tokens, i + 1) not in ("rate", "rates")


def _follows_count(line: Line, q: Quantity) -> bool:
    """Read "12 patients (44%) in A compared to 6 patients in B"."""
    before = [other for other in line.quantities if other.first < q.first]
    if not before or before[-1].form not in ("count", "fraction"):
        return False
    return bool(_COMPARED & {t.text for t in line.tokens[before[-1].last : q.first]})


_COMPARED = words("compared versus vs and than")
_BETWEEN = words("""
    of the these who in each serious treatment-related postoperative procedure-related perioperative drug-related
    grade major minor early late severe
""")


_NO_EVENTS = words("""
    studies trials groups arms centres centers sites difference differences patients participants men women
    males females articles items months weeks days years in of to
""")


_HAPPENED = words("""
    diagnosed observed found detected identified occurred developed seen reported present noted recorded
    documented confirmed achieved attained obtained supervened ensued happened
""")


def _happened_in(line: Line, q: Quantity) -> bool:
    """Read "X was diagnosed in 12", "occurred in four patients"."""
    tokens = line.tokens
    treated = any(0 <= arm.first - q.last < 2 for arm in line.arms)
    return (
        word(tokens, q.first - 1) == "in"
        and word(tokens, q.first - 2) in _HAPPENED
        and (treated or word(tokens, q.last) in PEOPLE or word(tokens, q.last) in (",", ".", ";", "and", ""))
    )


def _elliptic(line: Line, q: Quantity) -> bool:
    """Read "(64 in the A group vs 75 in the B group)" after a count; "two deaths in A and one in B"."""
    tokens = line.tokens
    if word(tokens, q.last) not in ("in", "with", "vs", "versus", "of", "on", "receiving") or q.first == 0:
        return False
    before = [t.text for t in tokens[: q.first]]
    if _repeats(line, q):
        return True
    if tokens[q.first].kind == "w" and word(tokens, q.last) == "in":
        return (
            word(tokens, q.first - 1) in ("and", ",", "vs")
            and bool(EVENT_NOUNS & set(before))
            and any(arm.first - q.last <= 2 for arm in line.arms if arm.first >= q.last)
        )
    return (
        bool(q.depth)
        and bool({"died", "deaths", "relapsed", "events"} & set(before))
        and any(arm.first - q.last <= 3 for arm in line.arms if arm.first >= q.last)
    )


_REPEATED = 3  # numbers back to the one whose noun the later ones leave out


def _repeats(line: Line, q: Quantity) -> bool:
    """Read "there were 24 fractures on moss and 19 on fern": a count as the one before it, which needs no noun."""
    earlier = [other for other in line.quantities if other.last <= q.first]
    joint = word(line.tokens, q.first - 1)
    joint = word(line.tokens, q.first - 2) if joint == "only" else joint
    if not earlier or not earlier[-1].is_bare() or joint not in ("and", "vs", "versus", ",", "to", "with", "than"):
        return False
    nouns = [t.text for t in line.tokens[earlier[-1].last : q.first]]
    armed = any(q.last < arm.first <= q.last + 2 for arm in line.arms)
    alike = word(line.tokens, q.last) in nouns or joint in ("to", "with", "than") or (joint == "," and armed)
    return alike and any(_is_whole(line, other) and _named(line, other) for other in earlier[-_REPEATED:])
