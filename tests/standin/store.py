"""What the stand-in knows on each numbered day: records, links, registry entries, full texts.

Everything has its history: the value given on the latest day up to today counts; None means it is not there.
"""

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from tests.standin.articles import Article

Value = TypeVar("Value")
Links = tuple[tuple[str, int], ...]


class History(Generic[Value]):
    """One value over the days."""

    def __init__(self) -> None:
        self._days: list[int] = []
        self._values: list[Value | None] = []

    def put(self, day: int, value: Value | None) -> None:
        """From that day on it is this."""
        place = bisect.bisect_left(self._days, day)
        if place < len(self._days) and self._days[place] == day:
            self._values[place] = value
            return
        self._days.insert(place, day)
        self._values.insert(place, value)

    def on(self, day: int) -> Value | None:
        """What it is on that day."""
        place = bisect.bisect_right(self._days, day)
        return self._values[place - 1] if place else None


@dataclass(slots=True)
class Store:
    """All that can be asked for; `day` is today."""

    day: int = 0
    articles: dict[str, History[Article]] = field(default_factory=dict)
    links: dict[tuple[str, str], History[Links]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    trials: dict[str, dict[str, Any]] = field(default_factory=dict)
    trial_aliases: dict[str, str] = field(default_factory=dict)
    full_texts: dict[str, "FullText"] = field(default_factory=dict)

    def add(self, *articles: Article, day: int = 0) -> None:
        """Records that are there from that day on."""
        for article in articles:
            self.articles.setdefault(article.pmid, History()).put(day, article)

    def change(self, day: int, pmid: str, **fields: Any) -> None:
        """From that day on these fields are different."""
        history = self.articles[pmid]
        before = history.on(day)
        if before is None:
            raise KeyError(f"{pmid} is not there on day {day}")
        history.put(day, replace(before, **fields))

    def delete(self, day: int, pmid: str, into: str | None = None) -> None:
        """From that day on the record is gone, perhaps merged into another."""
        self.articles[pmid].put(day, None)
        if into:
            self.merged[pmid] = into

    def link(self, name: str, pmid: str, targets: Iterable[str | tuple[str, int]], day: int = 0) -> None:
        """From that day on the record has these links of that name; without a score they count down."""
        rows = list(targets)
        scored = tuple(
            row if isinstance(row, tuple) else (row, 20_000_000 + 1_000 * (len(rows) - place))
            for place, row in enumerate(rows)
        )
        self.links.setdefault((name, pmid), History()).put(day, scored)

    def article(self, pmid: str) -> Article | None:
        """The record today; a number may be padded."""
        history = self.articles.get(pmid.lstrip("0"))
        return history.on(self.day) if history else None

    def today(self) -> Iterator[Article]:
        """All records that are there today, newest PMID first."""
        for pmid in sorted(self.articles, key=int, reverse=True):
            article = self.articles[pmid].on(self.day)
            if article is not None:
                yield article

    def linked(self, name: str, pmid: str) -> Links | None:
        """Links today; None where there never was a list."""
        history = self.links.get((name, pmid))
        return history.on(self.day) if history else None

    def by_pmc(self, pmcid: str) -> Article | None:
        """The record that has this PMC id today."""
        return next((one for one in self.today() if one.pmc == pmcid), None)


@dataclass(frozen=True, slots=True)
class FullText:
    """A full text in PMC: what of it may be given, under which licence, in how many versions."""

    pmcid: str
    pmid: str
    title: str
    paragraphs: tuple[str, ...] = ()
    licence: str = "CC BY"
    open_access: bool = True
    versions: int = 1
    body: bool = True
