"""One spelling for the many characters of journals, one character for one character, so that every offset holds."""

import re

_DASHES = "‐‑‒–—―−﹣⁃"
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    "\u200b\ufeff\t\n\r\f\v"
)
_MARKS = {
    "·": "∙",
    "⋅": "∙",
    "’": "'",
    "‘": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "⩽": "≤",
    "⩾": "≥",
    "≦": "≤",
    "≧": "≥",
}
_MARKS |= {
    "*": " ",
    "＜": "<",
    "＞": ">",
    "＝": "=",
    "％": "%",
    "（": "(",
    "）": ")",
    "，": ",",
    "；": ";",
    "：": ":",
    "～": "~",
    "∼": "~",
    "µ": "μ",
}
_PLAIN = {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_SPACES, " "), **_MARKS}

_MIDDLE_DOT = re.compile(r"(?<=\d)∙(?=\d)|(?<![\w∙])∙(?=\d)")
# a thin or no-break space between groups of three is a thousands mark
_THIN = "\u2009\u202f\u00a0"
_THIN_THOUSANDS = re.compile(rf"[{_THIN}](?<=\d.)(?=\d{{3}}(?!\d))")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,] )(?<![\d.,/-])([1-9]\d{0,2}) (?=\d{3}(?: [(a-zA-Z]|[),;]|$))")
# a decimal comma: after a leading zero, or with one or two decimals before % and around ±
_DECIMAL_COMMA = re.compile(r",(?<=\d,)(?:(?<=0,)(?<![\d.,]0,)(?=\d)|(?=\d{1,2}\s?(?:%|±)))")
_SPREAD_COMMA = re.compile(r"±(\s?\d+),(?=\d{1,2}(?!\d))")
_GAP = re.compile(r" \d\d\d(?<=\d \d\d\d)")  # a cheap test before the costly pattern


def normalise(text: str) -> str:
    """The text with plain dashes, spaces, quotes and decimal points; as long as before, character for character."""
    if not text.isascii() and any(space in text for space in _THIN):
        text = _THIN_THOUSANDS.sub(",", text)
    for odd, plain in _PLAIN.items():
        if odd in text:
            text = text.replace(odd, plain)
    if "∙" in text:
        text = _MIDDLE_DOT.sub(".", text)
    if _GAP.search(text):
        text = _SPACED_THOUSANDS.sub(r"\1,", text)
    text = _DECIMAL_COMMA.sub(".", text)
    if "±" in text:
        text = _SPREAD_COMMA.sub(r"±\1.", text)
    return text


def lower(text: str) -> str:
    """Lower case without changing the length (a few letters, such as a dotted capital I, would grow)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
