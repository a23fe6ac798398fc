"""The words of a group's name: where it begins and ends, and whether two names are one."""

from dataclasses import dataclass

from kb.extract.clauses import VERBS
from kb.extract.details import word
from kb.extract.tokens import Token, words

GROUP = words("group groups arm arms cohort cohorts subgroup subgroups")


MEMBERS = words("""
    patients participants subjects individuals women men children adults infants recipients those volunteers
    people girls boys eyes pts users
""")


RECEIVE = words("""
    receiving received receive treated taking assigned allocated randomized randomised given undergoing
    underwent using on administered received
""")


EDGE = words("""
    the a an in of with and or to than for between both each all two three four other into from by at on was
    were is are had has have that this these those their either neither within among as per our study treatment
    respective same compared versus vs when while but not only after before during whereas who which no its it
    one more less higher lower different assigned comparing respectively significantly reported observed
    occurred developed experienced received showed across entire every any control/ if because since although
    such so there randomized randomised divided allocated included patients participants subjects also first
""")


_LOOSE = words("mg g mg/day mg/d mg/kg day days week weeks month months year years")


_GRADED = words("grade stage type class phase level score category quartile quintile tertile")


@dataclass(frozen=True, slots=True, order=True)
class Arm:
    """A mention of an arm at tokens first:last; start:end is the label's place in the text (-1: none of its own).

    sure: a group by its grammar ("the X group"), not only a word that names one elsewhere.
    """

    first: int
    last: int
    label: str
    sure: bool


def label_text(tokens: list[Token], text: str, first: int, last: int) -> str:
    """The text of a label."""
    return text[tokens[first].start : tokens[last - 1].end]


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
            or token.text in RECEIVE
        ):
            break
        if token.kind == "n" and not (first < i and tokens[first].text in ("mg", "μg", "g", "mg/kg", "gy")):
            break
        first -= 1
    if first < i and first > floor + 1 and tokens[first - 1].text == "-" and tokens[first - 2].kind == "n":
        return first - 2  # "12-week dosing"
    while first < i and (tokens[first].kind == "o" or tokens[first].text in _LOOSE):
        first += 1
    return first


_APART = frozenset(("no", "non", "not", "without", "plus", "+", "combined", "combination"))


def same(a: str | None, b: str | None) -> bool:
    """Whether one label only says the other in more words; "A plus B" is not "A", "no A" neither."""
    if a is None or b is None:
        return False
    left, right = set(a.lower().split()), set(b.lower().split())
    return left == right or (bool(left and right) and (left <= right or right <= left) and not _APART & (left ^ right))


def distinct(labels: list[str]) -> list[str]:
    """The labels without those that only say an earlier one again, in more or fewer words."""
    found: list[str] = []
    for label in labels:
        if not any(same(label, other) for other in found):
            found.append(label)
    return found


def _is_edge(token: Token, text: str) -> bool:
    """Whether a word cannot belong to a label; a capital A inside a sentence can ("drug A")."""
    capital = token.text == "a" and text[token.start] == "A" and token.start > 1 and text[token.start - 2].isalnum()
    return token.text in EDGE and not capital


def _is_mark(tokens: list[Token], i: int) -> bool:
    """A plus or minus that belongs to the word before it: "HER2+", "HLA-B27-"."""
    return tokens[i].text in ("+", "-") and tokens[i].start == tokens[i - 1].end


def noun_phrase(tokens: list[Token], text: str, j: int) -> int:
    """The noun phrase from j on: up to an edge word, a sign or six words."""
    last = j
    while last < len(tokens) and last < j + 6:
        token = tokens[last]
        if token.kind == "n" and word(tokens, last + 1) in ("mg", "μg", "mg/kg", "g", "gy", "iu"):
            last += 2
            continue
        if token.kind == "o" and last > j and (token.text in ("/", "+") or _is_mark(tokens, last)):
            last += 1
            continue
        if token.kind == "n" and tokens[last - 1].text in _GRADED and last > j:
            last += 1
            continue
        if (
            token.kind != "w"
            or (_is_edge(token, text) and not (token.text == "no" and last == j))
            or token.value is not None
            or token.text in VERBS
            or token.text in RECEIVE
        ):
            break
        last += 1
    return last
