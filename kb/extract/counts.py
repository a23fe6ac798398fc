"""Counts of people and events without a denominator, and rates per person-time."""

from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.line import Line
from kb.extract.tokens import Token, words

_EVENT_VERBS = words("""
    died developed experienced relapsed suffered survived had showed achieved progressed responded recovered
    discontinued withdrew reported required exhibited failed demonstrated improved worsened deteriorated
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
    tokens = line.tokens
    if not _is_whole(line, q):
        return False
    if word(tokens, q.last) in ("case", "cases", "episode", "episodes") and word(tokens, q.last + 1) in ("of", "each"):
        return True
    i = q.last
    while word(tokens, i) in PEOPLE or word(tokens, i) in _BETWEEN:
        i += 1
    people = any(t.text in PEOPLE for t in tokens[q.last : i])
    return (
        _acted(line, q, i, people)
        or _were_there(line, q, i, people)
        or _is_event(tokens, i, people)
        or (people and _follows_count(line, q))
        or _happened_in(line, q)
        or _elliptic(line, q)
    )


def _is_whole(line: Line, q: Quantity) -> bool:
    """A plain number without sign, decimals, unit or spread."""
    first = line.tokens[q.first]
    plain = "value" in q.fields and not q.has("sd", "se", "pm", "unit", "ci_low", "pair", "bare")
    return plain and first.kind != "o" and "." not in first.text


def _acted(line: Line, q: Quantity, i: int, people: bool) -> bool:
    """Read "139 patients died", "three experienced"."""
    verb = word(line.tokens, i)
    if verb == "received":
        return people and "diagnosis" in (word(line.tokens, i + 1), word(line.tokens, i + 2))
    return verb in _EVENT_VERBS and (people or line.tokens[q.first].kind == "w" or verb in ("died", "relapsed"))


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
    documented confirmed achieved attained obtained
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
    if word(tokens, q.last) not in ("in", "with", "vs", "versus", "of") or q.first == 0:
        return False
    before = [t.text for t in tokens[: q.first]]
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
