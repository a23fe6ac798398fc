"""The ID converter of PMC: PMID, PMCID and DOI of articles in PMC. It knows no others, so it resolves no DOI of theirs.

    converted = convert(client, services.idconv, "pmid", pmids)
    converted.found["38206544"]      # Identifiers; absent: not in PMC

One id of the wrong type spoils a whole call (400), so such a call is halved until the bad id stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.errors import BadPayload, BadReply
from ingest.http.exchange import OK, Reply, Request
from ingest.printed.identifiers import distinct, identifier
from ingest.records import Identifier
from ingest.services.accounting import Accounted, Failure, Patience, Sender, account, ask, batches
from ingest.services.loose_json import excerpt, objects_at, read_object, text_at

#: The documented limit of one call.
CONVERT_BATCH = 200

_BAD_REQUEST = 400
_KEYS = (("pmid", "pubmed"), ("pmcid", "pmc"), ("doi", "doi"), ("mid", "mid"))


@dataclass(frozen=True, slots=True)
class Converted:
    """The identifiers of each id that PMC knows, and what became of each id. invalid: not of the type asked for."""

    found: dict[str, tuple[Identifier, ...]]
    accounted: Accounted


def convert_request(base: str, kind: str, ids: Sequence[str]) -> Request:
    """Ask for at most 200 ids of one kind: pmid, pmcid, doi or mid."""
    params = (("ids", ",".join(ids)), ("idtype", kind), ("format", "json"))
    answers = frozenset({OK, _BAD_REQUEST})
    return Request("idconv", f"{base}/", params, expect="json", answers=answers, accept=_readable)


def parse_converted(body: bytes) -> tuple[dict[str, tuple[Identifier, ...]], dict[str, str]]:
    """The identifiers by the id that was asked for, and the errors by id, in the converter's words.

    Raises:
        BadReply: the error of a whole call.
        EmptyPayload, BadPayload: not JSON.
    """
    answer = read_object(body, "idconv")
    if told := [text_at(one, "message") or "an error without words" for one in objects_at(answer, "errors")]:
        raise BadReply(f"idconv: {' '.join(told)}")
    found: dict[str, tuple[Identifier, ...]] = {}
    errors: dict[str, str] = {}
    for one in objects_at(answer, "records"):
        asked = next(filter(None, (text_at(one, key) for key in ("requested-id", "pmid", "pmcid", "doi"))), "")
        told_of = distinct(identifier(kind, text_at(one, key) or "") for key, kind in _KEYS)
        if text_at(one, "status") == "error" or not told_of:
            errors[asked] = text_at(one, "errmsg") or "no identifiers"
        else:
            found[asked] = told_of
    return found, errors


def convert(sender: Sender, base: str, kind: str, ids: Sequence[str]) -> Converted:
    """The identifiers of every id; an id that PMC does not know is absent, one of the wrong type invalid.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    asked = tuple(dict.fromkeys(one.strip() for one in ids if one.strip()))
    converting = _Converting(sender, base, kind)
    for batch in batches(asked, CONVERT_BATCH):
        converting.ask(batch)
    done = converting
    return Converted(done.found, account(asked, done.found, done.errors, done.reasons, done.invalid))


class _Converting:
    def __init__(self, sender: Sender, base: str, kind: str) -> None:
        self._sender, self._base, self._kind = Patience(sender), base, kind
        self.found: dict[str, tuple[Identifier, ...]] = {}
        self.errors: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.invalid: list[str] = []

    def ask(self, ids: tuple[str, ...]) -> None:
        reply = ask(self._sender, convert_request(self._base, self._kind, ids))
        if isinstance(reply, Failure):
            self.reasons |= dict.fromkeys(ids, reply.reason)
        elif reply.status == OK:
            found, errors = parse_converted(reply.body)
            by_case = {one.lower(): one for one in ids}
            self.found |= {by_case[one.lower()]: told for one, told in found.items() if one.lower() in by_case}
            self.errors |= {by_case[one.lower()]: why for one, why in errors.items() if one.lower() in by_case}
        elif not _told_errors(reply.body):
            self.reasons |= dict.fromkeys(ids, f"idconv: status {reply.status} ({excerpt(reply.body)})")
        elif len(ids) == 1:
            self.invalid.append(ids[0])
        else:
            half = len(ids) // 2
            self.ask(ids[:half])
            self.ask(ids[half:])


def _told_errors(body: bytes) -> bool:
    """Whether a 400 is the converter's own word about the ids, and no page of something on the way to it."""
    try:
        return bool(objects_at(read_object(body, "idconv"), "errors"))
    except BadPayload:
        return False


def _readable(reply: Reply) -> None:
    if reply.status == OK:
        parse_converted(reply.body)
