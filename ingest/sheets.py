"""A curated study sheet (TOML, written by us from published facts) -> Document.

A sheet holds what a person read in a paper: which patients, which arms, what risk of bias, and every
figure as keys beside a short statement in our own words. The statements become the document's sections,
so a keyed number has a place like any other: it must stand in its statement as it was printed.
"""

import re
from decimal import Decimal
from typing import Any

from ingest.errors import BadPayload, EmptyPayload
from ingest.records import (
    Arm,
    CohortNote,
    Document,
    Identifier,
    KeyedFigure,
    Link,
    RiskOfBias,
    Section,
    Study,
    TrialRegistration,
)
from ingest.shape import FIGURE, Key, faults_in, parse_toml, plain

DESIGNS = ("single-arm", "cohort", "matched-cohort", "rct", "registry")

_NEEDED = Key(needed=True)
_TEXTS = Key("texts")


def _not_a_name(text: str) -> str | None:
    return (
        None
        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text)
        else f"small letters, digits and hyphens only, not {text!r}"
    )


_ARM = {
    "name": _NEEDED,
    "intervention": _NEEDED,
    "class": Key(needed=True, rule=_not_a_name),
    "n": Key("whole"),
    "role": Key(one_of=("experimental", "control", "other")),
    "aliases": _TEXTS,
    "cohort": Key(rule=_not_a_name),
}

#: The keys of the figure JSON, and what a sheet says beside them.
_FIGURE = {
    **FIGURE,
    "statement": _NEEDED,
    "place": _NEEDED,
    "secondary": Key("truth"),
    "estimator": Key(one_of=("crude", "kaplan-meier", "unknown")),
}

SHEET = {
    "id": Key(needed=True, rule=_not_a_name),
    "title": _NEEDED,
    "design": Key(needed=True, one_of=DESIGNS),
    "role": Key(needed=True, one_of=("evidence", "comparator")),
    "made_from": Key(needed=True, one_of=("abstract", "full text", "review", "registry")),
    "year": Key("whole"),
    "note": Key(),
    "registrations": _TEXTS,
    "publication": Key("table", inside={"pmid": Key(), "doi": Key()}),
    "cohort": Key(
        "table",
        needed=True,
        inside={
            "id": Key(needed=True, rule=_not_a_name),
            **dict.fromkeys(("centre", "registration", "years", "reason"), Key()),
            "overlap": Key(needed=True, one_of=("none", "known", "assumed")),
        },
        rule=lambda cohort: (
            "overlap needs a reason" if cohort["overlap"] != "none" and "reason" not in cohort else None
        ),
    ),
    "arms": Key("tables", needed=True, inside=_ARM),
    "risk_of_bias": Key("tables", inside=dict.fromkeys(("instrument", "domain", "judgement", "support"), _NEEDED)),
    "figures": Key("tables", inside=_FIGURE),
}


def parse_sheet(toml_bytes: bytes, name: str) -> Document:
    """Read one sheet; name is the file's name, for the messages.

    Raises EmptyPayload for nothing, BadPayload with all faults, one a line, each with file and field:
    broken TOML, unknown, misspelt or missing keys, wrong types, a figure of an arm that the sheet does
    not have, a keyed number that does not stand in its statement.
    """
    if not toml_bytes.strip():
        raise EmptyPayload(f"{name}: the sheet is empty")
    sheet, faults = parse_toml(toml_bytes, name)
    faults = faults or faults_in(sheet, SHEET, name) + _figure_faults(sheet, name)
    if faults:
        raise BadPayload("\n".join(faults))
    return _document(plain(sheet))


def _figure_faults(sheet: dict[str, Any], name: str) -> list[str]:
    """What is wrong between keys: only of figures whose own keys are right, the others are named already."""
    known = {label for _, arm in _sound(sheet, "arms", _ARM) for label in (arm["name"], *arm.get("aliases", ()))}
    faults = []
    for i, figure in _sound(sheet, "figures", _FIGURE):
        where = f"{name}: figures {i}"
        lost = [label for label in _arms_of(figure) if label not in known]
        faults += [f"{where}: arm: the sheet has no arm {label!r}" for label in lost]
        faults += [f"{where}: {key}: {number} does not stand in the statement" for key, number in _absent(figure)]
    return faults


def _sound(sheet: dict[str, Any], name: str, keys: dict[str, Key]) -> list[tuple[int, dict[str, Any]]]:
    items = sheet.get(name)
    numbered = enumerate(items, 1) if isinstance(items, list) else ()
    return [(i, item) for i, item in numbered if isinstance(item, dict) and not faults_in(item, keys, name)]


def _arms_of(figure: dict[str, Any]) -> list[str]:
    arm: str | None = figure.get("arm")
    if arm is None:
        return []
    return arm.split(" vs ") if figure["kind"] == "effect" else [arm]


def _absent(figure: dict[str, Any]) -> list[tuple[str, str]]:
    """The keyed numbers, as printed and without sign, that the statement does not hold (it may say "fell by")."""
    printed = set(re.findall(r"\d+(?:\.\d+)?", figure["statement"]))
    return [(key, number) for key, number in _keyed_numbers(figure) if number not in printed]


def _keyed_numbers(figure: dict[str, Any]) -> list[tuple[str, str]]:
    nested = {key: figure[key]["value"] for key in ("timepoint", "p_value") if isinstance(figure.get(key), dict)}
    numbers = {key: value for key, value in {**figure, **nested}.items() if isinstance(value, int | Decimal)}
    return [
        (key, f"{abs(value):f}" if isinstance(value, Decimal) else str(abs(value)))
        for key, value in numbers.items()
        if not isinstance(value, bool)
    ]


def _document(sheet: dict[str, Any]) -> Document:
    figures = sheet.get("figures", ())
    # two figures may share one statement; it is one section then
    statements = list(dict.fromkeys((figure["statement"], figure["place"]) for figure in figures))
    target = tuple(Identifier(scheme, value) for scheme, value in sheet.get("publication", {}).items())
    return Document(
        source="sheet",
        kind="sheet",
        title=sheet["title"],
        identifiers=(Identifier("sheet", sheet["id"]),),
        sections=tuple(Section("statement", place, text, "en") for text, place in statements),
        links=(Link("reports", target, "sheet", title=sheet["title"]),) if target else (),
        registrations=tuple(map(_registration, sheet.get("registrations", ()))),
        study=_study(sheet),
        keyed_figures=tuple(_keyed(f, statements.index((f["statement"], f["place"]))) for f in figures),
    )


def _registration(number: str) -> TrialRegistration:
    """A number that a person keyed; letters before the digits name the registry, NCT is ClinicalTrials.gov."""
    letters = number.rstrip("0123456789-/ ")
    return TrialRegistration("ClinicalTrials.gov" if letters == "NCT" else letters or "other", number)


def _study(sheet: dict[str, Any]) -> Study:
    return Study(
        id=sheet["id"],
        title=sheet["title"],
        design=sheet["design"],
        year=sheet.get("year"),
        role=sheet["role"],
        cohort=CohortNote(**sheet["cohort"]),
        arms=tuple(_arm(arm) for arm in sheet["arms"]),
        risk_of_bias=tuple(RiskOfBias(**item) for item in sheet.get("risk_of_bias", ())),
        registrations=tuple(sheet.get("registrations", ())),
        note=sheet.get("note"),
        made_from=sheet["made_from"],
    )


def _arm(arm: dict[str, Any]) -> Arm:
    rest = {key: value for key, value in arm.items() if key not in ("class", "aliases")}
    return Arm(intervention_class=arm["class"], aliases=tuple(arm.get("aliases", ())), **rest)


def _keyed(figure: dict[str, Any], section: int) -> KeyedFigure:
    return KeyedFigure(
        section=section,
        keys={key: value for key, value in figure.items() if key in FIGURE},
        place=figure["place"],
        secondary=figure.get("secondary", False),
        estimator=figure.get("estimator"),
    )
