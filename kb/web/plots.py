"""Records as the plots of analysis: each drawn wide and narrow, so that its text never shrinks on a telephone."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import Markup

from analysis.plots import (
    JUDGEMENTS,
    Assessment,
    Axis,
    BiasRow,
    Domain,
    ForestRow,
    FunnelPoint,
    Measure,
    TrajectoryPoint,
    TrajectorySeries,
    forest,
    funnel,
    traffic_light,
    trajectory,
)
from kb.evidence.forests import axis_of, diamond, forest_row
from kb.records import Estimate, Share
from kb.store.rows import Row
from kb.vocabulary import Outcome
from kb.web.words import measure_words, scaled, window_words

WIDE, NARROW = 860.0, 328.0
#: Headers of study, estimate, interval and weight.
NAMES = ("Study", "Estimate", "95\N{NO-BREAK SPACE}% interval", "Weight")
#: Fewest studies for which a funnel says anything (Sterne 2011, BMJ 343:d4002).
LEAST_FOR_FUNNEL = 10


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot in two widths; the style sheet shows one of them."""

    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of studies, and the prefix of every path."""

    titles: dict[str, str]
    base: str

    def study(self, study: str) -> str:
        """``alip-2024`` → ``Alip 2024``; the title's own spelling where it begins with the same word."""
        first, _, rest = study.partition("-")
        spelling = re.match(r"\w+", self.titles.get(study, ""))
        name = spelling[0] if spelling and spelling[0].lower() == first.lower() else first.capitalize()
        if first == "pmid" or any(c.isdigit() for c in first):
            name = first.upper()
        return f"{name} {rest.replace('-', ' ')}".strip()

    def path(self, path: str) -> str:
        """A path of this site with its prefix."""
        return f"{self.base}{path}"


Draw = Callable[[str, float], str]


def both(plot_id: str, draw: Draw) -> Plot:
    """A plot drawn in both widths; draw takes an id and a width."""
    # the words in the markup were escaped by analysis.plots.svg
    made = (Markup(draw(f"{plot_id}-{width:.0f}", width)) for width in (WIDE, NARROW))  # noqa: S704
    return Plot(*made)


def identifier(words: str) -> str:
    """An id for a plot from any words."""
    return "plot-" + re.sub(r"[^a-zA-Z0-9]+", "-", words).strip("-")


def forest_plot(
    estimate: Estimate, beside: Sequence[Estimate], outcome: Outcome, labels: Labels, title: str
) -> Plot | None:
    """The studies of an estimate, the pool where there is one, and comparators beside; None without any study."""
    rows = [_row(s, estimate, labels) for s in estimate.shares]
    rows += [_row(s, estimate, labels, comparator=True) for other in beside for s in other.shares]
    if not rows:
        return None
    pooled = diamond(estimate)
    description = f"{outcome.title}, {window_words(estimate.window)}: " + "; ".join(
        f"{r.label} {scaled(s.effect.estimate, estimate.scale)}" for r, s in zip(rows, estimate.shares, strict=False)
    )

    label = f"{outcome.title}: {measure_words(estimate.measure)}"
    axis = axis_of(estimate.scale, label, outcome.unit, outcome.better)

    def draw(plot_id: str, width: float) -> str:
        return forest(
            rows, pooled, plot_id=plot_id, title=title, description=description, headers=("n",),
            axis=axis, width=width, show_title=False, names=NAMES,
        )  # fmt: skip

    return both(identifier(f"forest-{estimate.id}"), draw)


def _row(share: Share, estimate: Estimate, labels: Labels, *, comparator: bool = False) -> ForestRow:
    effect = share.effect
    last = effect.figures[-1][0] if effect.figures else None
    return forest_row(
        effect, estimate, f"{labels.study(effect.study)} · {effect.arm}", None if comparator else share.weight,
        share.left_out, href=labels.path(f"/-/figure/{last}") if last else None, comparator=comparator,
    )  # fmt: skip


def funnel_plot(estimate: Estimate, outcome: Outcome, labels: Labels, title: str) -> Plot | None:
    """Estimates against their standard errors; None with too few studies."""
    pooled = [s.effect for s in estimate.shares if s.weight is not None]
    if len(pooled) < LEAST_FOR_FUNNEL:
        return None
    points = [FunnelPoint(labels.study(e.study), e.yi, math.sqrt(e.vi or 0.0)) for e in pooled]
    transform: Literal["identity", "exp", "logit-percent"] = "exp" if estimate.scale == "ratio" else "identity"
    transform = "logit-percent" if estimate.measure == "PLO" else transform
    null = None if estimate.scale == "percent" else 1.0 if estimate.scale == "ratio" else 0.0
    axis = Axis(f"{outcome.title}: {measure_words(estimate.measure)}", null=null, transform=transform)

    def draw(plot_id: str, width: float) -> str:
        return funnel(
            points, estimate.beta, plot_id=plot_id, title=title, description=f"{len(points)} studies", axis=axis,
            width=width, show_title=False,
        )  # fmt: skip

    return both(identifier(f"funnel-{estimate.id}"), draw)


def course_plot(rows: Iterable[Row], outcome: Outcome, labels: Labels, title: str) -> Plot | None:
    """Means (or percentages alive) over time, one line a study and arm; None where nothing has two times.

    rows are those of the view evidence, ordered by study, arm and months.
    """
    lines: dict[tuple[str, str], list[TrajectoryPoint]] = {}
    for row in rows:
        if (point := _point(row, outcome, labels)) is not None:
            lines.setdefault((row["study"], row["arm"] or ""), []).append(point)
    drawn = {key: points for key, points in lines.items() if len({p.months for p in points}) > 1}
    if not drawn:
        return None
    series = [TrajectorySeries(f"{labels.study(s)} · {arm}", _marked(points)) for (s, arm), points in drawn.items()]
    description = f"{outcome.title} over months since baseline in {len(series)} groups of patients"

    def draw(plot_id: str, width: float) -> str:
        return trajectory(
            series, plot_id=plot_id, title=title, description=description, measure=_scale(outcome), width=width,
            show_title=False, bars="Bars: mean ± SD." if outcome.type == "continuous" else "",
        )  # fmt: skip

    return both(identifier(f"course-{outcome.id}"), draw)


def _point(row: Row, outcome: Outcome, labels: Labels) -> TrajectoryPoint | None:
    continuous = outcome.type == "continuous"
    mean = row["value"] if continuous else row["percent"]
    if row["months"] is None or mean is None or row["kind"] != ("mean" if continuous else "proportion"):
        return None
    sd = row["sd"] if continuous else None
    low, high = (mean - sd, mean + sd) if sd is not None else (None, None)
    return TrajectoryPoint(row["months"], mean, low, high, row["n"], labels.path(row["url"]))


def _marked(points: Sequence[TrajectoryPoint]) -> tuple[TrajectoryPoint, ...]:
    """Points of fewer patients than at first are of survivors (or of those who came back) only."""
    first = points[0].n
    return tuple(replace(p, survivors_only=bool(first and p.n and p.n < first)) for p in points)


def _scale(outcome: Outcome) -> Measure:
    low, high = outcome.scale or (None, None)
    better: Literal["lower", "higher"] = "lower" if outcome.better == "lower" else "higher"
    label = f"{outcome.title} ({outcome.unit})" if outcome.unit else outcome.title
    if outcome.mcid is None or outcome.type != "continuous":
        return Measure(label, low, high, better=better, decimals=DECIMALS[outcome.type == "continuous"])
    return Measure(label, low, high, outcome.mcid.value, outcome.mcid.source, better, decimals=2)


#: Decimals of a percentage and of a mean.
DECIMALS = (1, 2)


def bias_plot(study: str, rows: Sequence[Row], labels: Labels) -> Plot | None:
    """One instrument's judgements of one study; None where a judgement is none that the plot knows."""
    if not rows or any(row["judgement"] not in JUDGEMENTS for row in rows):
        return None
    domains = [Domain(f"D{i}", row["domain"]) for i, row in enumerate(rows, 1)]
    assessed = tuple(Assessment(row["judgement"], row["support"]) for row in rows)
    instrument = rows[0]["instrument"]
    description = "; ".join(f"{r['domain']}: {r['judgement']}" for r in rows)

    def draw(plot_id: str, width: float) -> str:
        return traffic_light(
            [BiasRow(labels.study(study), assessed)], domains, plot_id=plot_id, width=width, show_title=False,
            title=f"Risk of bias, {instrument}", description=description,
        )  # fmt: skip

    return both(identifier(f"bias-{study}-{instrument}"), draw)
