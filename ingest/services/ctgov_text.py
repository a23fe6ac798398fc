"""The texts of a registry entry as Sections: summary, arms, eligibility, outcomes, and the result tables.

A table is caption, rows and notes by newlines, cells by tabs. A result is printed the way the registry's
own pages print it: "18.2 (7.1)" under "Mean (Standard Deviation)", or "12 (8 to 15)" where limits are given.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingest.records import Section
from ingest.services.loose_json import Json, at, objects_at, text_at, texts_at

_OUTCOMES = (
    ("Primary outcomes", "primaryOutcomes"), ("Secondary outcomes", "secondaryOutcomes"),
    ("Other outcomes", "otherOutcomes"),
)  # fmt: skip
_EVENTS = (("Serious adverse events", "seriousEvents"), ("Other adverse events", "otherEvents"))


def sections(entry: Json, title: str | None) -> Iterator[Section]:
    """The texts that an entry has, in the order of the registry's page."""
    protocol, results = at(entry, "protocolSection"), at(entry, "resultsSection")
    official = text_at(protocol, "identificationModule", "officialTitle")
    if title:
        yield Section("title", None, title)
    if official and official != title:
        yield Section("other", "Official title", official)
    yield from _texts(protocol)
    yield from _flow(at(results, "participantFlowModule"))
    yield from _baseline(at(results, "baselineCharacteristicsModule"))
    for measure in objects_at(results, "outcomeMeasuresModule", "outcomeMeasures"):
        yield _outcome(measure)
    yield from _events(at(results, "adverseEventsModule"))


def _texts(protocol: Any) -> Iterator[Section]:
    described = at(protocol, "descriptionModule")
    arms = at(protocol, "armsInterventionsModule")
    told = (
        ("abstract", "Brief summary", text_at(described, "briefSummary")),
        ("body", "Detailed description", text_at(described, "detailedDescription")),
        ("body", "Arms", _lines(_arm(one) for one in objects_at(arms, "armGroups"))),
        ("body", "Interventions", _lines(_intervention(one) for one in objects_at(arms, "interventions"))),
        *(
            ("body", label, _lines(_planned(one) for one in objects_at(protocol, "outcomesModule", key)))
            for label, key in _OUTCOMES
        ),
        ("body", "Eligibility", _eligibility(at(protocol, "eligibilityModule"))),
    )
    for kind, label, text in told:
        if text:
            yield Section(kind, label, text)


def _lines(lines: Iterable[str | None]) -> str | None:
    return "\n".join(line for line in lines if line) or None


def _arm(one: Json) -> str | None:
    kind = (text_at(one, "type") or "").replace("_", " ").lower()
    head = ": ".join(filter(None, (kind.capitalize(), text_at(one, "label"))))
    return ". ".join(filter(None, (head, text_at(one, "description"), ", ".join(texts_at(one, "interventionNames")))))


def _intervention(one: Json) -> str | None:
    kind = (text_at(one, "type") or "").replace("_", " ").lower()
    head = ": ".join(filter(None, (kind.capitalize(), text_at(one, "name"))))
    return ". ".join(filter(None, (head, text_at(one, "description"))))


def _planned(one: Json) -> str | None:
    frame = text_at(one, "timeFrame")
    parts = (text_at(one, "measure"), text_at(one, "description"), f"Time frame: {frame}" if frame else None)
    return ". ".join(filter(None, parts))


def _eligibility(module: Any) -> str | None:
    ages = (
        (name, text_at(module, key)) for name, key in (("Sex", "sex"), ("From", "minimumAge"), ("To", "maximumAge"))
    )
    stated = ", ".join(f"{name} {value}" for name, value in ages if value)
    return _lines((text_at(module, "eligibilityCriteria"), stated))


def _outcome(measure: Json) -> Section:
    """One outcome measure: what it is, one row for each category, then the analyses."""
    groups = objects_at(measure, "groups")
    frame, rank = text_at(measure, "timeFrame"), (text_at(measure, "type") or "").capitalize()
    caption = (
        text_at(measure, "title"), text_at(measure, "description"), text_at(measure, "populationDescription"),
        f"Time frame: {frame}" if frame else None, _statistic(measure),
    )  # fmt: skip
    rows = [_head(groups), *_denominators(measure, groups), *_measured(measure, groups)]
    notes = [_analysis(one, groups) for one in objects_at(measure, "analyses")]
    label = f"{rank} outcome: {text_at(measure, 'title') or ''}".strip()
    return Section("table", label, _lines((*caption, *rows, *notes)) or label)


def _statistic(measure: Json) -> str | None:
    """What the numbers of the rows are: `Mean (Standard Deviation), points`."""
    kind, spread = _words(text_at(measure, "paramType")), _words(text_at(measure, "dispersionType"))
    # The words for "no spread is given".
    spread = None if (spread or "").lower() in {"", "na", "none", "not applicable"} else spread
    unit = text_at(measure, "unitOfMeasure")
    return ", ".join(filter(None, (f"{kind} ({spread})" if kind and spread else kind, unit)))


def _words(name: str | None) -> str | None:
    """A name of the API as a reader wants it: STANDARD_DEVIATION is "Standard Deviation"."""
    return name.replace("_", " ").title() if name and name.isupper() else name


def _head(groups: Sequence[Json]) -> str:
    return "\t".join(("", *(text_at(one, "title") or "" for one in groups)))


def _denominators(holder: Json, groups: Sequence[Json]) -> Iterator[str]:
    for one in objects_at(holder, "denoms"):
        counts = {text_at(each, "groupId"): text_at(each, "value") for each in objects_at(one, "counts")}
        yield _row(f"Number analyzed ({text_at(one, 'units') or 'participants'})", groups, counts)


def _measured(measure: Json, groups: Sequence[Json]) -> Iterator[str]:
    for one in objects_at(measure, "classes"):
        for category in objects_at(one, "categories"):
            name = ", ".join(filter(None, (text_at(one, "title"), text_at(category, "title"))))
            values = {text_at(each, "groupId"): _value(each) for each in objects_at(category, "measurements")}
            yield _row(name or text_at(measure, "title") or "", groups, values)
        yield from _denominators(one, groups)


def _value(one: Json) -> str | None:
    value, spread = text_at(one, "value"), text_at(one, "spread")
    low, high = text_at(one, "lowerLimit"), text_at(one, "upperLimit")
    if value and spread:
        return f"{value} ({spread})"
    if value and (low or high):
        return f"{value} ({low or 'NA'} to {high or 'NA'})"
    return value


def _row(name: str, groups: Sequence[Json], values: dict[str | None, str | None]) -> str:
    return "\t".join((name, *(values.get(text_at(one, "id")) or "" for one in groups)))


def _analysis(one: Json, groups: Sequence[Json]) -> str | None:
    """One line: `Drug vs Placebo: Mean Difference -2.1 (95% CI -3.4 to -0.8), p = 0.002, ANCOVA`."""
    names = {text_at(each, "id"): text_at(each, "title") for each in groups}
    compared = " vs ".join(names.get(each) or each for each in texts_at(one, "groupIds"))
    kind, value = text_at(one, "paramType"), text_at(one, "paramValue")
    level = text_at(one, "ciPctValue")
    low, high = text_at(one, "ciLowerLimit"), text_at(one, "ciUpperLimit")
    limits = f"({level or '?'}% CI {low or 'NA'} to {high or 'NA'})" if low or high else None
    told = (
        " ".join(filter(None, (kind, value, limits))) or None,
        _p_value(text_at(one, "pValue")),
        text_at(one, "statisticalMethod"),
    )
    words = ", ".join(filter(None, told))
    return (f"{compared}: {words}" if compared else words) or None


def _p_value(printed: str | None) -> str | None:
    if printed is None:
        return None
    return f"p {printed}" if printed[0] in "<>=≤≥" else f"p = {printed}"


def _flow(module: Any) -> Iterator[Section]:
    groups = objects_at(module, "groups")
    for period in objects_at(module, "periods"):
        rows = [_head(groups)]
        for key, counted in (("milestones", "achievements"), ("dropWithdraws", "reasons")):
            for one in objects_at(period, key):
                counts = {text_at(each, "groupId"): text_at(each, "numSubjects") for each in objects_at(one, counted)}
                rows.append(_row((text_at(one, "type") or "").capitalize(), groups, counts))
        title = text_at(period, "title")
        yield Section("table", ": ".join(filter(None, ("Participant flow", title))), "\n".join(rows))


def _baseline(module: Any) -> Iterator[Section]:
    """One table for each characteristic: their statistics and units differ."""
    groups = objects_at(module, "groups")
    for one in objects_at(module, "measures"):
        title = text_at(one, "title") or ""
        rows = (_head(groups), *_denominators(module, groups), *_measured(one, groups))
        text = _lines((title, _statistic(one), *rows))
        if text:
            yield Section("table", f"Baseline: {title}", text)


def _events(module: Any) -> Iterator[Section]:
    """Affected / at risk for each group, serious events and others apart."""
    groups = objects_at(module, "eventGroups")
    frame = text_at(module, "timeFrame")
    if totals := tuple(_totals(groups)):
        yield Section("table", "Adverse events", "\n".join((*((f"Time frame: {frame}",) if frame else ()), *totals)))
    for label, key in _EVENTS:
        rows = [_row(text_at(one, "term") or "", groups, _affected(one)) for one in objects_at(module, key)]
        if rows:
            yield Section("table", label, "\n".join(("Affected / at risk", _head(groups), *rows)))


def _totals(groups: Sequence[Json]) -> Iterator[str]:
    for one in groups:
        for label, kind in (("Deaths", "deaths"), ("Serious", "serious"), ("Other", "other")):
            affected, at_risk = text_at(one, f"{kind}NumAffected"), text_at(one, f"{kind}NumAtRisk")
            if affected and at_risk:
                yield f"{text_at(one, 'title') or ''}\t{label}\t{affected}/{at_risk}"


def _affected(one: Json) -> dict[str | None, str | None]:
    return {
        text_at(each, "groupId"): f"{affected}/{text_at(each, 'numAtRisk') or '?'}"
        for each in objects_at(one, "stats")
        if (affected := text_at(each, "numAffected"))
    }
