"""Groups by their grammar: "the X group", "Arm A", "patients receiving X", "those without X"."""

from dataclasses import replace

from kb.extract.clauses import VERBS
from kb.extract.details import word
from kb.extract.measures import MEASURES
from kb.extract.names import EDGE, GROUP, MEMBERS, RECEIVE, Arm, label_start, label_text, noun_phrase
from kb.extract.tokens import Token, words

_SPOTS = GROUP | MEMBERS | RECEIVE | {"regimen"}


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
                (_receiving(tokens, text, i) if word(tokens, i + 1) in RECEIVE else None)
                or _named_after(tokens, text, i)
                or _told_after(tokens, text, i)
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
    numbered = i > 0 and tokens[i - 1].value is not None and tokens[i].text == "treated"
    counted = begun == i and (numbered or word(tokens, i - 1) in (")", "%")) and tokens[i].text not in _DID
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
        alike = not found or (token.kind == "n") == (tokens[i + 1].kind == "n")  # not "in arm A and 4 in arm B"
        if letter and alike and word(tokens, last + 1) != "%":
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


def _named_after(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "Arm A", "group 2", "cohort B"."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if (
        after is None
        or (tokens[i].text.endswith("s") and word(tokens, i + 2) != "(")
        or (not (len(after.text) == 1 and after.text.isalnum()) and not _is_code(after, text))
    ):
        return None
    if after.text in ("p", "n") and word(tokens, i + 2) in ("=", "<", ">", "value"):
        return None
    if after.text == "a" and text[after.start] == "a":
        return None
    if after.kind == "n" and word(tokens, i + 2) == "%":
        return None
    name = text[tokens[i].start : tokens[i].end].removesuffix("s")
    return Arm(i, i + 2, f"{name} {text[after.start : after.end]}", True)


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


def _told_after(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "in the group of X", "the group with X or Y": not "the group of patients"."""
    joint = word(tokens, i + 1)
    if joint not in _TOLD or word(tokens, i - 1) != "the" or tokens[i].text.endswith("s"):
        return None
    first = i + 2 + (word(tokens, i + 2) in ("the", "a", "an"))
    last = noun_phrase(tokens, text, first)
    if last == first or {t.text for t in tokens[first:last]} & MEMBERS:
        return None
    more = noun_phrase(tokens, text, last + 1) if word(tokens, last) == "or" else last
    last = more if more > last + 1 else last
    begun = i + 1 if joint == "without" else first
    return Arm(i, last, label_text(tokens, text, begun, last), True)


_TOLD = words("of with without on")


def _people(tokens: list[Token], text: str, i: int, edge: int) -> Arm | None:
    """Read "patients receiving X", "those without X", "patients with X", "placebo-treated patients"."""
    before = tokens[i - 1].text if i else ""
    for tail in ("-treated", "-assigned", "-receiving", "-exposed"):
        if before == f"non{tail}":
            break
        if before.endswith(tail):
            first = min(i - 1, label_start(tokens, text, i - 1, max(edge, i - 3)))
            return Arm(first, i + 1, text[tokens[first].start : tokens[i - 1].end - len(tail)], True)
    if before in _ROLES and word(tokens, i + 1) != "group":
        return Arm(i - 1, i + 1, label_text(tokens, text, i - 1, i), True)
    if before[-1:] == "+" or (before == "+" and i > 1):
        first = label_start(tokens, text, i, max(edge, i - 3))
        return Arm(first, i + 1, label_text(tokens, text, first, i), True) if first < i else None
    if (
        tokens[i].text in ("recipients", "users")
        and i
        and tokens[i - 1].kind == "w"
        and before not in EDGE
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
        if word(tokens, j) not in RECEIVE and word(tokens, j) not in _RECEIVED:
            j = i + 1
    if word(tokens, j) in RECEIVE or (j > i + 1 and word(tokens, j) in _RECEIVED):
        j += 1 + (word(tokens, j + 1) in ("with", "to", "by"))
        j += word(tokens, j) in ("receive", "the", "oral", "intravenous")
        last = noun_phrase(tokens, text, j)
        return Arm(i, last, label_text(tokens, text, j, last), True) if last > j else None
    if word(tokens, j) in ("with", "without"):
        if _is_counted(tokens, i):
            return None
        begun = j + 1 + (word(tokens, j + 1) in ("a", "an", "the"))
        last = noun_phrase(tokens, text, begun)
        if last == begun:
            return None
        last = _and_more(tokens, text, i, last)
        first = j if word(tokens, j) == "without" else begun
        return Arm(i, last, label_text(tokens, text, first, last), word(tokens, i) == "those" or first == j)
    return _reaching(tokens, text, i, j)


def _and_more(tokens: list[Token], text: str, i: int, last: int) -> int:
    """The end of "infants with stroke and infarct", where a verb follows that and not another group."""
    if word(tokens, last) != "and" or {"both", "between"} & {t.text for t in tokens[max(0, i - 3) : i]}:
        return last
    more = noun_phrase(tokens, text, last + 1)
    joined = more > last + 1 and word(tokens, more) in VERBS and tokens[more - 1].text not in GROUP | _OTHERS
    return more if joined else last


_OTHERS = words("control controls placebo those healthy sham")


def _is_counted(tokens: list[Token], i: int) -> bool:
    """Read "the proportion of patients with X": X is what is counted, not a group."""
    i -= word(tokens, i - 1) in ("the", "all", "our")
    return word(tokens, i - 1) == "of" and word(tokens, i - 2) in _COUNTS


_COUNTS = words("""
    proportion proportions percentage percentages number numbers frequency rate rates incidence prevalence fraction
    share percent
""")


def _not_receiving(tokens: list[Token], text: str, i: int) -> Arm | None:
    """Read "those not receiving X", "patients who did not receive X", "women who were not treated with X"."""
    j = i + 1 + (word(tokens, i + 1) in ("who", "that"))
    j += word(tokens, j) in ("did", "were", "had", "was")
    if word(tokens, j) != "not" or word(tokens, j + 1) not in RECEIVE | {"have", "undergo", "take", "use"}:
        return None
    begun = j + 2 + (word(tokens, j + 2) in ("with", "to", "by"))
    last = noun_phrase(tokens, text, begun)
    return Arm(i, last, label_text(tokens, text, j, last), True) if last > begun else None


_RECEIVED = words("received underwent took used")


def _reaching(tokens: list[Token], text: str, i: int, j: int) -> Arm | None:
    """Read "in patients achieving X", "in those having < 2 X": people set apart by what they reached.

    Not "of patients achieving X": that is the outcome.
    """
    who = word(tokens, j) == "who"
    if who and word(tokens, i - 1) in _IN and word(tokens, j + 1) in ("died", "survived", "relapsed", "responded"):
        return Arm(i, j + 2, label_text(tokens, text, j + 1, j + 2), True)
    j += who
    if word(tokens, j) not in (_REACHED if who else _REACH) or word(tokens, i - 1) not in _IN:
        return None
    j += 1 + (word(tokens, j + 1) in ("a", "an", "the"))
    last = j
    while last < len(tokens) and (tokens[last].text in _SIGNS or tokens[last].kind == "n"):
        last += 1
    last = noun_phrase(tokens, text, last)
    return Arm(i, last, label_text(tokens, text, j, last), True) if last > j else None


_REACH = words("achieving attaining reaching having exhibiting")
_REACHED = words("had achieved attained reached developed experienced")
_IN = words("in for among than between with versus vs")
_SIGNS = frozenset("<>≤≥=")
