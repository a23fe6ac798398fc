"""Outcomes in a list beside a row of numbers: "pain, sleep and mood fell by 3, 4 and 5, respectively"."""

from collections.abc import Iterator
from itertools import pairwise

from kb.extract.clauses import BREAKS, VERBS, Span
from kb.extract.counts import EVENT_NOUNS
from kb.extract.details import PEOPLE, word
from kb.extract.frames import subject_parts, trimmed
from kb.extract.line import Line
from kb.extract.names import Arm
from kb.extract.runs import Run
from kb.extract.tokens import Token, words

_NEAR = 8  # words from the row to its "respectively"
_FAR = 24  # words of a list that stands between the row and its "respectively"
_JOINTS = words(", and or the a in of mean median ( ) for overall total")
_LEADS = words("for in of on")
#: What a phrase about a result often ends with.
_HEADS = EVENT_NOUNS | words("""
    mortality survival score scores pain toxicity response responses remission progression failure bleeding level levels
    rate rates pressure density quality function activity volume weight concentration concentrations symptoms disease
    count counts thickness index control
""")
_ENDINGS = ("itis", "emia", "aemia", "penia", "pathy", "osis", "algia", "uria", "rrhea", "rrhoea", "ness", "edema")


def blocked_in(line: Line) -> set[int]:
    """Tokens that cannot be part of an outcome: arms, times, quantities. Vocabulary words always can."""
    taken = {i for arm in line.arms if not _had(line, arm) for i in range(arm.first, arm.last)}
    free = {i for named in line.named for i in range(named.first, named.last)}
    taken -= free
    taken |= {i for time in line.times for i in range(time.first, time.last)}
    return taken | {i for q in line.quantities for i in range(q.first, q.last)}


def _had(line: Line, arm: Arm) -> bool:
    """Whether words that name an arm elsewhere are what people had: "219 of 377 had a proven cause"."""
    before = line.tokens[max(0, arm.first - 2) : arm.first]
    return not arm.sure and [t.text for t in before] in (["had", "a"], ["had", "an"], ["have", "a"], ["developed", "a"])


def listed(line: Line, run: Run) -> list[Span] | None:
    """As many outcomes as the row has numbers, before it or after it; None where "respectively" lays none beside it."""
    if len(run.members) < 2 or run.versus:
        return None
    stop = next((i for i in range(run.last, min(run.last + _FAR, len(line.tokens))) if _closes(line, i)), None)
    if word(line.tokens, run.first - 1) == "were" and not run.rising and not _armed(line, run):
        paired = _before(line, run, blocked_in(line))
        if paired and all(speaks_of_result(line, span) for span in paired):
            return paired  # "local control and survival rates were 80% and 60%"
    if stop is None:
        return None
    near = stop < run.last + _NEAR or _has_twin(line, run, stop)
    before = _before(line, run, blocked_in(line)) if near else None
    return before or _after(line, run, stop)


def _has_twin(line: Line, run: Run, stop: int) -> bool:
    """Whether a row as long follows: "X, Y and Z in 12%, 8% and 3% with A and 9%, 4% and 2% with B, respectively"."""
    later = [other for other in line.runs if run.last < other.first < stop]
    return bool(later) and all(len(other.members) == len(run.members) for other in later)


def _armed(line: Line, run: Run) -> bool:
    """Whether as many groups as numbers stand after a row."""
    return sum(0 <= arm.first - run.last <= _NEAR for arm in line.arms) >= len(run.members)


def _closes(line: Line, i: int) -> bool:
    return line.tokens[i].text == "respectively"


def _before(line: Line, run: Run, blocked: set[int]) -> list[Span] | None:
    """The first phrases of the subject, where nothing but joints and times parts them and no more of them follow."""
    tokens, count = line.tokens, len(run.members)
    spans = list(subject_parts(tokens, run.first, blocked))
    timed = {i for time in line.times for i in range(time.first, time.last)}
    gaps = [_gap(tokens, a, b, timed) for a, b in pairwise(spans)]
    if len(spans) < count or any(gap - _JOINTS for gap in gaps[: count - 1]):
        return None
    told = any(tokens[span[0]].text.endswith("ed") and span[1] - span[0] == 1 for span in spans[:count])
    ended = len(spans) == count or not gaps[count - 1] & {",", "and", "or"}
    return spans[:count] if ended and not told else None


def _gap(tokens: list[Token], left: Span, right: Span, timed: set[int]) -> set[str]:
    """The words between two phrases, times left out."""
    return {tokens[i].text for i in range(left[1], right[0]) if i not in timed}


def _after(line: Line, run: Run, stop: int) -> list[Span] | None:
    """Read "by 83% and 55% for stroke and for bleeding, respectively": phrases that speak of results, no arms."""
    tokens, first = line.tokens, run.last
    if word(tokens, first) not in _LEADS or any(_breaks(tokens[i]) for i in range(first, stop)):
        return None
    cuts = [first, *(i for i in range(first + 1, stop) if tokens[i].text in (",", "and", "or")), stop]
    spans = [span for a, b in pairwise(cuts) if (span := trimmed(tokens, a, b))]
    alike = [speaks_of_result(line, span) for span in spans]
    armed = any(arm.sure and first < arm.first < stop for arm in line.arms)
    return spans if len(spans) == len(run.members) and not armed and any(alike) else None


def for_result(line: Line, run: Run, blocked: set[int]) -> Iterator[Span]:
    """X in "1.3% and 1.1% for X, 4.6% and 2.1% for Y": a phrase after a row that speaks of a result."""
    tokens, first = line.tokens, run.last + 1
    if len(run.members) < 2 or word(tokens, run.last) != "for" or first in blocked:
        return
    last = first
    while last < len(tokens) and tokens[last].kind == "w" and last not in blocked and not _breaks(tokens[last]):
        if tokens[last].text in ("and", "or", "in", "with", "at", "after"):
            break
        last += 1
    span = trimmed(tokens, first, last)
    if span and speaks_of_result(line, span):
        yield span


def _breaks(token: Token) -> bool:
    return token.text in VERBS or token.text in BREAKS or token.text in PEOPLE or token.kind == "n"


def speaks_of_result(line: Line, span: Span) -> bool:
    """Whether a phrase is one of the vocabulary, or ends as results do."""
    last = line.tokens[span[1] - 1].text
    named = any(n.first < span[1] and span[0] < n.last for n in line.named)
    return named or last in _HEADS or f"{last}s" in _HEADS or last.endswith(_ENDINGS)


def shared_head(line: Line, spans: list[Span]) -> list[str]:
    """The words of each phrase; "relapse-free and overall survival" lends its last word to the first."""
    said = [line.words(*span) for span in spans]
    head = line.tokens[spans[-1][1] - 1].text
    alone = [span[1] - span[0] == 1 and line.tokens[span[0]].text.endswith(_ADJECTIVAL) for span in spans]
    return [f"{text} {head}" if short and head in _HEADS else text for text, short in zip(said, alone, strict=True)]


_ADJECTIVAL = ("-free", "-specific", "-related", "systolic", "overall", "local", "distant", "regional", "cardiac")
