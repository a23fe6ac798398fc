"""What the printed numbers of one study allow to compute, each over the whole range of what is not printed."""

from collections.abc import Iterable, Iterator, Mapping

from analysis.attrition import attrition_bounds
from analysis.change import change_over_r, correlations_allowed_by_p, responders
from analysis.integrity.granularity import exact_mean
from analysis.proportions import proportion_interval
from kb.evidence.sizes import Speaker, moments, spread
from kb.records import Effect, Reading, Reanalysis, Standing
from kb.vocabulary import Outcome, Topic, Vocabulary

INTERVALS = ("clopper-pearson", "wilson", "jeffreys", "mid-p")
#: Correlations shown for an unreported one, as far as the topic's range allows.
CORRELATIONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
#: Fewest patients for a paired t interval.
LEAST = 3
BOUNDS = {
    "mean_all": "mean of all, when the missing lie anywhere on the scale",
    "change_all": "change of all, from best to worst case",
    "mean_all_without_change": "mean of all, when the missing had the baseline mean",
    "baseline_missing_given_sd": "baseline mean of those lost, from scale and baseline SD",
    "baseline_remaining": "baseline mean of those who remained, from the scale alone",
    "baseline_remaining_given_sd": "baseline mean of those who remained, from scale and baseline SD",
    "change_remaining": "change of those who remained, from the scale alone",
    "change_remaining_given_sd": "change of those who remained, from scale and baseline SD",
}


def all_reanalyses(
    effects: Iterable[Effect], readings: Mapping[str, Reading], standings: Mapping[str, Standing],
    vocabulary: Vocabulary, topic: Topic,
) -> list[Reanalysis]:  # fmt: skip
    """Intervals for every counted proportion; correlations and attrition for every before–after change."""
    found: list[Reanalysis] = []
    for effect in effects:
        roles = {role: Speaker(readings[name], standings[name]) for name, role in effect.figures}
        if "events" in roles:
            found += intervals(effect, roles["events"])
        elif "baseline" in roles:
            before, after = roles["baseline"], roles["follow-up"]
            found += correlations(effect, before, after, topic)
            outcome = vocabulary.by_id(effect.outcome)
            found += attrition(effect, before, after, outcome)
            found += responder_shares(effect, before, after, outcome, topic)
            found += allowed_correlations(effect, before, after)
    return found


def intervals(effect: Effect, s: Speaker) -> Iterator[Reanalysis]:
    """The usual 95 % intervals of a proportion, in percent; none for a curve's percentage."""
    events, n = s.standing.events, s.standing.n
    if effect.vi is None or events is None or n is None:
        return
    for method in INTERVALS:
        found = proportion_interval(events, n, method=method)
        if found is None:
            continue
        numbers = (100 * events / n, None, 100 * found.lower, 100 * found.upper)
        yield _row(effect, ("interval", method), numbers, f"{events}/{n}, {method}, 95 %")


def correlations(effect: Effect, before: Speaker, after: Speaker, topic: Topic) -> Iterator[Reanalysis]:
    """The change with its t interval at each correlation of the topic's range."""
    first, last = moments(before), moments(after)
    if first is None or last is None or effect.ni is None or effect.ni < LEAST:
        return
    for c in change_over_r(first.mean, first.sd, last.mean, last.sd, n=effect.ni, rs=correlations_of(topic)):
        note = f"r = {c.r:g}, n = {effect.ni}: paired t = {c.t:.2f}, p = {c.p:.2g}; t interval"
        yield _row(effect, ("correlation", f"r={c.r:g}"), (c.change.estimate, c.change.se, c.t_low, c.t_high), note)


def correlations_of(topic: Topic) -> list[float]:
    """The correlations shown for an unreported one, within the topic's range."""
    return [x for x in CORRELATIONS if topic.assumed_r.low <= x <= topic.assumed_r.high]


def attrition(effect: Effect, before: Speaker, after: Speaker, outcome: Outcome) -> Iterator[Reanalysis]:
    """Bounds for those lost between baseline and follow-up, from the printed moments and the scale alone."""
    n, m = before.standing.n, after.standing.n
    x, y = before.figure.value, after.figure.value
    if not (n and m and m < n and outcome.scale) or x is None or y is None:
        return
    if not all(outcome.scale[0] <= mean <= outcome.scale[1] for mean in (x, y)):
        return
    bounds = attrition_bounds(
        n=n,
        mean_baseline=_as_exact(before, n, x, outcome),
        n_remaining=m,
        mean_remaining=_as_exact(after, m, y, outcome),
        scale=outcome.scale,
        sd_baseline=spread(before),
    )
    for name, meaning in BOUNDS.items():
        found = getattr(bounds, name)
        if found is not None:
            low, high = (found, found) if isinstance(found, float) else (found.low, found.high)
            yield _row(effect, ("attrition", name), (None, None, low, high), f"{n} → {m}: {meaning}")


def responder_shares(
    effect: Effect, before: Speaker, after: Speaker, outcome: Outcome, topic: Topic
) -> Iterator[Reanalysis]:
    """The percentage whose change reaches the smallest important one, were changes normal; bounds without that.

    At the lowest, the assumed and the highest correlation of the topic, because the SD of the change depends on it.
    """
    first, last = moments(before), moments(after)
    if first is None or last is None or outcome.mcid is None or effect.ni is None or effect.ni < LEAST:
        return
    sign = 1 if outcome.better == "lower" else -1
    for c in change_over_r(first.mean, first.sd, last.mean, last.sd, n=effect.ni, rs=_three(topic)):
        if c.sd_change > 0:
            share = responders(sign * c.change.estimate, c.sd_change, outcome.mcid.value)
            numbers = (100 * share.normal, None, 100 * share.at_least, 100 * share.at_most)
            note = f"{outcome.better} by {outcome.mcid.value:g} or more at r = {c.r:g}, if changes are normal; "
            yield _row(effect, ("responders", f"r={c.r:g}"), numbers, note + "bounds for any distribution (Cantelli)")


def _three(topic: Topic) -> list[float]:
    return sorted({topic.assumed_r.low, topic.assumed_r.value, topic.assumed_r.high})


def allowed_correlations(effect: Effect, before: Speaker, after: Speaker) -> Iterator[Reanalysis]:
    """The correlations with which a paired t test gives the printed p; says so where none does."""
    first, last, p = moments(before), moments(after), after.figure.p_value or before.figure.p_value
    if first is None or last is None or p is None or effect.ni is None or effect.ni < LEAST or first.mean == last.mean:
        return
    if first.sd <= 0 or last.sd <= 0:
        return
    printed = f"{p.op}{p.value:g}"
    found = correlations_allowed_by_p(first.mean, first.sd, last.mean, last.sd, n=effect.ni, p=printed)
    if found is None:
        note = f"no correlation from −1 to 1 lets a paired t test reach p {printed}; another test may have been used"
        yield _row(effect, ("allowed correlations", f"p{printed}"), (None, None, None, None), note)
    else:
        note = f"a paired t test gives p {printed} with correlations in this range"
        yield _row(effect, ("allowed correlations", f"p{printed}"), (None, None, found.low, found.high), note)


def _as_exact(s: Speaker, n: int, mean: float, outcome: Outcome) -> float:
    """The mean as a total of whole numbers over n where only one total rounds to it, else as printed."""
    printed = s.figure.printed("value")
    exact = exact_mean(printed, n) if outcome.integer and printed else None
    return mean if exact is None else exact


def _row(
    effect: Effect,
    what: tuple[str, str],
    numbers: tuple[float | None, float | None, float | None, float | None],
    note: str,
) -> Reanalysis:
    return Reanalysis(effect.study, effect.arm, effect.outcome, effect.window, effect.months, *what, *numbers, note)
