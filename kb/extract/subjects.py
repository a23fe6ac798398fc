"""What a row of a table is about: the outcome, or a trait of the patients that is no result."""

from dataclasses import replace
from typing import NamedTuple

from kb.extract.core import Quantity
from kb.extract.distractors import QUESTIONS, distraction
from kb.extract.grid import Cell
from kb.extract.labels import Label
from kb.extract.line import Line
from kb.extract.outcomes import Known, find_named
from kb.extract.tokens import Token, lex, words

_TRAIT_WORDS = words("""
    age sex gender male males female females race ethnicity ethnic white black caucasian asian hispanic smoker
    smokers smoking education educational married marital bmi height parity
""")
_BASELINE_TRAITS = words("""
    weight duration history previous prior comorbidity comorbidities diabetes hypertension employment income
    family stage income religion urban rural
""")
_GENERIC = words("""
    yes no none mild moderate severe total any all other others grade value values score scores outcome
    outcomes primary secondary variable variables parameter parameters measure measures result results end
    endpoint points efficacy itt pp population analysis patients participants subjects present absent normal
    abnormal positive negative good fair poor improved unchanged worse complete partial success failure mean
    right left observed adjusted unadjusted crude locf intention-to-treat per-protocol completers i ii iii iv
""")
_REASONS = ("an age", "a trait of the sample")


class Subject(NamedTuple):
    """An outcome, whether the vocabulary knows it, its type there, and the rule that found it."""

    outcome: str | None
    named: bool
    type: str | None
    rule: str


def subject_of(
    vocabulary: Known, own: list[Label], sections: list[Label], over: list[Label], caption: Label
) -> Subject:
    """The outcome of a cell: the vocabulary's name in the nearest label that has words, else those words themselves."""
    spoken = [label for label in own if _says(label)]
    above = [label for label in sections if _says(label)]
    beside = [label for label in over if _says(label) and not label.role]
    for group, rule in ((spoken, "subject"), (beside, "near"), (above, "near")):
        for label in reversed(group):
            found = find_named(label.tokens, vocabulary)
            if found:
                return Subject(found[0].name, True, found[0].type, f"{rule}+known")
        if group and rule == "subject":
            break
    said = _words(spoken, own, above, beside)
    if said:
        return Subject(said, False, None, "subject" if spoken else "near")
    named = {n.name: n for n in find_named(caption.tokens, vocabulary)}
    if len(named) == 1:
        one = next(iter(named.values()))
        return Subject(one.name, True, one.type, "inherited+known")
    first = caption.rest.split("\n")[0].split(". ")[0]
    return Subject(
        first if 0 < len(first.split()) < 15 else None,
        False,
        None,
        "inherited" if 0 < len(first.split()) < 15 else "none",
    )


def _says(label: Label) -> bool:
    """Whether a label has words of its own."""
    return bool(set(label.words) - _GENERIC)


def _words(spoken: list[Label], own: list[Label], above: list[Label], beside: list[Label]) -> str | None:
    """The row's words; those above it or over the column where the row has none, or only says a degree."""
    mine = [label.rest for label in spoken]
    degree = next((label.rest for label in reversed(own) if label.rest and not _says(label)), None)
    context = [label.rest for label in (above[-1:] or beside[-1:])]
    if mine:
        short = above and len(mine) == 1 and len(mine[0].split()) == 1 and not (spoken[0].unit or spoken[0].forms)
        return f"{above[-1].rest}: {mine[0]}" if short else ", ".join([*mine, *([degree] if degree else [])])
    return ": ".join([*context, *([degree] if degree else [])]) if context else None


def is_trait(vocabulary: Known, labels: list[Label], cell: Cell, quantity: Quantity, *, baseline: bool) -> bool:
    """Whether a number says who the patients are and not how they fared."""
    if any(find_named(label.tokens, vocabulary) for label in labels):
        return False
    said = {word for label in labels for word in label.words[:4]}
    if said & _TRAIT_WORDS or (baseline and said & _BASELINE_TRAITS):
        return True
    rows = [label for label in labels if label.words]
    head = [t for label in rows[:2] for t in label.tokens[:5]]
    return (
        distraction(
            _line(head, cell, quantity),
            replace(quantity, first=quantity.first + len(head), last=quantity.last + len(head)),
            QUESTIONS,
        )
        in _REASONS
    )


def _line(head: list[Token], cell: Cell, quantity: Quantity) -> Line:
    """A row's words and a cell as if they were a sentence."""
    return Line(cell.lowered, "results", head + lex(cell.lowered, 0, len(cell.lowered)), [], [quantity], [], [], [])
