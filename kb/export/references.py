"""Documents → RIS and BibTeX, with every identifier that is known. Abstracts are their publishers' and stay here."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kb.store.rows import fetch

#: Documents of the world: a sheet is ours, its paper is listed instead.
DOCUMENTS = """select d.id, kind, d.title, coalesce(d.year, y.year) as year, journal, volume, issue, pages, language,
retracted from documents d left join studies y on y.id = d.study
where kind <> 'sheet' and withdrawn = 0 order by d.id"""
IDENTIFIERS = "select document, scheme, value from identifiers order by document, scheme, value"
REGISTRATIONS = "select document, 'registration' as scheme, accession as value from registrations order by 1, 3"
PEOPLE = """select a.document, a.role, p.name, p.last_name, p.fore_name, p.initials, p.suffix, p.collective
from authorships a join people p on p.id = a.person
where a.valid = 1 and a.role in ('author', 'editor') order by a.document, a.position"""

#: Papers that we know by a sheet alone: the title is ours, so it says so.
SHEETS_ONLY = """select id, title, year, pmid, doi from studies y where (pmid is not null or doi is not null)
and not exists (select 1 from documents d where d.kind <> 'sheet' and (d.pmid = y.pmid or lower(d.doi) = lower(y.doi)))
order by id"""
OUR_TITLE = "The paper has not been loaded: the title is our own description of the study."

#: What a BibTeX value needs (Lamport, LaTeX: a document preparation system, section 2.1).
ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
ADDRESSES = {
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/", "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "doi": "https://doi.org/{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A person, or a group that has only a name."""

    whole: str
    last: str | None
    fore: str | None
    suffix: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One reference; identifiers are (scheme, value), all of them."""

    id: str
    kind: str
    title: str
    year: int | None = None
    journal: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    language: str | None = None
    people: tuple[Name, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    note: str | None = None

    def identifier(self, scheme: str) -> str | None:
        """The first identifier of that scheme, or None."""
        return next((value for name, value in self.identifiers if name == scheme), None)


def entries_of(db: Database) -> list[Entry]:
    """Every document of the world, and the papers that are known by their sheets alone, in order of id."""
    named = _grouped(fetch(db, IDENTIFIERS) + fetch(db, REGISTRATIONS))
    people = _grouped(fetch(db, PEOPLE))
    loaded = [_document(row, people[row["id"]], named[row["id"]]) for row in fetch(db, DOCUMENTS)]
    return sorted([*loaded, *map(_sheet_only, fetch(db, SHEETS_ONLY))], key=lambda entry: entry.id)


def write(folder: Path, entries: Sequence[Entry]) -> None:
    """Write references.ris and references.bib."""
    (folder / "references.ris").write_text("".join(map(ris, entries)), encoding="utf-8")
    (folder / "references.bib").write_text("\n".join(map(bibtex, entries)), encoding="utf-8")


def ris(entry: Entry) -> str:
    """One RIS record, each value on one line; identifiers without a tag of their own stand in notes."""
    return "".join(f"{tag}  - {value}\n" for tag, value in _ris_fields(entry)) + "ER  - \n\n"


def bibtex(entry: Entry) -> str:
    """One BibTeX entry: text escaped, the title's capitals kept, doi and url verbatim as their fields want them."""
    kind = "book" if entry.kind == "book" else "misc" if entry.kind == "registry" else "article"
    key = re.sub(r"[^A-Za-z0-9._:-]+", "-", entry.id)
    lines = [f"  {name} = {{{value}}}" for name, value in _bibtex_fields(entry)]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def escaped(text: str) -> str:
    """Text as BibTeX takes it: one line, no character that TeX would act on."""
    return "".join(ESCAPED.get(character, character) for character in one_line(text))


def one_line(text: str) -> str:
    """Text without line breaks and other control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _grouped(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["document"]].append(row)
    return found


def _document(row: dict[str, Any], people: list[dict[str, Any]], named: list[dict[str, Any]]) -> Entry:
    return Entry(
        id=row["id"], kind=row["kind"], title=row["title"] or row["id"], year=row["year"], journal=row["journal"],
        volume=row["volume"], issue=row["issue"], pages=row["pages"], language=row["language"],
        people=tuple(map(_name, people)),
        identifiers=tuple(dict.fromkeys((i["scheme"], i["value"]) for i in named)),
        note="Retracted publication." if row["retracted"] else None,
    )  # fmt: skip


def _name(row: dict[str, Any]) -> Name:
    last = None if row["collective"] else row["last_name"]
    return Name(row["name"], last, row["fore_name"] or row["initials"], row["suffix"], row["role"])


def _sheet_only(row: dict[str, Any]) -> Entry:
    identifiers = tuple((scheme, row[scheme]) for scheme in ("doi", "pmid") if row[scheme])
    return Entry(row["id"], "article", row["title"], row["year"], identifiers=identifiers, note=OUR_TITLE)


def _ris_fields(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", {"book": "BOOK", "registry": "GEN"}.get(entry.kind, "JOUR")
    yield "ID", one_line(entry.id)
    yield "TI", one_line(entry.title)
    for name in entry.people:
        yield "A2" if name.role == "editor" else "AU", _inverted(name, " ")
    first, _, last = (entry.pages or "").partition("-")
    plain = {
        "PY": entry.year, "T2": entry.journal, "VL": entry.volume, "IS": entry.issue, "SP": first, "EP": last,
        "LA": entry.language, "DO": entry.identifier("doi"), "AN": entry.identifier("pmid"),
        "C2": entry.identifier("pmcid"),
    }  # fmt: skip
    yield from ((tag, one_line(str(value))) for tag, value in plain.items() if value)
    yield from (("UR", address) for address in _addresses(entry))
    yield from (("N1", f"{scheme}: {one_line(value)}") for scheme, value in _others(entry))
    if entry.note:
        yield "N1", one_line(entry.note)


def _bibtex_fields(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "title", f"{{{escaped(entry.title)}}}"
    for role, field in (("author", "author"), ("editor", "editor")):
        if people := [_bibtex_name(n) for n in entry.people if n.role == role]:
            yield field, " and ".join(people)
    said = {
        "year": entry.year, "journal": entry.journal, "volume": entry.volume, "number": entry.issue,
        "pages": re.sub(r"(?<=\w)-(?=\w)", "--", entry.pages or ""), "langid": entry.language,
        "pmid": entry.identifier("pmid"), "pmcid": entry.identifier("pmcid"),
    }  # fmt: skip
    yield from ((field, escaped(str(value))) for field, value in said.items() if value)
    if doi := entry.identifier("doi"):
        yield "doi", _verbatim(doi)
    yield from (("url", _verbatim(address)) for address in _addresses(entry)[:1])
    notes = [*(f"{scheme} {value}" for scheme, value in _others(entry)), *filter(None, [entry.note])]
    if notes:
        yield "note", escaped("; ".join(notes))


def _inverted(name: Name, before_suffix: str) -> str:
    """``Last, Fore Jr``; a group, and a person without parts, by the whole name."""
    if not name.last:
        return one_line(name.whole)
    words = before_suffix.join(filter(None, [name.fore, name.suffix]))
    return one_line(f"{name.last}, {words}" if words else name.last)


def _bibtex_name(name: Name) -> str:
    """``Last, Jr, Fore``; braces keep a group, and a name that holds "and" or a comma, in one piece."""
    if not name.last:
        return f"{{{escaped(name.whole)}}}"
    parts = [escaped(part) for part in (name.last, name.suffix, name.fore) if part]
    return ", ".join(f"{{{p}}}" if "," in p or re.search(r"\band\b", p) else p for p in parts)


def _verbatim(address: str) -> str:
    """An address for a field that TeX reads verbatim: only what would end the field is percent-encoded."""
    return one_line(address).replace(" ", "%20").replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _addresses(entry: Entry) -> list[str]:
    found = ((form, entry.identifier(scheme)) for scheme, form in ADDRESSES.items())
    return [form.format(one_line(value)) for form, value in found if value]


def _others(entry: Entry) -> list[tuple[str, str]]:
    """Identifiers beyond the first of each scheme that has a field of its own."""
    own = {(scheme, entry.identifier(scheme)) for scheme in ADDRESSES}
    return [pair for pair in entry.identifiers if pair not in own]
