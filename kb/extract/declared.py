"""The arms that an article declares: "randomised to A or B", "A (n = 30)", "A versus B" in the title."""

from kb.extract.clauses import VERBS
from kb.extract.compared import DOSE_UNITS, compared_at_first, past_bracket, past_doses, versus
from kb.extract.details import size, word
from kb.extract.groups import grouped
from kb.extract.names import GROUP, MEMBERS, label_start, label_text, noun_phrase
from kb.extract.tokens import Token, words


def declared(
    sentences: list[list[Token]], text: str, title: list[Token], head: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Lower-cased surface form -> label: the arms that the article declares, and others that it only mentions."""
    names: dict[str, str] = {}
    weak: dict[str, str] = {}
    for tokens in filter(None, sentences):
        for arm in grouped(tokens, text):
            if arm.sure:
                strong = tokens[arm.last - 1].text in GROUP or tokens[arm.first].text in GROUP
                (names if strong else weak).setdefault(arm.label.lower(), arm.label)
        said = {token.text for token in tokens}
        assigned = [] if said.isdisjoint(_ASSIGNED) else _assigned(tokens, text)
        for label in assigned + (_sized(tokens, text) if "(" in said else []):
            names.setdefault(label.lower(), label)
        if not said.isdisjoint(DOSE_UNITS):
            names |= {form: label for form, label in _doses(tokens, text) if form not in names}
    if "cases" in text and "controls" in text:
        weak |= dict.fromkeys(("cases",) if any(_side_by_side(tokens) for tokens in sentences) else (), "cases")
    for label in versus(title, head):
        names.setdefault(label.lower(), label)
    if len(_kept(names)) < _PAIR:
        told = (label for tokens in sentences for label in _told_sizes(tokens, text))
        for label in (*compared_at_first(sentences, text), *told):
            names.setdefault(label.lower(), label)
    return _kept(names), _kept(weak) | _short(_kept(names))


_PAIR = 2


def _side_by_side(tokens: list[Token]) -> bool:
    """Whether a sentence speaks of cases and controls."""
    return {"cases", "controls"} <= {t.text for t in tokens}


def _kept(names: dict[str, str]) -> dict[str, str]:
    return {
        form: label
        for form, label in names.items()
        if len(form) > 1 and form not in VERBS and not set(form.split()) & NO_ARMS
    }


def _short(names: dict[str, str]) -> dict[str, str]:
    """The drug's own name for a longer label: "oral prednisolone" is also known as "prednisolone"."""
    short = {form.split()[-1]: form.split()[-1] for form in names if " " in form}
    return {
        form: label
        for form, label in short.items()
        if len(form) > 4 and form.isalpha() and form not in names and form not in _GENERIC_LAST
    }


def _doses(tokens: list[Token], text: str) -> list[tuple[str, str]]:
    """Read "drug (300 mg or 1,000 mg)": each dose is an arm, known by the drug with the dose and by the dose alone."""
    found: list[tuple[str, str]] = []
    for i, token in enumerate(tokens):
        if token.kind != "n" or word(tokens, i + 1) not in DOSE_UNITS:
            continue
        opened = next((j for j in range(i - 1, max(-1, i - 10), -1) if tokens[j].text in ("(", ")")), None)
        several = sum(
            t.kind == "n" and word(tokens, j + 1) in DOSE_UNITS for j, t in enumerate(tokens[: i + 8]) if j > i - 8
        )
        dose = label_text(tokens, text, i, i + 2)
        if (
            opened is not None
            and opened
            and tokens[opened].text == "("
            and tokens[opened - 1].kind == "w"
            and several > 1
        ):
            drug = label_text(tokens, text, opened - 1, opened)
            found += [(f"{drug} {dose}".lower(), f"{drug} {dose}"), (dose.lower(), f"{drug} {dose}")]
    return found if len(found) > 2 else []


NO_ARMS = words("""
    treatment study intention analysis age sex patients total overall results both or and small large larger
    smaller prespecified primary partial parallel retrospective prospective multicenter multicentre
    population-based whole entire same different other heterogeneous heterogenous single inception historical
    autoantibody international national consecutive diagnostic validation derivation ethnic aged similar working
    task risk further first second this planned unplanned pre-planned exploratory hoc post-hoc pre-specified
    predefined significant significantly studied registered independent evaluable multiracial anticipated known
    highest lowest comparable distinct separate various several new original additional per-protocol
    intention-to-treat per-treatment
""")


_PAST_NOUN = words("adjunctive therapy treatment regimen combination administration addition")


_GENERIC_LAST = words("""
    therapy treatment care alone group arm regimen infusion surgery injection injections administration day
    daily weekly dose program programme intervention training exercise diet management method technique disease
    syndrome patients score status only ratio manner fashion basis study trial groups
""")


def _assigned(tokens: list[Token], text: str) -> list[str]:
    """Read "randomised to receive A or B", "assigned to A versus B"."""
    labels: list[str] = []
    for i, token in enumerate(tokens):
        if token.text in _ASSIGNED:
            j = i + 1
            while word(tokens, j) in (
                "assigned",
                "allocated",
                "to",
                "receive",
                "either",
                "undergo",
                "in",
                "oral",
                "the",
                "a",
                "into",
                "received",
            ):
                j += 1
            j = _led(tokens, i + 1) if j == i + 1 else j
            if j > i + 1 and word(tokens, j - 1) not in ("in", "into"):
                labels += _alternatives(tokens, text, j)
    return labels


def _led(tokens: list[Token], i: int) -> int:
    """Past "1:1 by minimisation to receive either" to what they receive; the place itself without "to receive"."""
    for j in range(i, min(len(tokens) - 1, i + 18)):
        if tokens[j].text in (".", ";"):
            return i
        if tokens[j].text == "to" and tokens[j + 1].text in ("receive", "either", "undergo"):
            return j + 2 + (word(tokens, j + 2) in ("either", "a", "the"))
    return i


_ASSIGNED = frozenset(("randomized", "randomised", "assigned", "allocated", "randomly"))


def _alternatives(tokens: list[Token], text: str, j: int) -> list[str]:
    """Noun phrases joined by "or", "versus", "and to", brackets between them stepped over."""
    labels: list[str] = []
    for _ in range(4):
        while word(tokens, j) in ("oral", "intravenous", "the", "to", "receive", "a", "either", "subcutaneous"):
            j += 1
        for k in (j, j + 1):
            if word(tokens, k) in ("treatment", "therapy") and word(tokens, k + 1) == "with":
                j = k + 2
                j += word(tokens, j) in ("oral", "intravenous", "subcutaneous", "topical")
        last = noun_phrase(tokens, text, j)
        if last > j and tokens[last - 1].text in _PAST_NOUN and word(tokens, last) in ("with", "of"):
            j = last + 1
            j += word(tokens, j) in ("oral", "intravenous", "subcutaneous", "topical")
            last = noun_phrase(tokens, text, j)
        if last == j:
            break
        labels.append(label_text(tokens, text, j, last))
        j = past_doses(tokens, past_bracket(tokens, last))
        comma = word(tokens, j) == ","
        j += comma
        joint = word(tokens, j) in ("or", "vs", "versus", "and")
        if not joint and not (comma and _goes_on(tokens, j)):
            break
        j += joint * (1 + (word(tokens, j + 1) == "."))
        j += 2 if j + 1 < len(tokens) and tokens[j].value is not None and tokens[j + 1].text == "to" else 0
    return labels if len(labels) > 1 else []


def _goes_on(tokens: list[Token], j: int) -> bool:
    """Whether a list goes on after its comma, to an "or" that ends it: "A, B, or C"."""
    near = tokens[j : j + 14]
    stop = next((i for i, t in enumerate(near) if t.text in (";", ".") or t.text in VERBS), len(near))
    return any(t.text == "or" for t in near[:stop])


def _sized(tokens: list[Token], text: str) -> list[str]:
    """Read "controls (n = 198)": a noun phrase with its size in a bracket, when there are two or more of them."""
    opened = [i for i, token in enumerate(tokens) if token.text == "(" and i]
    found = _coded(tokens, text, opened)
    for i in opened:
        if size(tokens, i + 1) and word(tokens, i + 4) in (")", ";", ","):
            if tokens[i - 1].text in GROUP or tokens[i - 1].text in MEMBERS or tokens[i - 1].kind != "w":
                continue
            first = label_start(tokens, text, i, max(0, i - 4))
            if first < i and tokens[i - 1].text not in _OUTCOMES:
                found.append(label_text(tokens, text, first, i))
    return found if len(found) > 1 else []


def _told_sizes(tokens: list[Token], text: str) -> list[str]:
    """Read "(early PAH, n = 40; late PAH [LPAH], n = 31)", "60 patients (31 zinc, 29 iron)": names with sizes."""
    found: list[str] = []
    for i, token in enumerate(tokens):
        if token.text == "n" and i > 1 and tokens[i - 1].text == "," and size(tokens, i):
            coded = tokens[i - 2].text == ")"
            stop = i - 2 if coded else i - 1
            first = label_start(tokens, text, stop, max(0, stop - 4))
            found += [label_text(tokens, text, first, stop)] if first < stop and tokens[stop - 1].kind == "w" else []
        elif token.text == "(" and tokens[i - 1].text in MEMBERS and i > 1 and tokens[i - 2].value is not None:
            found += _parts(tokens, text, i)
    return found if len(found) > 1 else []


def _parts(tokens: list[Token], text: str, opened: int) -> list[str]:
    """The labels of "(31 zinc, 29 iron)", if the sizes add up to the number before the people."""
    found, total, i = [], 0.0, opened + 1
    while i + 1 < len(tokens) and tokens[i].value is not None and tokens[i + 1].kind == "w":
        last = noun_phrase(tokens, text, i + 1)
        if last == i + 1:
            return []
        found.append(label_text(tokens, text, i + 1, last))
        total += tokens[i].value or 0.0
        i = last + 1
        i += word(tokens, i) == "and"
    return found if total == tokens[opened - 2].value and len(found) > 1 else []


def _coded(tokens: list[Token], text: str, opened: list[int]) -> list[str]:
    """Read "a juvenile cohort (jSSc, n = 71)", "(TAM; n = 164)": a short name and the size in one bracket."""
    found = []
    for i in opened:
        if word(tokens, i + 2) in (",", ";", ":") and size(tokens, i + 3):
            raw = label_text(tokens, text, i + 1, i + 2)
            if tokens[i + 1].kind == "w" and any(c.isupper() for c in raw[1:]) and len(raw) > 1:
                found.append(raw)
    return found


_OUTCOMES = words("""
    death deaths mortality suicide relapse relapses recurrence event events infection infections complications
    failure survivors toxicity improvement response responses remission bleeding
""")
