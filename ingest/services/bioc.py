"""BioC JSON, of PubTator's export and of PMC's open-access service -> Documents with the passages as sections.

Both wrap the same thing: a collection has documents, a document has passages with a text, an offset and `infons`.
An article that is not there is text under a status of 200: `[Error] : No result can be found.`
"""

from collections.abc import Iterator
from typing import Any

from ingest.errors import BadPayload, BadReply
from ingest.http.exchange import Request
from ingest.printed.identifiers import distinct, identifier
from ingest.records import Document, Identifier, Section
from ingest.services.loose_json import Json, list_at, objects_at, read_json, text_at

SOURCE = "bioc"

_ERROR = b"[Error]"
_KINDS = {
    "title": "title", "front": "title", "abstract": "abstract", "abstract_title_1": "abstract", "table": "table",
    "table_caption": "table", "fig_caption": "other", "ref": "other",
}  # fmt: skip


def request(base: str, pmcid: str) -> Request:
    """Ask PMC's BioC service for one article."""
    return Request("bioc", f"{base}/BioC_json/{pmcid}/unicode", expect="any")


def parse(body: bytes) -> tuple[Document, ...]:
    """Every document of the answer; none where the service says that it has none.

    Raises:
        BadReply: JSON of another shape. BadPayload, EmptyPayload: neither JSON nor the service's own error.
    """
    if body.lstrip().startswith(_ERROR):
        return ()
    answer = read_json(body, SOURCE)
    listed = [*_documents(answer)]
    if not listed:
        raise BadReply("bioc: no documents in the answer")
    return tuple(map(_document, listed))


def is_unavailable(body: bytes) -> bool:
    """Whether the service says that it has no such article."""
    try:
        return not parse(body)
    except BadPayload:
        return False


def _documents(answer: Any) -> Iterator[Json]:
    """A list of collections (PMC), an object that holds a list of documents (PubTator), or one document."""
    if isinstance(answer, list):
        for one in answer:
            yield from _documents(one)
    elif isinstance(answer, dict) and isinstance(answer.get("passages"), list):
        yield answer
    elif isinstance(answer, dict):
        for key in ("documents", "PubTator3"):
            yield from _documents(list_at(answer, key))


def _document(one: Json) -> Document:
    passages = [*_sections(one)]
    infons = [one.get("infons"), *(passage.get("infons") for passage in objects_at(one, "passages"))]
    title = next((part.text for part in passages if part.kind == "title"), None)
    return Document(
        source=SOURCE,
        kind="full text" if any(part.kind == "body" for part in passages) else "article",
        title=title,
        identifiers=distinct(_identifiers(text_at(one, "id") or "", infons)),
        sections=tuple(passages),
    )


def _sections(one: Json) -> Iterator[Section]:
    for passage in objects_at(one, "passages"):
        text = passage.get("text")
        kind = text_at(passage, "infons", "type") or ""
        part = text_at(passage, "infons", "section_type")
        if isinstance(text, str) and text.strip():
            where = "abstract" if part == "ABSTRACT" else _KINDS.get(kind.lower(), "body")
            yield Section(where, None if where == "title" else part, text)


def _identifiers(number: str, infons: list[Any]) -> Iterator[Identifier | None]:
    """PubTator numbers its documents by PMID, PMC's service by PMCID, also without the prefix: then `infons` tell."""
    named = [found for each in infons for found in _named(each) if found]
    prefixed = f"PMC{number.upper().removeprefix('PMC')}"
    in_pmc = number.upper().startswith("PMC") or Identifier("pmcid", prefixed) in named
    yield identifier("pmc", prefixed) if in_pmc else identifier("pubmed", number)
    yield from named


def _named(infons: Any) -> Iterator[Identifier | None]:
    for kind, key in (("pubmed", "article-id_pmid"), ("doi", "article-id_doi"), ("pmc", "article-id_pmc")):
        value = text_at(infons, key) or ""
        yield identifier(kind, f"PMC{value}" if kind == "pmc" and value.isdecimal() else value)
