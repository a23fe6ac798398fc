"""Text -> sentences, each with its zone: background, aim, methods, results or conclusion.

Headings inside plain text ("Results:") set the zone when there are any; otherwise the words of the sentences do.
"""

import re
from typing import NamedTuple

_HEADINGS = {
    "background": "background introduction context purpose importance rationale",
    "aim": "objective objectives aim aims goal question purpose hypothesis",
    "methods": "methods method design setting patients participants interventions intervention materials "
    "subjects measurements "
    "measures procedures procedure methodology outcomes analysis population exposures exposure",
    "results": "results result findings finding observations",
    "conclusion": "conclusion conclusions interpretation discussion implications significance comment limitations "
    "funding registration registry keywords",
}
_HEADINGS["mixed"] = "summary abstract"
_ZONE_OF = {word: zone for zone, words in reversed(_HEADINGS.items()) for word in words.split()}
# a few words with a colon, or with a full stop where a capital follows, at the beginning of a line or sentence
_OPENING = re.compile(
    r"[ ]*(?P<h>[A-Z][A-Za-z]+(?:(?: and |/|, | & | )[A-Za-z]+){0,4})(?=:|\.\s+[A-Z0-9])",
)
_HEADING = re.compile(r"[.!?)\]•]" + _OPENING.pattern)
# journals that print the heading without a sign after it: "Results Of 119 patients, ..."
_BARE = re.compile(
    r"(?:^|(?<=[.!?])\s+)(?P<h>Purpose|Background|Introduction|Aims?|Objectives?|(?:Patients|Materials?) and Methods|"
    r"Methods|Results|Findings|Conclusions?|Interpretation)\s+(?=[A-Z0-9])"
)

# each pattern begins with a set of signs: the search then skips from sign to sign
_STOP = re.compile(
    r"[.!?•](?:(?<=[.!?])(?:[\"')\]]+)?(?=\s+[\"'(\[]?(?:[A-Z0-9Α-Ω•≥]))"
    r"|(?<=[a-z0-9)%]\.)(?P<sure>)(?=[A-Z][a-z]+ )|(?<=\s•)\s)"
)
_NO_STOP = re.compile(
    r"(?:\b(?:vs|al|fig|no|nos|approx|dr|st|resp|ca|cf|e\.g|i\.e|etc|vol|ref|refs|inc|sp|spp|min|max|mr|"
    r"ms|prof|[a-z])|\b[A-Z])\.$",
    re.IGNORECASE,
)

_AIM = re.compile(
    r"\b(?:aim(?:ed|s)?|objective|purpose|sought|we (?:investigated|examined|assessed|evaluated|compared|"
    r"tested|studied|"
    r"hypothesi[sz]ed|determined|explored|report|describe|present|analy[sz]ed)|this (?:\w+ ){0,3}(?:study|"
    r"trial|review|analysis))\b"
)
_METHODS = re.compile(
    r"\b(?:were (?:\w+ )?(?:randomi[sz]ed|enrolled|included|recruited|assigned|reviewed|divided|assessed|"
    r"measured|treated|selected|examined|investigated|studied|"
    r"identified|excluded|followed|evaluated|analy[sz]ed|collected|compared|performed|calculated|"
    r"estimated|searched|defined)|"
    r"(?:was|were) (?:\w+ )?(?:used|defined|assessed|measured|performed|conducted|estimated|collected|"
    r"administered|calculated)|"
    r"primary (?:end ?point|outcome)|secondary (?:end ?points?|outcomes?)|retrospective(?:ly)?|prospective(?:ly)?|"
    r"this (?:\w+[- ]){0,4}(?:study|trial|cohort) (?:included|enrolled|used|recruited)|regression|"
    r"we (?:conducted|performed|used|included|searched|enrolled))\b"
)
_CRITERIA = re.compile(
    r"\b(?:were (?:eligible|included|enrolled|excluded) if|eligible (?:patients|participants)|inclusion criteria"
    r"|eligibility criteria)\b"
)
_CONCLUSION = re.compile(
    r"\W*(?:in (?:conclusion|summary)|(?:we|our findings|our results|these (?:findings|results|data)|"
    r"this study|our study|these)\b"
    r"[^.]{0,40}\b(?:conclude|suggest|indicate|demonstrate|show|support|provide|underscore|highlight|"
    r"confirm|reveal|emphasi[sz]e)|conclusions?\b|"
    r"(?:thus|therefore|hence), |further (?:studies|research)|key points|future )"
)
_DIGIT, _SIGN = re.compile(r"\d"), re.compile("[<=>≤%±]")
_STRONG = re.compile(r"\bp(?:[- ]values?)? ?[<=>≤] ?0?\.\d|\d ?% ?(?:ci|cri|confidence|credible)\b|\d ?± ?\d")
_RESULT = re.compile(
    r"\bp(?:[- ]values?)? ?[<=>≤] ?0?\.\d|\d ?%?\)? of (?:the )?(?:\w+ ){0,2}(?:patients|participants|"
    r"cases|subjects)|\(\d+(?:\.\d+)?%|\d%\)|\d ?% ?(?:ci|cri|confidence|credible)\b|± ?\d|"
    r"\d ?% ?\)? (?:vs|versus)\b|\brespectively\b"
)


class Sentence(NamedTuple):
    """text[start:end] and the zone it stands in; first: it opens its section."""

    start: int
    end: int
    zone: str


def sentences(text: str, lowered: str, zone: str | None = None) -> list[Sentence]:
    """The sentences of a normalised text. zone: what a heading outside the text says of all of it."""
    parts = _sections(text)
    if zone is None and not any(found for _, _, found in parts):
        return _by_words(lowered, _split(text, 0, len(text)))
    whole = zone or "background"
    made: list[Sentence] = []
    for start, end, found in parts:
        spans = _split(text, start, end)
        made += (
            _by_words(
                lowered, spans, "methods" if "method" in text[max(0, start - 30) : start].lower() else "background"
            )
            if found == "mixed"
            else [Sentence(a, b, found or whole) for a, b in spans]
        )
    return made


def zone_of(label: str | None) -> str | None:
    """The zone that a section's label stands for ("Patients and methods" is methods), or None."""
    for word in re.findall(r"[a-z]+", (label or "").lower()):
        if word in _ZONE_OF:
            return _ZONE_OF[word]
    return None


def _sections(text: str) -> list[tuple[int, int, str | None]]:
    marks: list[tuple[int, int, str | None]] = []
    opening = _OPENING.match(text)
    for found in ([opening] if opening else []) + list(_HEADING.finditer(text)):
        words = re.findall(r"[a-z]+", found["h"].lower())
        if words[0] in _ZONE_OF or (words[-1] in _ZONE_OF and (len(words) < 4 or found["h"].isupper())):
            zone = (
                "mixed"
                if _ZONE_OF.get(words[-1]) == "results" != _ZONE_OF.get(words[0])
                else _ZONE_OF.get(words[0]) or _ZONE_OF[words[-1]]
            )
            marks.append((found.start("h"), found.end() + 1, zone))
    marks = _bare(text) or marks
    if not marks:
        return [(0, len(text), None)]
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    head = [(0, marks[0][0], None)] if text[: marks[0][0]].strip() else []
    return head + [(after, end, zone) for (_, after, zone), end in zip(marks, ends, strict=True)]


def _bare(text: str) -> list[tuple[int, int, str | None]]:
    """Headings without a sign after them, where the text begins with one and has results among three or more."""
    if not _BARE.match(text):
        return []
    found = list(_BARE.finditer(text))
    zones = [_ZONE_OF[re.findall(r"[a-z]+", one["h"].lower())[-1]] for one in found]
    if len(set(zones)) < 3 or "results" not in zones:
        return []
    return [(one.start("h"), one.end(), zone) for one, zone in zip(found, zones, strict=True)]


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts, begin = [], start
    for found in _STOP.finditer(text, start, end):
        stop = found.end()
        if (
            found["sure"] is None
            and text[found.start()] == "."
            and _NO_STOP.search(text, max(begin, found.start() - 8), found.start() + 1)
        ):
            continue
        cuts.append((begin, stop))
        begin = stop
    cuts.append((begin, end))
    return [(a, b) for a, b in cuts if text[a:b].strip()]


def _by_words(lowered: str, spans: list[tuple[int, int]], zone: str = "background") -> list[Sentence]:
    """Zones of an unstructured abstract.

    Background until the first aim or method, results from the first that is neither.
    """
    found = []
    for a, b in spans:
        zone = _next_zone(zone, lowered[a:b], len(spans))
        found.append(Sentence(a, b, zone))
    return found


def _next_zone(zone: str, sentence: str, count: int) -> str:
    numeric = _DIGIT.search(sentence) is not None
    if zone in ("background", "aim", "methods") and _CRITERIA.search(sentence):
        return "methods"
    if (numeric and _SIGN.search(sentence) and _STRONG.search(sentence)) or (
        numeric and (zone != "background" or count < 3) and _RESULT.search(sentence)
    ):
        return "results"
    if zone in ("results", "conclusion"):
        return "conclusion" if _CONCLUSION.match(sentence.lstrip()) else zone
    if _METHODS.search(sentence):
        return "methods"
    return "aim" if _AIM.search(sentence) else zone if zone == "background" and count > 2 else "results"
