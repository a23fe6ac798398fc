"""ClinicalTrials.gov, version 2: one study, or a list in pages. Its errors are plain text."""

import re
from typing import Any

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import JSON, Response, as_json, as_text

_NUMBER = re.compile(r"NCT(\d{1,8})", re.IGNORECASE)
_ALWAYS = "identificationModule"


def answer(world: World, entry: Entry) -> Response:
    """`/studies/{NCT}` or `/studies?…`."""
    if world.quirks.registry_forbids:
        return as_text("Forbidden", 403)
    name = entry.path.rstrip("/").rpartition("/")[2]
    if name == "version":
        return as_json({"apiVersion": "2.0.5", "dataTimestamp": "2026-01-01T00:00:00"})
    return _list(world, entry) if name == "studies" else _one(world, entry, name)


def _one(world: World, entry: Entry, name: str) -> Response:
    number = _NUMBER.fullmatch(name)
    if number is None:
        return as_text("Parameter `nctId` has incorrect format", 400)
    padded = f"NCT{int(number[1]):08}"
    alias = world.store.trial_aliases.get(padded)
    if alias:
        where = entry.path.removesuffix(name) + alias
        return Response(b"", JSON, 301, (("Location", where),))
    study = world.store.trials.get(padded)
    if study is None:
        return as_text(f"NCT number {padded} not found", 404)
    return as_json(_with_fields(study, entry.all("fields")))


def _with_fields(study: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    """With `fields` the other modules are simply absent."""
    if not fields:
        return study
    modules = {one.split(".")[1] for one in fields if one.startswith("protocolSection.")}
    modules |= {one[0].lower() + one[1:] for one in fields if "." not in one and one.endswith("Module")}
    kept = {name: module for name, module in study["protocolSection"].items() if name in modules | {_ALWAYS}}
    rest: dict[str, Any] = {name: study[name] for name in {"hasResults", "resultsSection"} & set(study) & set(fields)}
    return {"protocolSection": kept, **rest}


def _list(world: World, entry: Entry) -> Response:
    wanted = {one.upper() for one in entry.all("filter.ids")}
    studies = [one for name, one in sorted(world.store.trials.items()) if not wanted or name in wanted]
    words = " ".join(value for name, value in entry.params if name.startswith("query.")).lower()
    studies = [one for one in studies if all(word in str(one).lower() for word in words.split())]
    size = min(int(entry.get("pageSize", "10")), 1000)
    token = entry.get("pageToken")
    if token and not token.startswith("ZVt0"):
        return as_text("Parameter `pageToken` has incorrect format", 400)
    start = int(token.removeprefix("ZVt0") or "0")
    page: dict[str, Any] = {}
    if entry.get("countTotal") == "true" and not token:
        page["totalCount"] = len(studies)
    page["studies"] = [_with_fields(one, entry.all("fields")) for one in studies[start : start + size]]
    if start + size < len(studies):
        page["nextPageToken"] = f"ZVt0{start + size}"
    return as_json(page)
