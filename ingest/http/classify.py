"""Is this an answer? Judged by status, media type, first bytes and the error that the body tells, in this order.

A request that raised nothing may still be cut, an error under 200, or a page for people. Four tables say what the
services' own words mean: their statuses do not (a 400 can pass, a 200 can be an outage).
"""

import io
import json
import re
from typing import Any

from ingest.errors import (
    BadPayload,
    BadReply,
    Blocked,
    EmptyPayload,
    HistoryLost,
    HostilePayload,
    IngestError,
    KeyRefused,
    NotFound,
    SourceRefused,
    SourceUnreachable,
    TooLong,
    Truncated,
)
from ingest.http.exchange import OK, Answer, Fault, Request
from ingest.markup.xml import open_xml, records

#: What the words of an error mean, the first that fits; what fits none is asked again a few times and then told.
_SAID: tuple[tuple[re.Pattern[str], type[IngestError], bool], ...] = (
    (re.compile(r"API key (?:in|not )valid|api.key.*invalid", re.IGNORECASE), KeyRefused, False),
    (
        re.compile(
            r"OUT OF RANGE|cannot be larger than|Search backend cannot retrieve history|ID list is empty|"
            r"Empty id ?list|Supplied id parameter is empty|have invalid value|Invalid uid|Invalid db name|"
            r"Too many UIDs|command not supported",
            re.IGNORECASE,
        ),
        SourceRefused,
        False,
    ),
    (re.compile(r"Cannot retrieve history data|Unable to obtain query"), HistoryLost, False),
    (
        re.compile(
            r"Search Backend failed|Unable to open connection|External viewer error|proxy_stream|PubOne|TXCLIENT|"
            r"address table is empty|error forwarding request|Unable to route request|NCBI C\+\+ Exception",
            re.IGNORECASE,
        ),
        SourceUnreachable,
        True,
    ),
)
_RATE = re.compile(r"rate limit exceeded", re.IGNORECASE)
#: A document of its own that could not be had is a row of the answer, not an error of it.
_ABOUT_ONE_ID = re.compile(r"^\s*UID=\d+: ")
_ERROR_TAG = re.compile(rb"<ERROR>(.*?)</ERROR>", re.DOTALL)
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MISUSE = re.compile(r"misuse|abuse", re.IGNORECASE)

#: Media types that contradict what was asked for; storage servers call everything octet-stream, so a list of the
#: right ones would refuse good answers.
_CONTRADICTS = {
    "xml": re.compile(r"json|html|image/|audio/|video/|pdf"),
    "json": re.compile(r"xml|html|image/|audio/|video/|pdf"),
    "text": re.compile(r"image/|audio/|video/|pdf"),
    "any": re.compile(r"(?!)"),
}
_FEW = 3


def judge(answer: Answer, request: Request) -> Fault | None:
    """Why the answer is none; None where it is good as far as can be told without knowing the question's ids."""
    return _by_status(answer, request) if answer.status != OK else _by_content(answer, request)


def _by_status(answer: Answer, request: Request) -> Fault | None:
    status, told = answer.status, _told(answer.body)
    if 300 <= status < 400 and (request.service == "eutils" or _MISUSE.search(answer.location or "")):
        # E-utilities never move; the address would carry the key to wherever it points.
        return Fault(Blocked, f"sent away to {answer.location}: stop asking and write to the service", again=False)
    if status in request.answers:
        return None
    if status == 429 or (told and _RATE.search(told)):
        return _slow_down(answer)
    if status >= 500:
        return Fault(SourceUnreachable, f"status {status}", retry_after=answer.retry_after)
    # Elsewhere a status means what it says.
    if told is not None and request.service == "eutils":
        return _said(told, request)
    return _bare_status(answer, request)


def _bare_status(answer: Answer, request: Request) -> Fault:
    status = answer.status
    reason = f"status {status}"
    if status in {413, 414}:
        return Fault(TooLong, f"{reason}, ask for fewer at once", again=False)
    # Days of 400 without a word, and 404 from its proxies, are how E-utilities ails; no question of ours earns one.
    if status == 408 or (request.service == "eutils" and status in {400, 404}):
        return Fault(SourceUnreachable, f"{reason} without a reason")
    if 200 <= status < 300:
        return Fault(BadReply, f"{reason} instead of 200", most=_FEW)
    if 300 <= status < 400:
        return Fault(SourceRefused, f"{reason}, moved to {answer.location}", again=False)
    return Fault(NotFound if status in {404, 410} else SourceRefused, reason, again=False)


def _by_content(answer: Answer, request: Request) -> Fault | None:
    body = answer.body
    if not body.strip():
        return Fault(EmptyPayload, "empty answer")
    if _PAGE.match(body[:4096]):
        return Fault(SourceUnreachable, "a page for people instead of data", most=_FEW)
    told = _json_error(body)
    if told is not None:
        return _slow_down(answer) if _RATE.search(told) else _said(told, request)
    if _CONTRADICTS[request.expect].search(answer.content_type.lower()):
        return Fault(BadReply, f"{answer.content_type} where {request.expect} was asked for", most=_FEW)
    return _whole(answer, request)


def _whole(answer: Answer, request: Request) -> Fault | None:
    if request.expect == "xml":
        return _whole_xml(answer.body, request)
    if request.expect == "json":
        return None if _json(answer.body) is not None else Fault(Truncated, "the JSON stops before its end, or is none")
    told = _error_tag(answer.body) if answer.body.lstrip()[:1] == b"<" else None
    return _said(told, request) if told else None


def _whole_xml(body: bytes, request: Request) -> Fault | None:
    try:
        opened = open_xml(io.BytesIO(body), "answer")
        if request.root is not None and opened.root != request.root:
            return _other_root(body, opened.root, request)
        top_level = [
            "".join(str(text) for text in node.itertext())
            for node in records(opened, ("ERROR",))
            if (parent := node.getparent()) is not None and parent.getparent() is None
        ]
    except HostilePayload as fault:
        return Fault(HostilePayload, str(fault), again=False)
    except BadPayload as fault:
        words = _known_words(body)
        return _said(words, request) if words else Fault(type(fault), str(fault))
    told = _joined(top_level)
    return _said(told, request) if told else None


def _other_root(body: bytes, root: str, request: Request) -> Fault:
    told = _error_tag(body)
    if told:
        return _said(told, request)
    return Fault(BadReply, f"<{root}> where <{request.root}> was asked for", most=_FEW)


def _slow_down(answer: Answer) -> Fault:
    return Fault(SourceUnreachable, "asks us to slow down", slow_down=True, retry_after=answer.retry_after)


def _said(told: str, request: Request) -> Fault:
    """What an error's words mean."""
    for pattern, error, again in _SAID:
        if not pattern.search(told):
            continue
        if error is HistoryLost and all(name != "WebEnv" for name, _ in request.params):
            # Nothing was taken from the history: E-utilities say the same of a query that they cannot read.
            return Fault(SourceRefused, f"cannot read the question, says: {told}", most=_FEW)
        return Fault(error, f"says: {told}", again=again)
    return Fault(BadReply, f"says: {told}", most=_FEW)


def _told(body: bytes) -> str | None:
    """The error that a body tells in JSON, XML or, where it is neither, in known words of its text."""
    return _json_error(body) or _error_tag(body) or _known_words(body)


def _known_words(body: bytes) -> str | None:
    head = body[:4096].decode("utf-8", "replace")
    return next((found[0] for pattern, _, _ in _SAID if (found := pattern.search(head))), None)


def _error_tag(body: bytes) -> str | None:
    return _joined([found.decode("utf-8", "replace") for found in _ERROR_TAG.findall(body[: 1 << 16])])


def _joined(told: list[str]) -> str | None:
    words = [" ".join(one.split()) for one in told if not _ABOUT_ONE_ID.match(one)]
    return " · ".join(word or "an error without words" for word in words) or None


def _json(body: bytes) -> Any:
    """The body as JSON, raw line ends in strings allowed; None where it is none."""
    try:
        return json.loads(body, strict=False)
    except ValueError:
        return None


def _json_error(body: bytes) -> str | None:
    """The error that stands at the top of a JSON answer, or one step below in esearch's and esummary's wrapper."""
    if body.lstrip()[:1] != b"{":
        return None
    document = _json(body)
    if not isinstance(document, dict):
        return None
    inner = document.get("esearchresult")
    told = [document.get("error"), document.get("ERROR"), inner.get("ERROR") if isinstance(inner, dict) else None]
    empty = document.get("esummaryresult")
    told += empty if isinstance(empty, list) else []
    return _joined([one for one in told if isinstance(one, str)])
