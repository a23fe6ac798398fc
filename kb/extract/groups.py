"""Groups by their grammar: "the X group", "Arm A", "patients receiving X", "those without X"."""

from dataclasses import dataclass, replace

from kb.extract.clauses import VERBS
from kb.extract.details import word
from kb.extract.tokens import Token, words

GROUP = words("group groups arm arms cohort cohorts subgroup subgroups")


MEMBERS = words("""
    patients participants subjects individuals women men children adults infants recipients those volunteers
    people girls boys eyes pts users
""")


_RECEIVE = words("""
    receiving received receive treated taking assigned allocated randomized randomised given undergoing
    underwent using on
""")


_EDGE = words("""
    the a an in of with and or to than for between both each all two three four other into from by at on was
    were is are had has have that this these those their either neither within among as per our study treatment
    respective same compared versus vs when while but not only after before during whereas who which no its it
    one more less higher lower different assigned comparing respectively significantly reported observed
    occurred developed experienced received showed across entire every any control/ if because since although
    such so there randomized randomised divided allocated included patients participants subjects also first
""")


_SPOTS = GROUP | MEMBERS | _RECEIVE | {"regimen"}


@dataclass(frozen=True, slots=True, order=True)
class Arm:
    """A mention of an arm at tokens first:last; start:end is the label's place in the text (-1: none of its own).

    sure: a group by its grammar ("the X group"), not only a word that names one elsewhere.
    """

    first: int
    last: int
    label: str
    sure: bool


def grouped(tokens: list[Token], text: str) -> list[Arm]:
    """Read "the X group", "Arm A", "patients receiving X", "those without X", "X-treated patients"."""
    found: list[Arm] = []
    end = 0
    for i in [i for i, token in enumerate(tokens) if token.text in _SPOTS]:
        if i < end:
            continue
        token, arm = tokens[i], None
        if token.text in GROUP:
            if token.text.endswith("s") or "respectively" in (word(tokens, i + 1), word(tokens, i + 2)):
                found += _listed_before(tokens, text, i, end)
            found += (numbered := _numbered(tokens, text, i))
            arm = (numbered[-1] if numbered else None) or (
                (_receiving(tokens, text, i) if word(tokens, i + 1) in _RECEIVE else None)
                or _named_after(tokens, text, i)
                or _named_before(tokens, text, i, found[-1].last if found else 0)
            )
        elif token.text == "regimen":
            arm = _named_after(tokens, text, i)
        elif token.text in MEMBERS:
            arm = _people(tokens, text, i, end)
        elif (token.text in _RECEIVE and i and tokens[i - 1].text in (")", "%")) or token.text == "receiving":
            arm = _receiving(tokens, text, i - 1)
            arm = replace(arm, first=i) if arm else None
        if arm:
            found += [arm] if arm not in found[-1:] else []
            end = arm.last
    return found


def _numbered(tokens: list[Token], text: str, i: int) -> list[Arm]:
    """Read "groups 1, 2 and 3", "arms A and B": one arm for each."""
    found: list[Arm] = []
    name = tokens[i].text.removesuffix("s")
    last = i + 1
    while tokens[i].text.endswith("s") and last < len(tokens):
        token = tokens[last]
        letter = token.end - token.start == 1 and (token.kind == "n" or text[token.start].isupper())
        if letter and word(tokens, last + 1) != "%":
            found.append(Arm(last - (not found), last + 1, f"{name} {text[token.start : token.end]}", True))
        elif not found or token.text not in (",", "and", "or", "vs", "versus"):
            break
        last += 1
    return found if len(found) > 1 else []


def _listed_before(tokens: list[Token], text: str, i: int, edge: int) -> list[Arm]:
    """All but the last of "the X, Y and Z groups"."""
    found: list[Arm] = []
    stop = label_start(tokens, text, i, max(edge, i - 5))
    while stop > edge + 1 and tokens[stop - 1].text in ("and", "vs", "versus", ",", "or", ".") and stop < i:
        last = stop - 1
        while last > edge and tokens[last - 1].text in (",", "vs", "."):
            last -= 1
        first = label_start(tokens, text, last, max(edge, last - 4))
        if first == last:
            break
        found.insert(0, Arm(first, last, label_text(tokens, text, first, last), True))
        stop = first
    return found


def label_text(tokens: list[Token], text: str, first: int, last: int) -> str:
    """The text of a label."""
    return text[tokens[first].start : tokens[last - 1].end]


def _named_after(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "Arm A", "group 2", "cohort B"."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if (
        after is None
        or tokens[i].text.endswith("s")
        or (not (len(after.text) == 1 and after.text.isalnum()) and after.text not in ("ii", "iii", "iv"))
    ):
        return None
    if after.text in ("p", "n") and word(tokens, i + 2) in ("=", "<", ">", "value"):
        return None
    if after.text == "a" and text[after.start] == "a":
        return None
    if after.kind == "n" and word(tokens, i + 2) == "%":
        return None
    return Arm(i, i + 2, label_text(tokens, text, i, i + 2), True)


def _named_before(tokens: list[Token], text: str, i: int, edge: int) -> Arm | None:
    """The words before "group", back to an article or another edge."""
    first = label_start(tokens, text, i, max(edge, i - 6))
    if first == i and i > edge and tokens[i - 1].text == "treatment" and not tokens[i].text.endswith("s"):
        first = i - 1
    if first == i or (i - first > 1 and text[tokens[i].start].isupper() and text[tokens[first].start].isupper()):
        return None  # nothing, or the name of an organisation
    return Arm(first, i + 1, label_text(tokens, text, first, i), True)


def label_start(tokens: list[Token], text: str, i: int, floor: int) -> int:
    """The first token of the label that ends at a place: back to an article, a verb or another edge."""
    first = i
    while first > floor:
        token = tokens[first - 1]
        if token.kind == "o" and token.text not in ("/", "+", "&"):
            break
        if (
            text[token.start : token.end].isupper()
            and token.end - token.start > 1
            and token.text not in ("the", "and", "in", "of")
        ):
            first -= 1
            continue
        if (
            _is_edge(token, text)
            or token.text in VERBS
            or (token.kind == "w" and token.value is not None)
            or token.text in _RECEIVE
        ):
            break
        if token.kind == "n" and not (first < i and tokens[first].text in ("mg", "μg", "g", "mg/kg", "gy")):
            break
        first -= 1
    while first < i and (tokens[first].kind == "o" or tokens[first].text in ("mg", "g")):
        first += 1
    return first


def _people(tokens: list[Token], text: str, i: int, edge: int) -> Arm | None:
    """Read "patients receiving X", "those without X", "patients with X", "placebo-treated patients"."""
    before = tokens[i - 1].text if i else ""
    for tail in ("-treated", "-assigned", "-receiving"):
        if before.endswith(tail):
            start = tokens[i - 1].start
            return Arm(i - 1, i + 1, text[start : tokens[i - 1].end - len(tail)], True)
    if before[-1:] == "+" or (before == "+" and i > 1):
        first = label_start(tokens, text, i, max(edge, i - 3))
        return Arm(first, i + 1, label_text(tokens, text, first, i), True) if first < i else None
    if (
        tokens[i].text in ("recipients", "users")
        and i
        and tokens[i - 1].kind == "w"
        and before not in _EDGE
        and tokens[i - 1].value is None
    ):
        return Arm(i - 1, i + 1, label_text(tokens, text, i - 1, i), True)
    return _receiving(tokens, text, i)


def _receiving(tokens: list[Token], text: str, i: int) -> Arm | None:
    j = i + 1
    if word(tokens, j) in ("who", "that") and word(tokens, j + 1) in ("received", "underwent", "took"):
        j += 1
    if word(tokens, j) in _RECEIVE:
        j += 1 + (word(tokens, j + 1) in ("with", "to", "by"))
        j += word(tokens, j) in ("receive", "the", "oral", "intravenous")
        last = noun_phrase(tokens, text, j)
        return Arm(i, last, label_text(tokens, text, j, last), True) if last > j else None
    if word(tokens, j) in ("with", "without"):
        begun = j + 1 + (word(tokens, j + 1) in ("a", "an", "the"))
        last = noun_phrase(tokens, text, begun)
        if last == begun:
            return None
        first = j if word(tokens, j) == "without" else begun
        return Arm(i, last, label_text(tokens, text, first, last), word(tokens, i) == "those" or first == j)
    return None


def _is_edge(token: Token, text: str) -> bool:
    """Whether a word cannot belong to a label; a capital A inside a sentence can ("drug A")."""
    capital = token.text == "a" and text[token.start] == "A" and token.start > 1 and text[token.start - 2].isalnum()
    return token.text in _EDGE and not capital


def noun_phrase(tokens: list[Token], text: str, j: int) -> int:
    """The noun phrase from j on: up to an edge word, a sign or six words."""
    last = j
    while last < len(tokens) and last < j + 6:
        token = tokens[last]
        if token.kind == "n" and word(tokens, last + 1) in ("mg", "μg", "mg/kg", "g", "gy", "iu"):
            last += 2
            continue
        if token.kind == "o" and token.text == "/" and last > j:
            last += 1
            continue
        if (
            token.kind != "w"
            or (_is_edge(token, text) and not (token.text == "no" and last == j))
            or token.value is not None
            or token.text in VERBS
            or token.text in _RECEIVE
        ):
            break
        last += 1
    return last
