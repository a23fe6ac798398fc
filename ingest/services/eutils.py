"""PubMed records from E-utilities: efetch by id, with an account of every id (NCBI, Entrez Programming Utilities Help).

    for fetched in fetch(client, services.eutils, pmids):
        fetched.answers       # what came, as it came, with the documents in it: to be stored
        fetched.accounted     # requested = returned + absent + failed + invalid

efetch leaves an unknown PMID silently out and promises no order, so results go by PMID and what is missing is asked
for again, alone, before esummary says whether there is such a record at all.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.errors import BadReply
from ingest.files import pubmed_xml
from ingest.http.exchange import Reply, Request
from ingest.printed.identifiers import pmid
from ingest.records import Document, Tombstone
from ingest.services.accounting import Accounted, Failure, Patience, Sender, account, ask, batches
from ingest.services.eutils_summary import summarise

#: Our choice: NCBI takes 10,000, but a batch that fails fails whole.
FETCH_BATCH = 200
#: A batch whose answer is never whole is halved down to this.
SMALLEST_BATCH = 25
#: When more than these are left out they are asked for together once more; so many go alone, then esummary decides.
MOST_ALONE = 20

_DUPLICATE = re.compile(r"id: \d+ Error occurred: PMID (\d+) is a duplicate of PMID (\d+)")


@dataclass(frozen=True, slots=True)
class Fetch:
    """One answer of efetch and the asked-for records in it, in the order of the answer, each PMID once."""

    reply: Reply
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A batch: the answers that brought something, and what became of each id."""

    answers: tuple[Fetch, ...]
    accounted: Accounted

    @property
    def documents(self) -> tuple[Document, ...]:
        """The records of all answers."""
        return tuple(one for answer in self.answers for one in answer.documents)


def sorted_pmids(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The PMIDs among the words without leading zeros, and the words that are none; each once, in order."""
    valid: dict[str, None] = {}
    invalid: dict[str, None] = {}
    for word in words:
        number = pmid(word.strip().lstrip("0"))
        (valid if number else invalid)[number or word] = None
    return tuple(valid), tuple(invalid)


def fetch_request(base: str, pmids: Sequence[str]) -> Request:
    """Ask for records by PMID, by POST: the ids of a full batch are too long for an address."""
    params = (("db", "pubmed"), ("id", ",".join(pmids)), ("retmode", "xml"))
    return Request("eutils", f"{base}/efetch.fcgi", params, "POST", "xml", "PubmedArticleSet", accept=_readable)


def fetch(sender: Sender, base: str, words: Iterable[str]) -> Iterator[Fetched]:
    """Every record that can be had, batch by batch; a failed batch does not keep the next from coming.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop; the batches before were given.
    """
    pmids, invalid = sorted_pmids(words)
    patient = Patience(sender)
    if invalid:
        yield Fetched((), account(invalid, (), invalid=invalid))
    for batch in batches(pmids, FETCH_BATCH):
        yield _fetch_batch(patient, base, batch)


def parse_fetch(body: bytes, name: str = "efetch") -> dict[str, Document]:
    """The records of an answer by PMID; of one that comes twice the highest version, and of equal ones the last.

    Raises:
        UnknownFormat, Truncated, HostilePayload, BadPayload: see `pubmed_xml.iter_documents`.
    """
    found: dict[str, Document] = {}
    for document in pubmed_xml.iter_documents(io.BytesIO(body), name):
        number = None if isinstance(document, Tombstone) else document.identifier("pmid")
        if isinstance(document, Document) and number:
            known = found.get(number)
            if known is None or document.version >= known.version:
                found[number] = document
    return found


def merged_request(base: str, number: str) -> Request:
    """Ask for one record as MEDLINE text, the only answer known to name the survivor of a merged PMID."""
    params = (("db", "pubmed"), ("id", number), ("rettype", "medline"), ("retmode", "text"))
    return Request("eutils", f"{base}/efetch.fcgi", params, expect="text")


def parse_merged(body: bytes) -> dict[str, str]:
    """PMID -> the PMID that it was merged into, as MEDLINE text says it; empty where it says nothing of the kind."""
    return dict(_DUPLICATE.findall(body.decode("utf-8", "replace")))


def _fetch_batch(sender: Sender, base: str, batch: tuple[str, ...]) -> Fetched:
    answers: list[Fetch] = []
    missing, failed = _take(sender, base, batch, answers)
    if len(missing) > MOST_ALONE:
        missing, failed = _take(sender, base, missing, answers)
    if len(batch) > 1:
        for one in missing[:MOST_ALONE]:
            failed |= _take(sender, base, (one,), answers)[1]
    returned = {number for answer in answers for number in _pmids(answer)}
    left_out = tuple(one for one in missing if one not in returned and one not in failed)
    absent, reasons = _unknown(sender, base, left_out)
    return Fetched(tuple(answers), account(batch, returned, absent, failed | reasons))


def _take(
    sender: Sender, base: str, ids: tuple[str, ...], answers: list[Fetch]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Ask and keep what comes; the ids that an answer left out, and those without an answer with the reason.

    An answer that is never whole is asked for in halves: long downloads break where short ones do not.
    """
    reply = ask(sender, fetch_request(base, ids))
    if isinstance(reply, Failure):
        if not reply.too_much or len(ids) <= SMALLEST_BATCH:
            return (), dict.fromkeys(ids, reply.reason)
        half = len(ids) // 2
        parts = [_take(sender, base, part, answers) for part in (ids[:half], ids[half:])]
        return tuple(one for missing, _ in parts for one in missing), parts[0][1] | parts[1][1]
    found = parse_fetch(reply.body)
    wanted = tuple(document for number, document in found.items() if number in ids)
    if wanted:
        answers.append(Fetch(reply, wanted))
    return tuple(one for one in ids if one not in found), {}


def _unknown(sender: Sender, base: str, ids: tuple[str, ...]) -> tuple[frozenset[str], dict[str, str]]:
    """What efetch left out: absent if esummary does not know it either."""
    summaries = summarise(sender, base, ids)
    held_back = dict.fromkeys(summaries.accounted.returned, "esummary knows it, but efetch does not give it")
    return summaries.accounted.absent, held_back | dict(summaries.accounted.failed)


def _pmids(answer: Fetch) -> Iterator[str]:
    for document in answer.documents:
        number = document.identifier("pmid")
        if number:
            yield number


def _readable(reply: Reply) -> None:
    """A set whose records cannot all be told by their PMID is asked for again."""
    for document in pubmed_xml.iter_documents(io.BytesIO(reply.body), "efetch"):
        if isinstance(document, Document) and document.identifier("pmid") is None:
            raise BadReply("a record without a PMID")
