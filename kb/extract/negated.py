"""Events that did not happen: "no deaths", "none of the patients relapsed" are figures with 0 events."""

from kb.extract import following
from kb.extract.clauses import PREPOSITIONS, STATE, VERBS, Span
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.tokens import Token, words

_HAPPENED = words("""
    occurred observed reported recorded noted seen detected found identified encountered developed documented
    experienced arose emerged registered
""")
_NOT_EVENTS = words("""
    difference differences association associations effect evidence change changes correlation
    correlations improvement improvements benefit benefits relationship significant significantly statistically
    interaction interactions influence impact trend relation advantage doubt clear clinically longer more other
    further treatment variables patients participants studies trials data consensus heterogeneity
    substantial increase decrease reduction need study article articles bias link detectable relevant meaningful
    predictors factor factors superiority such information single additional intervention
""")
_EVENT_HEADS = words("""
    death deaths event events reaction reactions complication complications mortality infection infections
    relapse relapses recurrence recurrences toxicity toxicities malignancy malignancies bleeding thrombosis
    thromboembolism stroke strokes hemorrhage haemorrhage failure failures hospitalization hospitalizations
    leakage leak leaks rejection perforation discontinuations discontinuation withdrawals withdrawal
    hypoglycemia hypoglycaemia saes sae aes ae ars teaes fracture fractures tumors tumor sepsis exacerbations
    exacerbation progression fatalities injuries injury dehiscence conversions reoperation reoperations crisis
    seizures nephrotoxicity hepatotoxicity cases effects side-effects sequelae fever rash nausea vomiting
    anaphylaxis embolism pneumonia neutropenia
""")
_ADJECTIVES = words("""
    severe serious major minor fatal new related unexpected early late significant treatment-related
    drug-related grade other perioperative postoperative intraoperative clinical adverse acute
""")
_THERE = words("""
    was were with had experienced showed reported developed are is observed been there caused having produced
    induced and but found or , : ; recorded -
""")


def find_negated(tokens: list[Token]) -> list[Quantity]:
    """One quantity of form "none" for each event that is said not to have happened.

    Its words are in fields["outcome"].
    """
    found: list[Quantity] = []
    for i, token in enumerate(tokens):
        if token.text in ("no", "none", "neither", "without"):
            found += _none_of(tokens, i) if token.text == "none" else _no(tokens, i) if token.text == "no" else []
    return found


def _none_of(tokens: list[Token], i: int) -> list[Quantity]:
    """Read "None of the 12 patients developed X"."""
    if word(tokens, i + 1) in _SUFFERED:
        return _nobody(tokens, i, i + 1)
    if word(tokens, i + 1) != "of" or word(tokens, i + 2) == "which":
        return []
    j = i + 2 + (word(tokens, i + 2) in ("the", "these", "our"))
    fields: dict[str, object] = {"events": 0}
    n = tokens[j].value if j < len(tokens) and tokens[j].kind == "n" else None
    if n is not None:
        fields["n"] = int(n)
        j += 1
    verb = _main_verb(tokens, j)
    if verb is None:
        return []
    j = verb
    span = next(following.after(tokens, j, set()), None)
    if span is None or (tokens[span[0]].text in _NOT_EVENTS) or span[0] >= len(tokens):
        return []
    last = i + 2
    while last < j and (
        word(tokens, last) in PEOPLE or word(tokens, last) in ("the", "these", "our") or tokens[last].kind == "n"
    ):
        last += 1
    fields["outcome"] = span
    return [Quantity("none", tokens[i].start, tokens[last - 1].end, i, last, fields)]


def _main_verb(tokens: list[Token], i: int) -> int | None:
    """The verb that says what became of them; each "who", "that" before it takes a verb of its own."""
    pending = 0
    for j in range(i, min(len(tokens), i + 30)):
        if tokens[j].text in ("who", "that", "which"):
            pending += 1
        elif tokens[j].text in VERBS and not pending:
            return j
        elif (tokens[j].text in VERBS and tokens[j].text not in STATE) or tokens[j].text == "did":
            pending -= 1
        elif tokens[j].text in (".", ";"):
            return None
    return None


def _no(tokens: list[Token], i: int) -> list[Quantity]:
    """Read "no deaths or relapses occurred", "no patient died"."""
    if i and word(tokens, i - 1) not in _THERE:
        return []
    if word(tokens, i + 1) in PERSONS:
        return _nobody(tokens, i, i + 2)
    counted = word(tokens, i + 1) in _COUNTED and word(tokens, i + 2) == "of"
    items, end = _items(tokens, i + 3 if counted else i + 1)
    if not items or word(tokens, i + 1) == "one" or not _are_events(tokens, i, items, end):
        return []
    last = items[-1][1]
    return [
        Quantity("none", tokens[i].start, tokens[last - 1].end, i, last, {"events": 0, "outcome": span})
        for span in items
    ]


def _nobody(tokens: list[Token], i: int, verb: int) -> list[Quantity]:
    """Read "no patient died", "no participants developed X", "none developed X"."""
    span = next(following.after(tokens, verb, set()), None) if word(tokens, verb) in _SUFFERED else None
    fields = {"events": 0, "outcome": span}
    return [Quantity("none", tokens[i].start, tokens[verb - 1].end, i, verb, fields)] if span else []


def _are_events(tokens: list[Token], i: int, items: list[Span], end: int) -> bool:
    """Whether phrases after "no" are events: by their last word, or because they "occurred"."""
    said = {t.text for t in tokens[i : items[-1][1]]}
    if all(tokens[b - 1].text in _EVENT_HEADS for _, b in items):
        said -= _EMPHASIS  # "no significant bleeding" did not happen; "no significant difference" is a test
    if said & _NOT_EVENTS or (tokens[items[-1][1] - 1].text in ("effect", "effects") and not said & _HARMFUL):
        return False
    later = [t.text for t in tokens[end : end + 8]]
    if later[:1] and later[0] in ("reduced", "increased", "improved", "affected", "predicted"):
        return False
    happened = bool(_HAPPENED & set(later)) and later[0] in (
        "was",
        "were",
        "occurred",
        "in",
        "developed",
        "has",
        "have",
    )
    return happened or any(tokens[b - 1].text in _EVENT_HEADS for _, b in items)


_EMPHASIS = words("significant significantly clinically substantial relevant meaningful detectable")
_COUNTED = words("case cases episode episodes instance instances incidents")
_HARMFUL = words("adverse side toxic harmful undesirable untoward")


_SUFFERED = words("died developed experienced relapsed suffered had required withdrew discontinued worsened")


def _is_adjective(token: Token) -> bool:
    return token.text in _ADJECTIVES or token.text.endswith("-related")


def _items(tokens: list[Token], i: int) -> tuple[list[Span], int]:
    """Noun phrases joined by commas, "or", "and", "nor"; adjectives alone join the phrase after them."""
    items: list[Span] = []
    first = j = i
    while j < len(tokens) and j < i + 24:
        text = tokens[j].text
        stop = (
            (tokens[j].kind == "o" and text not in (",", "/", "-", "+"))
            or text in VERBS
            or text in PREPOSITIONS
            or text in ("related", "of", "respectively", "attributable", "associated", "that", "while", "but")
        )
        if stop or text in ("or", "and", ",", "nor"):
            if j > first and (stop or not all(_is_adjective(tokens[k]) for k in range(first, j))):
                items.append((first, j))
                first = j + 1
            elif j == first:
                first = j + 1
            if stop:
                break
        j += 1
    else:
        if j > first:
            items.append((first, j))
    return items, j
