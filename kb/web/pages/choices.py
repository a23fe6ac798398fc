"""The model in the address of an outcome page: ``?months=12&method=REML&test=knha&r=0.5&set=main&level=95``.

With ``subgroup=risk`` the estimates are also looked at by subgroups, which changes no number of them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kb.evidence.pools import SETS
from kb.evidence.subgroups import KINDS
from kb.records import Estimate
from kb.stages.modelling import Choice, default_choice
from kb.vocabulary import Topic
from kb.web.show import Problem

METHODS = {
    "REML": "restricted maximum likelihood", "ML": "maximum likelihood", "DL": "DerSimonian–Laird",
    "PM": "Paule–Mandel", "PMM": "Paule–Mandel, median", "EB": "empirical Bayes", "SJ": "Sidik–Jonkman",
    "HE": "Hedges", "HS": "Hunter–Schmidt", "HSk": "Hunter–Schmidt, corrected", "FE": "one common effect",
}  # fmt: skip
TESTS = {
    "adhoc": "Knapp–Hartung, never narrower than normal", "knha": "Knapp–Hartung", "z": "normal", "t": "t distribution",
}  # fmt: skip
NAMES = ("months", "method", "test", "r", "set", "level", "subgroup")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader chose: which results, how they are weighed, and by which subgroups they are looked at.

    window None: all times. subgroup None: all studies together.
    """

    choice: Choice
    set: str
    window: str | None
    months: float | None
    default: bool
    subgroup: str | None = None

    def query(self) -> str:
        """The address' query that gives this choice, every name spelled out."""
        c = self.choice
        named = {"months": self.months, "method": c.method, "test": c.test, "r": c.r, "set": self.set, "level": c.level}
        named["subgroup"] = self.subgroup
        return urlencode({k: f"{v:g}" if isinstance(v, float | int) else v for k, v in named.items() if v is not None})


def chosen(query: Mapping[str, str], topic: Topic) -> Chosen:
    """The choice that a query means; an empty value is the protocol's own. Raises Problem 400 with one clear line."""
    if strange := [name for name in query if name not in NAMES]:
        raise Problem(400, f"{strange[0][:40]} is no part of the model; known are {', '.join(NAMES)}.")
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    protocol = default_choice(topic)
    choice = Choice(
        method=_one_of("method", given, METHODS, protocol.method),
        test=_one_of("test", given, TESTS, protocol.test),
        level=_between("level", given, 50, 99.99, protocol.level),
        r=_between("r", given, -0.99, 0.99, protocol.r),
    )
    months = _between("months", given, 0, 1200, math.nan)
    window = None if math.isnan(months) else _window(months, topic)
    return Chosen(
        choice, _one_of("set", given, SETS, "main"), window, None if window is None else months, choice == protocol,
        _one_of("subgroup", given, KINDS, "") if "subgroup" in given else None,
    )  # fmt: skip


def selected(estimates: Iterable[Estimate], chosen: Chosen) -> list[Estimate]:
    """The estimates of the chosen set and window.

    A sensitivity set that holds the same as the main one has no estimate of its own, so the main one stands for it.
    """
    questions: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for e in estimates:
        questions.setdefault((e.comparison, e.outcome, e.window, e.measure), {})[e.set] = e
    found = [_of_set(sets, chosen.set) for sets in questions.values()]
    return [e for e in found if e is not None and chosen.window in (None, e.window)]


def _of_set(sets: Mapping[str, Estimate], name: str) -> Estimate | None:
    main = sets.get("main")
    if name in sets or main is None:
        return sets.get(name)
    emptied = name == "without-doubtful" and any(s.effect.doubtful for s in main.shares)
    return None if emptied else main


def _window(months: float, topic: Topic) -> str:
    window = topic.window_of(months)
    if window is None:
        known = ", ".join(f"{w.months:g}" for w in topic.windows)
        raise Problem(400, f"months={months:g} lies in no time window; the windows are {known}.")
    return window.name


def _one_of(name: str, given: Mapping[str, str], known: Iterable[str], otherwise: str) -> str:
    value = given.get(name, otherwise)
    if value not in known:
        raise Problem(400, f"{name} must be one of {', '.join(known)}.")
    return value


def _between(name: str, given: Mapping[str, str], low: float, high: float, otherwise: float) -> float:
    if name not in given:
        return otherwise
    try:
        value = float(given[name])
    except ValueError as error:
        raise Problem(400, f"{name} must be a number from {low:g} to {high:g}.") from error
    if not low <= value <= high:
        raise Problem(400, f"{name} must be a number from {low:g} to {high:g}.")
    return value
