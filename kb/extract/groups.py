"""Groups by their grammar: "the X group", "Arm A", "patients receiving X", "those without X"."""

from dataclasses import dataclass, replace

from kb.extract.clauses import VERBS
from kb.extract.details import word
from kb.extract.measures import MEASURES
from kb.extract.tokens import Token, words

GROUP = words("group groups arm arms cohort cohorts subgroup subgroups")


MEMBERS = words("""
    patients participants subjects individuals women men children adults infants recipients those volunteers
    people girls boys eyes pts users
""")


_RECEIVE = words("""
    receiving received receive treated taking assigned allocated randomized randomised given undergoing
    underwent using on administered received
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
        elif (begun := _after_count(tokens, i)) is not None:
            arm = _receiving(tokens, text, i - 1)
            arm = replace(arm, first=begun) if arm else None
        if arm:
            found += [arm] if arm not in found[-1:] else []
            end = arm.last
    return found


def _after_count(tokens: list[Token], i: int) -> int | None:
    """Where "(5%) receiving X", "(5%) who were taking X" begins to name the group; "(5%) received X" is a result."""
    begun = i
    while word(tokens, begun - 1) in ("who", "were", "was", "had"):
        begun -= 1
    if word(tokens, begun) == "who":
        return begun if word(tokens, begun - 1) in (")", "%") else None
    if tokens[i].text == "receiving":
        return i
    counted = begun == i and word(tokens, i - 1) in (")", "%") and tokens[i].text not in _DID
    return i if counted else None


_DID = words("underwent received receive")


def _numbered(tokens: list[Token], text: str, i: int) -> list[Arm]:
    """Read "groups 1, 2 and 3", "arms A and B": one arm for each."""
    found: list[Arm] = []
    name = tokens[i].text.removesuffix("s")
    last = i + 1
    while last < len(tokens):
        token = tokens[last]
        short = token.end - token.start == 1 or token.text in _ROMAN
        letter = short and (token.kind == "n" or text[token.start].isupper())
        if letter and word(tokens, last + 1) != "%":
            found.append(Arm(last - (not found), last + 1, f"{name} {text[token.start : token.end]}", True))
        elif not found or token.text not in (",", "and", "or", "vs", "versus"):
            break
        last += 1
    return found if len(found) > 1 else []


_ROMAN = frozenset(("ii", "iii", "iv"))


def _listed_before(tokens: list[Token], text: str, i: int, edge: int) -> list[Arm]:
    """All but the last of "the X, Y and Z groups"."""
    found: list[Arm] = []
    stop = label_start(tokens, text, i, max(edge, i - 5))
    stop -= word(tokens, stop - 1) == "no" and word(tokens, stop - 2) in _JOINTS
    stop -= _article(tokens, stop)
    while stop > edge + 1 and tokens[stop - 1].text in ("and", "vs", "versus", ",", "or", ".") and stop < i:
        last = stop - 1
        while last > edge and tokens[last - 1].text in (",", "vs", "."):
            last -= 1
        first = label_start(tokens, text, last, max(edge, last - 4))
        if first == last:
            first -= word(tokens, last - 1) in ("study", "intervention") and word(tokens, i - 1) == "control"
        if first == last:
            break
        first -= word(tokens, first - 1) == "no" and word(tokens, first - 2) in _JOINTS
        found.insert(0, Arm(first, last, label_text(tokens, text, first, last), True))
        stop = first - _article(tokens, first)
    return found


_JOINTS = words("and or vs versus . the in , (")


def _article(tokens: list[Token], i: int) -> int:
    """How many words "and the", "and in the" put between two names of a list."""
    steps = int(word(tokens, i - 1) == "the")
    steps += word(tokens, i - 1 - steps) in ("in", "for", "of")
    return steps if steps and word(tokens, i - 1 - steps) in ("and", "vs", "versus", "or") else 0


def label_text(tokens: list[Token], text: str, first: int, last: int) -> str:
    """The text of a label."""
    return text[tokens[first].start : tokens[last - 1].end]


def _named_after(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "Arm A", "group 2", "cohort B"."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if (
        after is None
        or tokens[i].text.endswith("s")
        or (not (len(after.text) == 1 and after.text.isalnum()) and not _is_code(after, text))
    ):
        return None
    if after.text in ("p", "n") and word(tokens, i + 2) in ("=", "<", ">", "value"):
        return None
    if after.text == "a" and text[after.start] == "a":
        return None
    if after.kind == "n" and word(tokens, i + 2) == "%":
        return None
    return Arm(i, i + 2, label_text(tokens, text, i, i + 2), True)


_QUOTES = frozenset("\"“”'‘’")


def _is_code(token: Token, text: str) -> bool:
    """Two or three capitals that name a group: "group FA", "arm II"; no effect measure."""
    short = len(token.text) in (2, 3) and text[token.start : token.end].isupper()
    return short and token.text not in MEASURES and token.text not in ("ci", "sd", "se", "iqr")


def _named_before(tokens: list[Token], text: str, i: int, edge: int) -> Arm | None:
    """The words before "group", back to an article or another edge."""
    first = label_start(tokens, text, i, max(edge, i - 6))
    stop = i
    if first == i and word(tokens, i - 1) in _QUOTES and i - edge > 2:
        stop = i - 1  # the "X" group
        opened = next((j for j in range(stop - 1, max(edge, stop - 6), -1) if tokens[j].text in _QUOTES), stop - 1)
        first = opened + 1
        return Arm(first, i + 1, label_text(tokens, text, first, stop), True) if first < stop else None
    if first == i and i > edge and tokens[i - 1].text in ("treatment", "treated") and not tokens[i].text.endswith("s"):
        stop = i - 1  # "the X treatment group" is X
        first = label_start(tokens, text, stop, max(edge, i - 6))
        if first == stop:
            first, stop = i - 1, i
    first -= first < stop and word(tokens, first - 1) == "no" and word(tokens, first - 2) in _JOINTS
    if first == i or (i - first > 1 and text[tokens[i].start].isupper() and text[tokens[first].start].isupper()):
        return None  # nothing, or the name of an organisation
    return Arm(first, i + 1, label_text(tokens, text, first, stop), True)


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
    for tail in ("-treated", "-assigned", "-receiving", "-exposed"):
        if before == f"non{tail}":
            break
        if before.endswith(tail):
            start = tokens[i - 1].start
            return Arm(i - 1, i + 1, text[start : tokens[i - 1].end - len(tail)], True)
    if before in _ROLES and word(tokens, i + 1) != "group":
        return Arm(i - 1, i + 1, label_text(tokens, text, i - 1, i), True)
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


_ROLES = words("intervention experimental exposed unexposed non-exposed untreated non-treated")


def _receiving(tokens: list[Token], text: str, i: int) -> Arm | None:
    j = i + 1
    refused = _not_receiving(tokens, text, i) if any(t.text == "not" for t in tokens[j : j + 3]) else None
    if refused:
        return refused
    if word(tokens, j) in ("who", "that"):
        j += 1 + (word(tokens, j + 1) in ("were", "was", "are", "had", "initially", "only"))
        if word(tokens, j) not in _RECEIVE and word(tokens, j) not in _RECEIVED:
            j = i + 1
    if word(tokens, j) in _RECEIVE or (j > i + 1 and word(tokens, j) in _RECEIVED):
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
    return _reaching(tokens, text, i, j)


_GRADED = words("grade stage type class phase level score category quartile quintile tertile")


def _is_mark(tokens: list[Token], i: int) -> bool:
    """A plus or minus that belongs to the word before it: "HER2+", "HLA-B27-"."""
    return tokens[i].text in ("+", "-") and tokens[i].start == tokens[i - 1].end


def _not_receiving(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "those not receiving X", "patients who did not receive X", "women who were not treated with X"."""
    j = i + 1 + (word(tokens, i + 1) in ("who", "that"))
    j += word(tokens, j) in ("did", "were", "had", "was")
    if word(tokens, j) != "not" or word(tokens, j + 1) not in _RECEIVE | {"have", "undergo", "take", "use"}:
        return None
    begun = j + 2 + (word(tokens, j + 2) in ("with", "to", "by"))
    last = noun_phrase(tokens, text, begun)
    return Arm(i, last, label_text(tokens, text, j, last), True) if last > begun else None


_RECEIVED = words("received underwent took used")


def _reaching(tokens: list[Token], text: str, i: int, j: int) -> Arm | None:
    """Read "in patients achieving X", "in those having < 2 X": people set apart by what they reached.

    Not "of patients achieving X": that is the outcome.
    """
    if word(tokens, j) not in _REACH or word(tokens, i - 1) not in _IN:
        return None
    j += 1 + (word(tokens, j + 1) in ("a", "an", "the"))
    last = j
    while last < len(tokens) and (tokens[last].text in _SIGNS or tokens[last].kind == "n"):
        last += 1
    last = noun_phrase(tokens, text, last)
    return Arm(i, last, label_text(tokens, text, j, last), True) if last > j else None


_REACH = words("achieving attaining reaching having exhibiting")
_IN = words("in for among than between with versus vs")
_SIGNS = frozenset("<>≤≥=")


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
    return token.text in _EDGE and not capital


def noun_phrase(tokens: list[Token], text: str, j: int) -> int:
    """The noun phrase from j on: up to an edge word, a sign or six words."""
    last = j
    while last < len(tokens) and last < j + 6:
        token = tokens[last]
        if token.kind == "n" and word(tokens, last + 1) in ("mg", "μg", "mg/kg", "g", "gy", "iu"):
            last += 2
            continue
        if token.kind == "o" and last > j and (token.text == "/" or _is_mark(tokens, last)):
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
            or token.text in _RECEIVE
        ):
            break
        last += 1
    return last
