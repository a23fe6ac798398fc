"""The database as a Markdown report: question, contents, estimates with links to every place, rules, versions.

Links are paths of the site (``/-/figure/…``), so the report works beside ``evidence-kb serve`` and in a published copy.
Nothing in it changes between two exports of one database but the line that says when it was exported.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote as in_address

from sqlite_utils import Database

from kb.evidence.pools import SETS
from kb.export.cells import cells_of
from kb.export.references import one_line
from kb.frames import frame
from kb.records import Effect, Estimate, Share
from kb.store.rows import fetch
from kb.store.status import status

DECIMALS = {"points": 2, "percent": 1, "ratio": 2}
UNITS = {"points": "", "percent": " %", "ratio": ""}
COUNTED = ("studies", "documents", "sections", "figures", "links", "reviews", "estimates")

UNREVIEWED = (
    "**Unreviewed.** No estimate below rests on people's decisions yet: the figures were keyed by one person or read "
    "by a machine, and checked by arithmetic alone."
)
RULES = (
    "One intervention class and one design are pooled at a time; single groups apart from contrasts between arms.",
    "Comparators stand beside the evidence and are never pooled in.",
    "One study of each cohort: the largest n in the time window, then the longest follow-up; the others are listed.",
    "A change from before to after treatment is the change after it, not its effect.",
    "With one study its own numbers are shown and nothing is pooled; a prediction interval needs three.",
    "A check removes nothing: what it doubts is marked, and the set without doubtful figures shows the difference.",
    "A figure of a retracted study, and one on which two readings conflict, speaks nowhere.",
)  # fmt: skip

Figures = Mapping[str, Mapping[str, Any]]


def write(path: Path, db: Database, source: Path, found: Sequence[Estimate], exported_at: str) -> None:
    """Write the report of a database and its estimates."""
    figures = {row["figure"]: row for row in cells_of(frame(source, "evidence"))}
    outcomes = {row["id"]: row["title"] for row in fetch(db, "select id, title from outcomes")}
    lines = [
        *_head(db, found, exported_at),
        *_contents(db, source),
        *_estimates(found, figures, outcomes),
        *_doubtful(source),
        *_rules(db, found),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(db: Database, found: Sequence[Estimate], exported_at: str) -> Iterator[str]:
    topics = fetch(db, "select title, question, protocol_version from topics order by id")
    yield f"# {plain(topics[0]['title']) if topics else 'Evidence KB'}"
    yield ""
    for topic in topics:
        yield f"Question: {plain(topic['question'])}"
        yield ""
        yield f"Protocol version {plain(topic['protocol_version'])}."
        yield ""
    yield f"exported_at: {exported_at}"
    yield ""
    if found and all(e.reviewed == "unreviewed" for e in found):
        yield UNREVIEWED
        yield ""


def _contents(db: Database, source: Path) -> Iterator[str]:
    counts = status(db)
    yield "## What is in the database"
    yield ""
    yield from _table(("what", "number"), ((name, str(counts[name])) for name in COUNTED))
    if counts["retracted"]:
        yield f"Retracted, and in no estimate: {', '.join(counts['retracted'])}."
        yield ""
    yield "Records by stage, as PRISMA counts them:"
    yield ""
    flow = cells_of(frame(source, "prisma_flow"))
    yield from _table(("stage", "what", "records"), ([str(v) for v in row.values()] for row in flow))


def _estimates(found: Sequence[Estimate], figures: Figures, outcomes: Mapping[str, str]) -> Iterator[str]:
    yield "## Estimates"
    yield ""
    if not found:
        yield "None: nothing has been built, or no figure speaks."
        yield ""
    for outcome in sorted({e.outcome for e in found}):
        yield f"### {plain(outcomes.get(outcome, outcome))}"
        yield ""
        for estimate in (e for e in found if e.outcome == outcome):
            yield from _estimate(estimate, figures)


def _estimate(estimate: Estimate, figures: Figures) -> Iterator[str]:
    yield f"#### {plain(estimate.comparison)}, {plain(estimate.window)}, {estimate.measure}, {estimate.set}"
    yield ""
    yield f"{_result(estimate)} [{_code(estimate.id)}]({_page('estimate', estimate.id)})"
    yield f"({estimate.role}, {estimate.reviewed}; {plain(SETS.get(estimate.set, estimate.set))})"
    yield ""
    yield from (f"- {_share(share, estimate.scale, figures)}" for share in estimate.shares)
    yield ""


def _result(estimate: Estimate) -> str:
    if estimate.k == 0 or estimate.estimate is None:
        return "Nothing can be pooled."
    numbers = _numbers(estimate.estimate, estimate.ci_low, estimate.ci_high, estimate.scale)
    if estimate.k == 1:
        return f"One study, its own numbers: **{numbers}**."
    words = f"k = {estimate.k}: **{numbers}**, {estimate.method}, {estimate.test}"
    words += f", I² = {estimate.i2:.0f} %" if estimate.i2 is not None else ""
    if estimate.pi_low is not None and estimate.pi_high is not None:
        words += f", prediction interval {_span(estimate.pi_low, estimate.pi_high, estimate.scale)}"
    return f"{words}."


def _share(share: Share, scale: str, figures: Figures) -> str:
    effect = share.effect
    words = f"{plain(effect.study)}, {plain(effect.arm)}: "
    words += _numbers(effect.estimate, effect.ci_low, effect.ci_high, scale)
    words += f", weight {share.weight:.1f} %" if share.weight is not None else ""
    words += f", **left out**: {plain(share.left_out)}" if share.left_out else ""
    words += "; a check doubts a figure behind it" if effect.doubtful else ""
    words += f"; {plain(effect.derived)}" if effect.derived else ""
    return f"{words}. {_places(effect, figures)}"


def _places(effect: Effect, figures: Figures) -> str:
    """Every figure behind an effect: its role, a link to its page, its quote."""
    return "; ".join(
        f"{role} [{_code(figure)}]({_page('figure', figure)}) “{plain(figures[figure]['quote'])}”"
        for figure, role in effect.figures
        if figure in figures
    )


def _doubtful(source: Path) -> Iterator[str]:
    yield "## What checks doubt"
    yield ""
    rows = cells_of(frame(source, "doubtful_figures"), in_order=False)
    if not rows:
        yield "Nothing."
    for row in rows:
        link = f"[{_code(row['figure'])}]({row['url']})"
        yield f"- {link} {plain(row['study'] or 'no study')}: {row['verdict']}, {row['check']}: {plain(row['reason'])}"
    yield ""


def _rules(db: Database, found: Sequence[Estimate]) -> Iterator[str]:
    yield "## Method"
    yield ""
    yield from (f"- {rule}" for rule in RULES)
    models = sorted({f"{e.method}, {e.test}, {e.level:g} %" for e in found if e.k > 1})
    yield from (f"- Model: {model}." for model in models)
    versions = fetch(db, "select distinct versions from estimates order by versions")
    yield from (f"- Computed with {plain(row['versions'])}." for row in versions)
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(map(plain, row))} |" for row in rows)
    yield ""


def _numbers(value: float | None, low: float | None, high: float | None, scale: str) -> str:
    if value is None:
        return "no number"
    words = _number(value, scale)
    if low is None or high is None:
        return f"{words} (no interval)"
    return f"{words} ({_span(low, high, scale)})"


def _span(low: float, high: float, scale: str) -> str:
    return f"{_number(low, scale).removesuffix(UNITS[scale])} to {_number(high, scale)}"


def _number(value: float, scale: str) -> str:
    """With a true minus, so that no reader takes it for a dash."""
    return f"{value:.{DECIMALS[scale]}f}".replace("-", "−") + UNITS[scale]


def plain(text: str) -> str:
    """Text from outside as Markdown shows it: one line, no mark-up, no links, no HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&!])", r"\\\1", one_line(text))


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', '')}`"


def _page(kind: str, name: str) -> str:
    return f"/-/{kind}/{in_address(name, safe='')}"
