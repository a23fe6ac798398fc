"""What checks need of a figure as it was printed: signed numbers, its p, and the words of its sentence."""

import re
from decimal import Decimal

from kb.records import Figure, Reading

#: Words for numbers that come from a model: no t test or chi-squared test of the printed numbers gives their p.
MODELLED = re.compile(
    r"least[- ]squares?|\bLS\b|(?<!un)adjusted|imput|ancova|mixed[- ]|mmrm|regression|multivaria|logistic"
    r"|stratified|mantel|propensity|matched|non-?inferior|one-sided|interaction|trend",
    re.IGNORECASE,
)

#: Words for means that are no plain means of the patients' scores: their totals need not be whole.
NOT_PLAIN = re.compile(
    r"least[- ]squares?|\bLS\b|(?<!un)adjusted|imput|ancova|mixed[- ]model|mmrm|estimated marginal"
    r"|two (?:raters|assessors|examiners|observers)",
    re.IGNORECASE,
)

#: Words for intervals that need not have their estimate in the middle.
CREDIBLE = re.compile(r"credible|\bcri\b|\bhdi\b|bayes|posterior|bootstrap|hodges|median difference", re.IGNORECASE)

#: Words for a confidence interval.
CONFIDENCE = re.compile(r"\bCIs?\b|CI95|95%CI|confidence", re.IGNORECASE)

_END = re.compile(r"[.;!?](?=\s+[A-Z(])|\n")


def signed(figure: Figure, key: str) -> str | None:
    """A number as printed, with the sign of its value: "-3.10"."""
    text, value = figure.printed(key), getattr(figure, key)
    return None if text is None or value is None else ("-" if value < 0 else "") + text.replace(",", "")


def printed_p(figure: Figure) -> str | None:
    """A p value with its operator, "<0.001"; None without one, or where it is not above 0 and at most 1."""
    p = figure.p_value
    return None if p is None or not 0 < p.value <= 1 else f"{p.op}{Decimal(str(p.value)):f}"


def sentence(reading: Reading) -> str:
    """The sentence, or the table cell, that holds the figure."""
    text, f = reading.section_text, reading.figure
    before = [m.end() for m in _END.finditer(text, 0, f.start)]
    after = _END.search(text, f.end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)]


def modelled(reading: Reading) -> str | None:
    """The word that says that a model gave these numbers; None if there is none."""
    return _first(MODELLED, reading)


def not_plain(reading: Reading) -> str | None:
    """The word that says that a mean is not the plain mean of the patients' scores; None if there is none."""
    return _first(NOT_PLAIN, reading)


def _first(words: re.Pattern[str], reading: Reading) -> str | None:
    found = words.search(sentence(reading))
    return found.group(0).strip() if found else None
