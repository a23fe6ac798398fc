"""What a Document becomes in the tables, pure: its name, its row, and the rows of what comes with it.

Both ways of writing start here: one document after another (documents.py) and thousands at a time (bulk.py).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ingest.records import Document, Identifier, Person, Section
from kb.store.canonical import content_sha256

#: Schemes in the order in which they name a document.
NAMING = ("pmid", "sheet", "pmcid", "doi", "nct", "bookaccession")
#: A full text is another document of the study than its PubMed record, so its own identifiers name it first.
NAMING_FULL_TEXT = ("pmcid", "doi", "pmid")

_NOT_IN_SLUG = re.compile(r"[^a-z0-9._-]+")


def name_of(document: Document) -> str:
    """The id of a document: by its identifiers, else by its title, else by all that it says."""
    naming = NAMING_FULL_TEXT if document.kind == "full text" else NAMING
    if document.identifiers or document.title:
        return document_id(document.identifiers, document.title or "", naming)
    return document_id((), json.dumps(_by_name(document), default=str), naming)


def _by_name(value: Any) -> Any:
    """A record and all records in it as dictionaries."""
    if is_dataclass(value):
        return {one.name: _by_name(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        named = getattr(value, "_fields", None)
        return {k: _by_name(v) for k, v in zip(named, value, strict=True)} if named else [_by_name(v) for v in value]
    return value


def document_id(identifiers: Iterable[Identifier], fallback: str, naming: Sequence[str] = NAMING) -> str:
    """``pmid-38206544``, ``doi-10.1007_s10067-…``, ``sheet-…``: stable and safe in a URL."""
    listed = tuple(identifiers)
    for scheme in naming:
        for one in listed:
            if one.scheme == scheme and one.value:
                return f"{scheme}-{slug(one.value)}"
    return f"title-{hashlib.sha256(fallback.encode()).hexdigest()[:12]}"


def slug(value: str) -> str:
    """Lower case and safe in a URL: how identifiers are compared."""
    if value.isascii() and value.isalnum():
        return value.lower()
    return _NOT_IN_SLUG.sub("-", value.lower().replace("/", "_")).strip("-")


def section_sha256(label: str | None, text: str) -> str:
    """The version of a section: the hash of its label and text."""
    return hashlib.sha256(f"{label or ''}\n{text}".encode()).hexdigest()


def document_row(name: str, document: Document) -> dict[str, Any]:
    """The row of table documents, but for the payload that it came with."""
    published = document.published or document.electronic
    return {
        "id": name,
        "source": document.source,
        "kind": document.kind,
        "pmid": document.identifier("pmid"),
        "doi": document.identifier("doi"),
        "pmcid": document.identifier("pmcid"),
        "title": document.title,
        "vernacular_title": document.vernacular_title,
        "year": published.year if published else None,
        "published": document.published.raw if document.published else None,
        "electronic": document.electronic.raw if document.electronic else None,
        "revised": document.revised.raw if document.revised else None,
        "journal": document.journal or document.journal_abbreviation,
        "volume": document.volume,
        "issue": document.issue,
        "pages": document.pages,
        "language": ", ".join(document.languages) or None,
        "status": document.status,
        "version": document.version,
        "copyright": document.copyright,
        "conflict_of_interest": document.conflict_of_interest,
        "retracted": int(is_retracted(document)),
        "withdrawn": 0,
        "content_sha256": content_sha256(document),
    }


def is_retracted(document: Document) -> bool:
    """Retracted ⇔ publication type D016441 or a RetractionIn notice; the notice itself is not retracted."""
    by_type = any(t.ui == "D016441" for t in document.publication_types)
    return by_type or any(n.ref_type == "RetractionIn" for n in document.notices)


def section_rows(name: str, sections: Sequence[Section]) -> list[dict[str, Any]]:
    """The rows of table sections, in order."""
    rows = []
    for position, section in enumerate(sections):
        sha256 = section_sha256(section.label, section.text)
        rows.append({
            "id": f"{name}.{position}.{sha256[:12]}", "document": name, "position": position, "kind": section.kind,
            "label": section.label, "text": section.text, "language": section.language, "sha256": sha256, "current": 1,
        })  # fmt: skip
    return rows


def identifier_rows(name: str, identifiers: Sequence[Identifier]) -> list[dict[str, Any]]:
    """The rows of table identifiers."""
    return [{"document": name, "scheme": i.scheme, "value": i.value, "slug": slug(i.value)} for i in identifiers]


def person_row(person: Person) -> dict[str, Any]:
    """The row of table people; the key is the ORCID where there is one, else the name as printed."""
    printed = (person.last_name, person.fore_name, person.initials, person.suffix)
    return {
        "key": person.orcid or "|".join([person.name, *(part or "" for part in printed)]),
        "name": person.name, "last_name": person.last_name, "fore_name": person.fore_name,
        "initials": person.initials, "suffix": person.suffix, "orcid": person.orcid,
        "collective": int(person.collective),
    }  # fmt: skip
