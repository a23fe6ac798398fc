"""Secrets taken out of whatever a person or a file will see.

The services echo the key (in errors, in redirects), and httpx writes whole addresses into its log and its errors, so
texts are cleaned by the known values and by the names that stand before such values.
"""

import logging
import re
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_NAMED = re.compile(r"""((?:api[_-]?key|email)["']?\s*(?:=|:|%3D)\s*["']?)[^&\s"'<>,;})\]]+""", re.IGNORECASE)
#: httpcore's loggers are named by module; a filter on a parent logger does not see what its children write.
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


class Redactor(logging.Filter):
    """Knows the secrets of one client."""

    def __init__(self, *secrets: str | None) -> None:
        """`secrets` may hold None and blanks: they are nothing to hide."""
        super().__init__()
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        longest_first = sorted(forms, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None

    def text(self, text: str) -> str:
        """The text without the secrets, known by value or by the name before them."""
        known = self._values.sub(HIDDEN, text) if self._values else text
        return _NAMED.sub(rf"\g<1>{HIDDEN}", known)

    def body(self, body: bytes) -> bytes:
        """The bytes without the known values; a body is data, so nothing is guessed by name."""
        if self._values is None:
            return body
        pattern = re.compile(self._values.pattern.encode(), re.IGNORECASE)
        return pattern.sub(HIDDEN.encode(), body)

    def excerpt(self, body: bytes, length: int = 300) -> str:
        """The start of a body on one line, for an error's words."""
        # More than length first, so that a secret which crosses the cut is still known as one.
        line = " ".join(body[: 4 * length].decode("utf-8", "replace").split())
        return self.text(line)[:length]

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a log record in place; every record stays."""
        record.msg, record.args = self.text(record.getMessage()), ()
        return True

    def guard_logs(self) -> None:
        """Stand in front of what httpx and httpcore write."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)

    def leave_logs(self) -> None:
        """Stop it."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)
