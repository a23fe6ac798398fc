"""Reading: text and vocabulary -> figures with places. Pure: no database, no network, no clock.

A small compiler, each module one stage:

    normalise    one spelling, one character for one character, so that offsets hold
    zones        sentences, and whether they are background, methods, results or conclusion
    tokens       words, numbers with values, signs
    times, visits, measures, details, attached, quantities (core)
                 what is printed: times, effect measures, what follows a number, the number with all of it
    distractors, samples
                 numbers that are no results
    phrases, outcomes, names, groups, compared, declared, arms
                 what is spoken of: phrases matched in one pass, the vocabulary's outcomes, the article's arms
    clauses, frames, elliptic, following, fates, links, listed, runs
                 where a sentence says what a number is about, what it ties to what; numbers in a row
    line         a sentence made ready, and what is carried from sentence to sentence
    bind_outcomes, bind_arms (arm_lists, beside, tagged, turns, shared, headings, contrasts), bind_times, bind_p
                 what belongs to what
    kinds (levels, changes, counts), negated
                 mean, median, proportion, change or effect; events that did not happen
    spoken       the sentences that may hold results, before anything is bound
    reader       the stages in their order
    confidence   how much the result can be trusted
    keyed        the place of a sheet's keyed numbers in its statement
    grid, labels, axes, cells, subjects, tables
                 tables, read by header and row
    gate         another reader's figures, judged by their quotes
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.extract.keyed import locate
from kb.extract.outcomes import known
from kb.extract.reader import read
from kb.extract.spoken import Text
from kb.extract.tables import known_arms, read_table
from kb.extract.zones import zone_of
from kb.records import Figure
from kb.vocabulary import Vocabulary

__all__ = ["Passage", "locate", "read_passages", "read_text"]


#: The kind of a passage whose text is a caption, rows of cells divided by tabs, and notes.
TABLE = "table"


@dataclass(frozen=True)
class Passage:
    """One stored section: its label ("Results", None for a whole abstract), its text, verbatim, and its kind."""

    label: str | None
    text: str
    kind: str = "body"


def read_text(text: str, vocabulary: Vocabulary, title: str | None = None) -> tuple[Figure, ...]:
    """The figures of a plain text, headings inside it or none; ``text[start:end] == quote`` for each."""
    return tuple(read([Text(text, None)], known(vocabulary), title)[0])


def read_passages(
    passages: Sequence[Passage], vocabulary: Vocabulary, title: str | None = None
) -> tuple[tuple[Figure, ...], ...]:
    """The figures of each passage, offsets relative to its text; all passages together are the context.

    A passage of kind table is read by header and row; the others say which arms there are.
    """
    texts = [Text(p.text, zone_of(p.label)) for p in passages if p.kind != TABLE]
    read_texts = iter(read(texts, known(vocabulary), title))
    if len(texts) == len(passages):
        return tuple(tuple(figures) for figures in read_texts)
    arms = known_arms([(text.plain, text.tokens) for text in texts], title)
    return tuple(read_table(p.text, vocabulary, arms) if p.kind == TABLE else tuple(next(read_texts)) for p in passages)
