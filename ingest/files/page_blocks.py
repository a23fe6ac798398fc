"""The blocks below the abstract of a saved PubMed page: lists of citations, references, grants, terms.

`HEADINGS` names PubMed's own headings; everything under an unlisted line stays with the block above it.
"""

import re
from collections.abc import Iterator

from ingest.printed.labels import identifiers_in
from ingest.records import Identifier, MeshHeading, Reference

# A heading as printed -> our name for the block; blocks that are not read have no name of ours ("").
HEADINGS = {
    "Abstract": "abstract",
    "Similar articles": "similar",
    "Cited by": "cited_by",
    "References": "references",
    "Publication types": "types",
    "MeSH terms": "mesh",
    "Associated data": "data",
    "Grants and funding": "grants",
    "Grant support": "grants",
    "Conflict of interest statement": "conflict",
    "Comment in": "CommentIn",
    "Comment on": "CommentOn",
    "Erratum in": "ErratumIn",
    "Erratum for": "ErratumFor",
    "Retraction in": "RetractionIn",
    "Retraction of": "RetractionOf",
    "Update in": "UpdateIn",
    "Update of": "UpdateOf",
    "Expression of concern in": "ExpressionOfConcernIn",
    "Expression of concern for": "ExpressionOfConcernFor",
    "Figures": "",
    "Substances": "",
    "Supplementary concepts": "",
    "Related information": "",
    "LinkOut - more resources": "",
    "Full Text Sources": "",
    "Medical": "",
    "Miscellaneous": "",
    "Research Materials": "",
}
NOTICES = tuple(name for name in HEADINGS.values() if name[:1].isupper())

_BULLET = re.compile(r"^[-•*·]\s+(?=\S)")
_ALONE = frozenset({"-", "•", "*", "·"})
_LINK_LABELS = re.compile(r"(?:\s+-\s+(?:DOI|PMC|PubMed))+$")
_ENTRY_END = re.compile(rf"\bPMID: \d+|{_LINK_LABELS.pattern}")
_TAIL = re.compile(r"([^.]+)\. (?:1[89]|20)\d\d\.(?: Online ahead of print\.)? PMID: \d+")
_MORE = re.compile(r"^(?:See|Show) (?:all|more)\b")


def items(lines: list[str]) -> Iterator[str]:
    """The lines of a plain list without their bullets."""
    for line in lines:
        words = _BULLET.sub("", line)
        if words not in _ALONE:
            yield words


def entries(lines: list[str]) -> Iterator[str]:
    """The entries of a list, each with its lines: parted by bullets, else by the PMID or links that end one.

    Lines that only lead further ("See all similar articles") are no entries.
    """
    marked = any(line in _ALONE for line in lines) or all(_BULLET.match(line) for line in lines)
    entry: list[str] = []
    for line in (line for line in lines if not _MORE.match(line)):
        if marked and entry and (line in _ALONE or _BULLET.match(line)):
            yield "\n".join(entry)
            entry = []
        if line not in _ALONE:
            entry.append(_BULLET.sub("", line))
        if not marked and _ENTRY_END.search(line):
            yield "\n".join(entry)
            entry = []
    if marked and entry:
        yield "\n".join(entry)


def cited(entry: str) -> tuple[tuple[Identifier, ...], str | None]:
    """Ids and title of an article listed under Similar articles or Cited by.

    A page prints "Title.Journal. Date;Place. doi: X. Journal. Year. PMID: N": the journal's second mention tells
    where the title ends. Copied from a browser the title has a line of its own.
    """
    target = identifiers_in(entry)
    first, _, more = entry.partition("\n")
    tail = _TAIL.search(entry)
    if more or tail is None:
        return target, first if more else None
    return target, entry[: entry.index(tail[1].strip())].strip() or None


def printed_reference(entry: str) -> Reference:
    """A reference as printed, without the labels of PubMed's own links at its end; ids from its words."""
    text = _LINK_LABELS.sub("", " ".join(entry.split("\n")))
    return Reference(text, identifiers_in(text))


def mesh_heading(line: str) -> MeshHeading:
    """A term as the page prints it, "Descriptor / qualifier*"; the star marks a major topic."""
    descriptor, _, qualifier = line.replace("*", "").partition(" / ")
    return MeshHeading(descriptor.strip(), qualifier=qualifier.strip() or None, major="*" in line)
