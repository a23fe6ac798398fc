"""Dates as PubMed prints them -> PublicationDate: the raw words, and what can be understood of them.

Seasons, quarters and ranges ("1998 Dec-1999 Jan", "2011 4th Quarter", "1978 Jul-Aug") keep their
words; year, month and day are those of the first day that is certain.
"""

import re
from functools import lru_cache

from ingest.records import PublicationDate

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DATE = re.compile(
    r"\b(?P<year>1[5-9]\d\d|2[01]\d\d)(?!\d)"
    r"(?:[\s/-]+(?P<month>[A-Za-z]{3,9}\b\.?|\d{1,2}(?![\dA-Za-z]))"
    r"(?:[\s/-]+(?P<day>\d{1,2})(?![\dA-Za-z]))?)?"
)


@lru_cache(maxsize=8192)
def read_date(raw: str) -> PublicationDate | None:
    """A date in words or numbers, year first; None where there are no words at all.

    "2024 Jan 10" -> 2024, 1, 10;  "1998 Dec-1999 Jan" -> 1998, 12;  "2003 Spring" -> 2003;  "2019/07/26 06:00".
    """
    words = raw.strip()
    if not words:
        return None
    found = _DATE.search(words)
    if found is None:
        return PublicationDate(words)
    month = _month(found["month"])
    day = int(found["day"]) if month and found["day"] and 1 <= int(found["day"]) <= 31 else None
    return PublicationDate(words, int(found["year"]), month, day)


def _month(word: str | None) -> int | None:
    if word is None:
        return None
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    return _MONTHS.get(word[:3].lower())
