"""esearch: a query becomes PMIDs, all of them, or a warning that says what is wrong with it.

    found = search(client, services.eutils, "moss[tiab] AND rain[tiab]", today=date.today())
    found.pmids, found.count, found.warnings, found.complete, found.trusted

PubMed gives the first 9,999 hits of a query only, so a larger set is cut into windows of dates until each window fits,
and the union by PMID is taken. A phrase that PubMed does not know is dropped and the rest of the query runs; an unknown
field becomes all fields: both bring noise, and both are warnings here, never silence.
"""

import calendar
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.errors import BadReply
from ingest.http.exchange import Reply, Request
from ingest.markup.text import text_of
from ingest.markup.xml import open_xml, records
from ingest.printed.identifiers import pmid
from ingest.services.accounting import Failure, Patience, Sender, ask
from ingest.services.loose_json import at, list_at, read_object, text_at, texts_at, whole_at

#: PubMed's ESearch gives no record behind this one (Entrez Programming Utilities Help, NBK25499).
LAST_HIT = 9999
#: A window is cut when it holds more: hits still arrive while the windows are read.
FULL_WINDOW = 9000
#: Never left to the default, which changed over the years; newest first is what people see on the site.
SORT = "pub_date"
PAGE = 5000
#: Rounds over one window until its pages hold as many hits as it counts.
ROUNDS = 3
FIRST_DATE = date(1700, 1, 1)

_TAGGED = re.compile(r'("[^"]+"|[^\s"()\[\]]+(?:\s+(?!(?:AND|OR|NOT)\b)[^\s"()\[\]]+)*)\s*\[([^\]]+)\]')
_OPERATOR = re.compile(r"^(?:AND|OR|NOT)\s+")
_ALL_FIELDS = frozenset({"all", "all fields"})
_XML_TAGS = (
    "Count", "RetStart", "Id", "QueryTranslation", "PhraseNotFound", "QuotedPhraseNotFound", "FieldNotFound",
    "OutputMessage", "ERROR",
)  # fmt: skip
#: What PubMed prints without any harm to the query.
_HARMLESS = frozenset({"no items found."})


@dataclass(frozen=True, slots=True)
class Window:
    """Days first to last, both within, of the dates that `kind` names: pdat (published), edat (entered), mdat."""

    first: date
    last: date
    kind: str = "edat"


@dataclass(frozen=True, slots=True)
class SearchWarning:
    """Why hits may not be what was meant.

    kind: phrase dropped, unknown field, message, incomplete or failed. words: the part of the query or the message.
    """

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One answer of esearch. count is of the whole query; pmids are those on this page, in its order."""

    count: int
    start: int
    pmids: tuple[str, ...]
    translation: str | None = None
    phrases_not_found: tuple[str, ...] = ()
    fields_not_found: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A query's hits, each PMID once. count is what PubMed says of the whole query, None where it never answered.

    complete: as many hits as counted are here. trusted: nothing speaks against importing them without a person's word.
    """

    term: str
    count: int | None
    pmids: tuple[str, ...]
    translation: str | None = None
    warnings: tuple[SearchWarning, ...] = ()
    replies: tuple[Reply, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing failed and nothing is missing."""
        return self.count is not None and not any(one.kind in {"incomplete", "failed"} for one in self.warnings)

    @property
    def trusted(self) -> bool:
        """Whether the query ran as it was written."""
        return not any(one.kind in {"phrase dropped", "unknown field"} for one in self.warnings)


def search_request(base: str, term: str, start: int = 0, most: int = PAGE, window: Window | None = None) -> Request:
    """Ask for the hits from `start` on.

    Raises:
        ValueError: beyond the hits that PubMed gives.
    """
    if start + most > LAST_HIT:
        raise ValueError(f"esearch gives {LAST_HIT} hits at most; cut the query into windows of dates")
    params = [
        ("db", "pubmed"), ("term", term), ("retmode", "json"), ("retstart", str(start)), ("retmax", str(most)),
        ("sort", SORT),
    ]  # fmt: skip
    if window is not None:
        params += [
            ("datetype", window.kind), ("mindate", f"{window.first:%Y/%m/%d}"), ("maxdate", f"{window.last:%Y/%m/%d}"),
        ]  # fmt: skip
    return Request("eutils", f"{base}/esearch.fcgi", tuple(params), expect="json", accept=_readable)


def parse_search(body: bytes) -> SearchPage:
    """One page of hits, as JSON or XML.

    Raises:
        BadReply: an ERROR stands where the hits should be, or there is no count.
        EmptyPayload, BadPayload: not JSON (raw newlines in its strings are let pass) or not whole XML.
    """
    if body.lstrip().startswith(b"<"):
        return _from_xml(body)
    answer = at(read_object(body, "esearch"), "esearchresult")
    if told := text_at(answer, "ERROR"):
        raise BadReply(f"esearch: {' '.join(told.split())}")
    count = whole_at(answer, "count")
    if count is None:
        raise BadReply("esearch: no count in the answer")
    return SearchPage(
        count=count,
        start=whole_at(answer, "retstart") or 0,
        pmids=tuple(number for one in texts_at(answer, "idlist") if (number := pmid(one))),
        translation=text_at(answer, "querytranslation"),
        phrases_not_found=(
            *texts_at(answer, "errorlist", "phrasesnotfound"),
            *texts_at(answer, "warninglist", "quotedphrasesnotfound"),
        ),
        fields_not_found=texts_at(answer, "errorlist", "fieldsnotfound"),
        messages=(*texts_at(answer, "warninglist", "outputmessages"), *_ignored(answer)),
    )  # fmt: skip


def _from_xml(body: bytes) -> SearchPage:
    told: dict[str, list[str]] = {tag: [] for tag in _XML_TAGS}
    for node in records(open_xml(io.BytesIO(body), "esearch"), _XML_TAGS):
        parent = node.getparent()
        # A TermSet has a Count of its own.
        if node.tag != "Count" or (parent is not None and parent.getparent() is None):
            told[str(node.tag)].append(" ".join(text_of(node).split()))
    if told["ERROR"]:
        raise BadReply(f"esearch: {' '.join(told['ERROR'])}")
    if not told["Count"]:
        raise BadReply("esearch: no count in the answer")
    return SearchPage(
        count=int(told["Count"][0]),
        start=int((told["RetStart"] or ["0"])[0]),
        pmids=tuple(number for one in told["Id"] if (number := pmid(one))),
        translation=next(iter(told["QueryTranslation"]), None),
        phrases_not_found=(*told["PhraseNotFound"], *told["QuotedPhraseNotFound"]),
        fields_not_found=tuple(told["FieldNotFound"]),
        messages=tuple(told["OutputMessage"]),
    )


def warnings_of(term: str, page: SearchPage) -> tuple[SearchWarning, ...]:
    """What one answer says against the query: dropped phrases, fields that PubMed did not understand, its messages."""
    dropped = [SearchWarning("phrase dropped", words) for words in page.phrases_not_found]
    unknown = [*page.fields_not_found, *unknown_fields(term, page.translation or "")]
    fields = [SearchWarning("unknown field", words) for words in dict.fromkeys(unknown)]
    messages = [SearchWarning("message", one) for one in page.messages if one.lower() not in _HARMLESS]
    return (*dropped, *fields, *messages)


def unknown_fields(term: str, translation: str) -> Iterator[str]:
    """The tagged parts of a query that PubMed looked up in all fields, as they stand in the query: `moss[titel]`.

    A word that also stands in the query without a tag is left alone: there all fields are meant.
    """
    untagged = " ".join(re.findall(r"[\w-]+", _TAGGED.sub(" ", term).lower())).split()
    told = translation.lower()
    for found in _TAGGED.finditer(term):
        part, words = (_OPERATOR.sub("", one) for one in found.group(0, 1))
        words = words.strip('"').lower()
        meant = found[2].strip().lower() in _ALL_FIELDS or not set(words.split()).isdisjoint(untagged)
        if not meant and (_in_all_fields(words, told) or all(_in_all_fields(one, told) for one in words.split())):
            yield part


def search(
    sender: Sender, base: str, term: str, *, today: date, window: Window | None = None, page: int = PAGE
) -> Found:
    """Every hit of a query, cut into windows of dates where there are more than PubMed gives at once.

    `today` bounds the windows (a year is added: issues are dated ahead). What could not be had is a warning.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    reading = _Reading(sender, base, term, page)
    first = reading.ask(0, window, most=1)
    if first is None:
        return reading.found(None)
    reading.warnings += warnings_of(term, first)
    if first.count <= FULL_WINDOW:
        reading.read(window, first.count)
    else:
        reading.slice(window or Window(FIRST_DATE, date(today.year + 1, 12, 31)), first.count)
    return reading.found(first)


def halves(window: Window) -> tuple[Window, Window] | None:
    """A window cut in two: between years, else between months, else between days; None for a single day."""
    first, last = window.first, window.last
    if first.year != last.year:
        cut = date((first.year + last.year) // 2, 12, 31)
    elif first.month != last.month:
        month = (first.month + last.month) // 2
        cut = date(first.year, month, calendar.monthrange(first.year, month)[1])
    elif first != last:
        cut = first + (last - first) // 2
    else:
        return None
    return Window(first, cut, window.kind), Window(cut + timedelta(days=1), last, window.kind)


class _Reading:
    """One query while it is read: the union of its hits, its answers and its warnings."""

    def __init__(self, sender: Sender, base: str, term: str, page: int) -> None:
        self._sender, self._base, self._term, self._page = Patience(sender), base, term, page
        self._union: dict[str, None] = {}
        self._replies: list[Reply] = []
        self.warnings: list[SearchWarning] = []

    def ask(self, start: int, window: Window | None, most: int) -> SearchPage | None:
        reply = ask(self._sender, search_request(self._base, self._term, start, most, window))
        if isinstance(reply, Failure):
            self.warnings.append(SearchWarning("failed", reply.reason))
            return None
        self._replies.append(reply)
        return parse_search(reply.body)

    def slice(self, window: Window, count: int) -> None:
        """Cut until each part fits; a part is counted before it is read or cut again."""
        parts = halves(window) if count > FULL_WINDOW else None
        if parts is None:
            self.read(window, count)
            return
        for part in parts:
            counted = self.ask(0, part, most=1)
            if counted is not None and counted.count:
                self.slice(part, counted.count)

    def read(self, window: Window | None, count: int) -> None:
        """All pages of a window, and again where hits moved from one page to another while they were read."""
        seen: dict[str, None] = {}
        moved = True
        for _ in range(ROUNDS):
            counts = self._pages(window, count, seen)
            if counts is None:
                moved = False
                break
            count, moved = counts[-1], len(set(counts)) > 1
            if not moved and len(seen) >= min(count, LAST_HIT):
                break
        self._union |= seen
        if len(seen) < count or moved:
            why = "; hits moved while they were read" if moved else ""
            self.warnings.append(SearchWarning("incomplete", f"{len(seen)} of {count} hits{_days(window)}{why}"))

    def found(self, first: SearchPage | None) -> Found:
        if first is not None and len(self._union) < first.count and not self._said_incomplete():
            self.warnings.append(SearchWarning("incomplete", f"{len(self._union)} of {first.count} hits"))
        return Found(
            self._term, None if first is None else first.count, tuple(self._union),
            None if first is None else first.translation, tuple(dict.fromkeys(self.warnings)), tuple(self._replies),
        )  # fmt: skip

    def _pages(self, window: Window | None, count: int, seen: dict[str, None]) -> list[int] | None:
        """One round: the count that each page told, None where a page did not come."""
        counts: list[int] = []
        start = 0
        while start < min(counts[-1] if counts else count, LAST_HIT):
            page = self.ask(start, window, min(self._page, LAST_HIT - start))
            if page is None:
                return None
            seen |= dict.fromkeys(page.pmids)
            counts.append(page.count)
            start += self._page
        return counts or [count]

    def _said_incomplete(self) -> bool:
        return any(one.kind in {"incomplete", "failed"} for one in self.warnings)


def _days(window: Window | None) -> str:
    return "" if window is None else f" from {window.first} to {window.last} ({window.kind})"


def _ignored(answer: object) -> Iterator[str]:
    words = [str(one) for one in list_at(answer, "warninglist", "phrasesignored")]
    if words:
        yield f"ignored: {', '.join(words)}"


def _in_all_fields(words: str, translation: str) -> bool:
    return f'"{words}"[all fields]' in translation or bool(
        re.search(rf"(?<![\w-]){re.escape(words)}\[all fields\]", translation)
    )


def _readable(reply: Reply) -> None:
    parse_search(reply.body)
