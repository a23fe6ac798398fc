"""Where a sentence says what a number is about.

The noun phrase before its bracket, the subject, what follows the number.
"""

from collections.abc import Iterator

from kb.extract.clauses import (
    AMOUNTS,
    BREAKS,
    HEADS,
    PREPOSITIONS,
    VERBS,
    Span,
    clause_start,
    matching,
    open_bracket,
    past_opener,
)
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.relatives import TREATED
from kb.extract.tokens import Token, words

_DROP_FIRST = words("""
    times fold mostly mainly chiefly predominantly principally notably
    the a an and or of in for overall median mean average total significantly significant more less fewer
    greater higher lower better worse larger smaller lowest highest longest shortest similar also both only
    incidence incidences rate rates proportion proportions percentage percentages prevalence frequency number numbers
    risk
    risks odds likelihood level levels their its unadjusted adjusted cumulative observed estimated
    absolute crude increase decrease reduction improvement improvements increases decreases reductions change
    changes decline difference differences improved reduced increased decreased hazard ratio probability
    occurrence respectively there most common frequent main as being we had have has was were no not clinically
    statistically some any this these those that our corresponding all first presence development estimate
    estimates least square squares ls mild who which with to on at by either such each values value score:
    significantly, non-significant age-standardised age-standardized pooled two three four one relative
    numerically markedly slightly modest modestly longer shorter slower faster meaningful sd se sem
    substantially substantial greatest fold terms highly patients participants subjects cases women men children adults
    individuals events about approximately nearly almost roughly prolonged shortened respective comparison
    multivariate multivariable univariate univariable
""")
_DROP_LAST = words("""
    the a an and or of in for rate rates was were is are levels level also significantly had has have by from to
    more less frequently often observed seen reported values value mean median respectively at on with occurred
    did than as be been that which being higher lower only these those their (sd) scores significant similar
    numerically better common frequent greater prevalent likely such when group groups patients participants
""")
EMPTY = words("""
    patients participants subjects difference differences results result impact out interim reference study studies
    we they it there group
    groups arm arms treatment trial outcome outcomes those analysis these this that both all respectively change
    changes improvement increase decrease reduction decline mean median rate rates risk follow-up
    baseline comparison p ci hr or rr sd data findings model regression number proportion percentage than time
    end endpoint endpoints minutes hours seconds min associated account post-randomisation post-randomization
    post-treatment
    post-intervention postoperatively further later earlier thereafter points score scores meta-analysis
    meta-analyses review years months weeks days therapy others other estimate estimates cohort cohorts interval
    intervals which who remaining rest due owing aged most common effect effects effective safe superior inferior
    similar tolerated comparable efficacious noninferior non-inferior ratio ratios hrs ahr ahrs ors aor aors rrs sir
    sirs smr smrs nnt half third quarter majority most excess person-years patient-years corresponding variables degrees
    measured global regard respect terms parameters th percentile percentiles even against omitted bias imputation
    multiple sensitivity trend trends therapeutic approach approaches repeat repeated measure
    measures testing left according imprecise universal consistent robust period
""")


def subject(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """Noun phrases between the start of the clause and its first verb, the nearest to the start first."""
    found = list(subject_parts(tokens, place, blocked))
    if (
        len(found) > 1
        and word(tokens, found[0][1]) == "and"
        and found[1][0] == found[0][1] + 1
        and found[1][1] - found[0][0] < 6
    ):
        yield found[0][0], found[1][1]
    yield from found


def first_subject(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The subject of the sentence where that of the clause says nothing: "X fell in both; the fall was larger in A"."""
    if clause_start(tokens, place) == 0:
        return
    start = past_opener(tokens, 0, place)
    verb = next((i for i in range(start + 1, place) if tokens[i].text in VERBS and i not in blocked), place)
    yield from pieces(tokens, start, verb, blocked)
    yield from pieces(tokens, verb + 1, clause_start(tokens, place) - 1, blocked)


def subject_parts(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The noun phrases of the subject, each for itself."""
    start = past_opener(tokens, clause_start(tokens, place), place)
    verb = next((i for i in range(start, place) if tokens[i].text in VERBS and i > start and i not in blocked), place)
    return pieces(tokens, start, verb, blocked)


def objects(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """Noun phrases between the verb and the number: "had a higher sPAP at baseline (...)", "decrease in X of 3"."""
    start = clause_start(tokens, place)
    verb = next((i for i in range(start, place) if tokens[i].text in VERBS and i not in blocked), None)
    if verb is None:
        return
    yield from pieces(tokens, verb + 1, place, blocked)


def before_bracket(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The noun phrase right before the bracket that holds the number (an explaining bracket in between is skipped)."""
    i = open_bracket(tokens, place)
    while i is not None and i > 0 and tokens[i - 1].text == ")":
        i = matching(tokens, i - 1)
    if not i or i - 1 in blocked:
        return
    first = _leftward(tokens, i, blocked)
    if (
        word(tokens, first - 1) in _AWAY
        and (word(tokens, first - 2), word(tokens, first - 1)) != ("followed", "by")
        and word(tokens, first - 2) not in _TIES
        and not (word(tokens, first - 1) == "with" and word(tokens, first) in _RANKED)
        and any(t.text in VERBS for t in tokens[:first])
    ):
        yield from _with_place(tokens, first, i, blocked)
        return
    span = trimmed(tokens, first, i)
    if span and not (span[1] - span[0] == 1 and tokens[span[0]].text in _PREDICATES):
        yield span


_PREDICATES = words("""
    different unchanged unaltered stable similar older younger universal equal identical heavier constant according
""")  # "X was not different (3 vs 4)" tells of X


def _with_place(tokens: list[Token], first: int, i: int, blocked: set[int]) -> Iterator[Span]:
    """Read "and ILD on HRCT (35% ...": what stands before the preposition, where it goes on a list or an "in"."""
    begun = _leftward(tokens, first - 1, blocked) if tokens[first - 1].text in ("on", "at", "by") else first
    listed = word(tokens, begun - 1) in ("and", ",", "in", "of") and begun < first - 1
    if listed and not tokens[first - 2].text.endswith("ed") and tokens[first - 2].text not in VERBS:
        span = trimmed(tokens, begun, i)
        if span and span[0] < first - 1:
            yield span


_AWAY = words("into with without among on to than between at after by during")
_TIES = words("""
    associated related due compared reduction linked exposed response progression time regard respect relation
    according confined limited restricted
""")
_RANKED = words("""
    highest lowest higher lower greatest greater largest smallest worst best better worse longer shorter longest
    shortest more less common frequent prevalent increased reduced elevated strongest stronger weaker weakest
    pronounced
""")


def superlative(tokens: list[Token], place: int, named: set[int]) -> Span | None:
    """The group before a bracket: Y in "was highest for patients in Y (29%)", "was lower in Y (3.1)"."""
    i = open_bracket(tokens, place)
    if i is None:
        return None
    first = i
    while (
        first > 0
        and tokens[first - 1].kind == "w"
        and tokens[first - 1].text not in _LEADS
        and tokens[first - 1].text not in VERBS
        and i - first < 6
    ):
        first -= 1
    if first < i and _follows_ranked(tokens, first, named):
        return first, i
    return _group_ranked(tokens, first, i, named)


def _group_ranked(tokens: list[Token], first: int, i: int, named: set[int]) -> Span | None:
    """The group first:i, if a word that ranks or measures leads to it."""
    lead = first - 1
    while lead > 0 and (
        tokens[lead - 1].text in _LEADS or tokens[lead - 1].text in PEOPLE or tokens[lead - 1].text in ("the", "those")
    ):
        lead -= 1
    if first == i or lead < 1 or tokens[first - 1].text not in _LEADS or named & set(range(first, i)):
        return None
    if tokens[first].text in ("regard", "respect", "relation", "terms"):
        return None
    amount = tokens[lead - 1].text in _AMOUNTS
    if amount and tokens[first - 1].text in ("in", "for"):
        return None
    if not amount and not any(t.text in _RANKED or t.text == "than" for t in tokens[max(0, lead - 5) : lead]):
        return None
    while first < i and tokens[first].text in ("the", "a", "patients", "those"):
        first += 1
    return (first, i) if first < i else None


def _follows_ranked(tokens: list[Token], first: int, named: set[int]) -> bool:
    """Whether a phrase goes on a list: Z in "was higher in Y (3.1), Z (4.0)", "in Y (3.1) and in Z (4.0)"."""
    i = first - 1
    last = first + 6
    while i > 0 and tokens[i].text in _GO_ON:
        i -= 1
    if i == first - 1 or any(t.text in _RANKED or t.text.endswith("ly") for t in tokens[first : min(last, first + 3)]):
        return False  # another ranking begins
    opened = matching(tokens, i) if i < first - 1 and tokens[i].text == ")" else None
    return opened is not None and superlative(tokens, opened + 1, named) is not None


_AMOUNTS = HEADS | AMOUNTS
_LEADS = frozenset(("in", "for", "among", "with", "on", "after"))
_GO_ON = _LEADS | {",", "and", "or"}


def _leftward(tokens: list[Token], place: int, blocked: set[int]) -> int:
    """The beginning of the noun phrase that ends at a place; a bracket with an abbreviation is part of it."""
    first = place
    while first > 0:
        if (
            tokens[first - 1].text == ")"
            and first > 3
            and tokens[first - 3].text == "("
            and tokens[first - 2].kind == "w"
        ):
            first -= 3
        elif _edge(tokens, first - 1, blocked):
            break
        else:
            first -= 1
    return first


def beside(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The words that touch the number or its label: "lung cancer SIR of 3.9"."""
    span = trimmed(tokens, _leftward(tokens, place, blocked), place)
    if span:
        yield span


def inside_bracket(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The words between the opening bracket and the number: X in "(X 91% vs 92%)"."""
    opened = open_bracket(tokens, place)
    if opened is None:
        return
    place -= word(tokens, place - 1) == "," and place - 1 > opened
    edge = max(i for i in range(opened, place) if i == opened or tokens[i].text in (",", ";", "and"))
    if edge + 1 >= place or place - edge > 6:
        return
    plain = all(t.kind == "w" and t.value is None for t in tokens[edge + 1 : place])
    if plain and blocked.isdisjoint(range(edge + 1, place)):
        span = trimmed(tokens, edge + 1, place)
        joint = next((i for i in range(span[0], span[1]) if tokens[i].text in ("in", "of")), None) if span else None
        span = trimmed(tokens, joint + 1, place) if joint else span
        if span and not any(t.text in VERBS or t.text in PREPOSITIONS for t in tokens[span[0] : span[1]]):
            yield span


_GOVERNORS = words("""
    freedom progression time response conversion resistance adherence return exposure sensitivity onset free
""")


def _edge(tokens: list[Token], i: int, blocked: set[int]) -> bool:
    token = tokens[i]
    if i in blocked or token.text in VERBS or token.text in BREAKS:
        return True
    if token.text in ("to", "from") and i and tokens[i - 1].text in _GOVERNORS:
        return False
    if token.text == "in" and word(tokens, i + 1) in ("situ", "vivo", "vitro"):
        return False
    if token.kind == "o":
        return token.text not in ("/", "%", "-", "+", "≥", "≤", ">", "<")
    return token.text in PREPOSITIONS or (token.text == "and" and not (i > 0 and word(tokens, i - 1) == "or"))


def pieces(tokens: list[Token], start: int, stop: int, blocked: set[int]) -> Iterator[Span]:
    """Stretches without prepositions, brackets and blocked tokens.

    "of" joins, and a stretch of generic words lends its tail.
    """
    i = start
    while i < stop:
        if tokens[i].text == "(":
            i = _past(tokens, i, stop)
            continue
        if _edge(tokens, i, blocked):
            i += 1
            continue
        j = i
        while j < stop and not _edge(tokens, j, blocked) and tokens[j].text != "(" and not _begins(tokens, i, j):
            j += 1
        span = trimmed(tokens, i, j)
        if span and not _governs(tokens, span, j):
            yield span
        i = max(j, i + 1)


def _begins(tokens: list[Token], first: int, i: int) -> bool:
    """Whether another phrase begins here without a sign: "in older women | the median thickness was"."""
    before = tokens[i - 1].text
    return i > first and tokens[i].text == "the" and before not in _ONWARD and not before.endswith("ed")


_ONWARD = words("of and or both all")


def _governs(tokens: list[Token], span: Span, j: int) -> bool:
    """Whether a phrase is only the head of what follows: "the reduction in X", not "the X reduction in patients"."""
    if tokens[span[1] - 1].text not in HEADS or word(tokens, j) not in ("in", "of", "for", "between"):
        return False
    people = {word(tokens, j + 1), word(tokens, j + 2)} & (PERSONS | {"those"})
    return span[1] - span[0] == 1 or not people


def _past(tokens: list[Token], i: int, stop: int) -> int:
    level = 0
    for j in range(i, stop):
        level += (tokens[j].text == "(") - (tokens[j].text == ")")
        if level == 0:
            return j + 1
    return stop


_NO_HEAD = words("""
    analysis analyses study studies trial model models regression test tests patients participants subjects
    survey questionnaire women men children adults
""")


_NO_ADVERB = words("qaly daly anomaly family assembly")


def trimmed(tokens: list[Token], first: int, last: int) -> Span | None:
    """Without articles, comparatives and generic heads ("the incidence of"); None if nothing with content is left."""
    grouped = word(tokens, last - 1) in ("group", "groups", "arm", "arms")
    joint = next((i for i in range(last - 1, first, -1) if tokens[i].text == "of"), first) if grouped else last
    first, last = _past_general(tokens, first, joint), joint
    while last > first and (
        tokens[last - 1].text in _DROP_LAST
        or (tokens[last - 1].text.endswith("ly") and tokens[last - 1].text not in _NO_ADVERB)
        or (tokens[last - 1].kind == "o" and tokens[last - 1].text not in ("+", ")"))
    ):
        last -= 1
    if (
        last - first == 2
        and tokens[last - 1].text in AMOUNTS
        and tokens[first].text.endswith(("ant", "ar", "er", "ed", "al", "light", "arked"))
    ):
        return None
    if (
        first >= last
        or tokens[last - 1].text in _NO_HEAD
        or tokens[first].text in TREATED
        or any(t.text in ("confidence", "credible", "credibility", "prediction") for t in tokens[first:last])
    ):
        return None
    if all(t.text in EMPTY or t.kind != "w" for t in tokens[first:last]):
        return None
    return first, min(last, first + 9)


def _past_general(tokens: list[Token], first: int, last: int) -> int:
    """Past articles, comparatives, "adjusted" and "the primary end point of"."""
    while first < last and (
        tokens[first].text in _DROP_FIRST
        or tokens[first].kind == "o"
        or tokens[first].value is not None
        or tokens[first].text.endswith("adjusted")
    ):
        if tokens[first].text == "grade":
            return first
        first += 1
    if first < last and tokens[first].text in ("primary", "secondary", "main"):
        joint = next((i for i in range(first + 1, last) if tokens[i].text not in _AIMED), last)
        if joint > first + 1 and word(tokens, joint) == "of":
            return _past_general(tokens, joint + 1, last)
    return first


_AIMED = words("end point points endpoint endpoints outcome outcomes measure measures")
