"""Text -> sentences, each with its zone: background, aim, methods, results or conclusion.

Headings inside plain text ("Results:") set the zone when there are any; otherwise the words of the sentences do.
"""

import re
from itertools import pairwise
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
    r"[ ]*(?P<h>[A-Z][A-Za-z]++(?:(?: and |/|, | & | )[A-Za-z]++){0,4})(?=:|\.\s+[A-Z0-9])",
)
_HEADING = {sign: re.compile(re.escape(sign) + _OPENING.pattern) for sign in ".!?)]•"}
# journals that print the heading without a sign after it: "Results Of 119 patients, ..."
_BARE = re.compile(
    r"(?:^|(?<=[.!?])\s+)(?P<h>Purpose|Background|Introduction|Aims?|Objectives?|(?:Patients|Materials?) and Methods|"
    r"Methods|Results|Findings|Conclusions?|Interpretation)\s+(?=[A-Z0-9])"
)

# one pattern for each sign that it begins with: a search for one sign is quick, one for a set of them is not
_ENDED = r"[\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9Α-Ω•≥])"
_STOPS = {
    ".": re.compile(rf"\.(?:{_ENDED}|(?<=[a-z0-9)%]\.)(?P<sure>)(?=[A-Z][a-z]+ ))"),
    "!": re.compile(rf"!{_ENDED}"),
    "?": re.compile(rf"\?{_ENDED}"),
    "•": re.compile(r"•(?<=\s•)\s"),
}
# asked at a full stop: it ends an abbreviation; one look behind for each length
_NO_STOP = re.compile(
    r"(?<=\b[a-z])|(?<=\b(?:vs|al|no|dr|st|ca|cf|sp|mr|ms))|(?<=\b(?:fig|nos|e\.g|i\.e|etc|vol|ref|inc|spp|min|max))"
    r"|(?<=\b(?:resp|refs|prof))|(?<=\bapprox)",
    re.IGNORECASE,
)

_AIM = re.compile(
    r"\b(?:aim(?:ed|s)?|objective|purpose|sought|we (?:investigated|examined|assessed|evaluated|compared|"
    r"tested|studied|"
    r"hypothesi[sz]ed|determined|explored|report|describe|present|analy[sz]ed)|this (?:\w+ ){0,3}(?:study|"
    r"trial|review|analysis))\b"
)
# what was done, in three words that begin alike, so that the search skips from one to the next
_DONE = re.compile(
    r"w(?<=\bw)(?:(?:as|ere) (?:\w+ )?(?:used|defined|assessed|measured|performed|conducted|estimated|collected|"
    r"administered|calculated)|ere (?:\w+ )?(?:randomi[sz]ed|enrolled|included|recruited|assigned|reviewed|divided|"
    r"treated|selected|examined|investigated|studied|identified|excluded|followed|evaluated|analy[sz]ed|compared|"
    r"searched)|e (?:conducted|performed|used|included|searched|enrolled))\b"
)
_CRITERIA = re.compile(
    r"\b(?:were (?:eligible|included|enrolled|excluded) if|eligible (?:patients|participants)|inclusion criteria"
    r"|eligibility criteria)\b"
)
_DESIGNED = re.compile(
    r"\b(?:primary (?:end ?point|outcome)|secondary (?:end ?points?|outcomes?)|retrospective(?:ly)?|prospective(?:ly)?|"
    r"this (?:\w+[- ]){0,4}(?:study|trial|cohort) (?:included|enrolled|used|recruited)|regression)\b"
)
# each of the matches of the patterns holds one of these
_SIGNS = ("<", "=", ">", "≤", "%", "±")
_AIM_CUES = ("we ", "this ", "aim", "objective", "purpose", "sought")
_CRITERIA_CUES = ("eligible", "inclusion criteria", "eligibility criteria", " if")
_DESIGN_CUES = ("this ", "primary ", "secondary ", "rospective", "regression")
_CONCLUSION = re.compile(
    r"\W*(?:in (?:conclusion|summary)|(?:we|our findings|our results|these (?:findings|results|data)|"
    r"this study|our study|these)\b"
    r"[^.]{0,40}\b(?:conclude|suggest|indicate|demonstrate|show|support|provide|underscore|highlight|"
    r"confirm|reveal|emphasi[sz]e)|conclusions?\b|"
    r"(?:thus|therefore|hence), |further (?:studies|research)|key points|future )"
)
_DIGIT = re.compile(r"\d")
_P = r"(?<=\bp)(?:[- ]values?)? ?[<=>≤] ?0?\.\d"
_CI = r"% ?(?:ci|cri|confidence|credible)\b"
_STRONG = re.compile(rf"[p\d](?:{_P}|(?<=\d) ?(?:{_CI}|± ?\d))")
_RESULT = re.compile(
    rf"[p\d(±r](?:{_P}|(?<=\d)(?: ?{_CI}| ?%?\)? of (?:the )?(?:\w+ ){{0,2}}(?:patients|participants|cases|subjects)"
    r"|%\)| ?% ?\)? (?:vs|versus)\b)|(?<=\()\d+(?:\.\d+)?%|(?<=±) ?\d|(?<=\br)espectively\b)"
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
    later = (found for sign, pattern in _HEADING.items() if sign in text for found in pattern.finditer(text))
    for found in ([opening] if opening else []) + sorted(later, key=re.Match.start):
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
    stops = [
        found.end()
        for sign, pattern in _STOPS.items()
        if sign in text
        for found in pattern.finditer(text, start, end)
        if sign != "." or found["sure"] is not None or not _NO_STOP.match(text, found.start())
    ]
    return [(a, b) for a, b in pairwise([start, *sorted(stops), end]) if text[a:b].strip()]


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
    told = zone in ("results", "conclusion")
    concluding = told and _CONCLUSION.match(sentence.lstrip())
    if zone == "results" and not concluding:
        return zone
    if not told and _says(_CRITERIA_CUES, _CRITERIA, sentence):
        return "methods"
    open_to = zone != "background" or count < 3
    if _says(_SIGNS, _STRONG, sentence) or (open_to and _DIGIT.search(sentence) and _RESULT.search(sentence)):
        return "results"
    if told:
        return "conclusion"
    if _DONE.search(sentence) or _says(_DESIGN_CUES, _DESIGNED, sentence):
        return "methods"
    silent = zone if zone == "background" and count > 2 else "results"
    return "aim" if _says(_AIM_CUES, _AIM, sentence) else silent


def _says(cues: tuple[str, ...], pattern: re.Pattern[str], sentence: str) -> bool:
    """Whether a sentence matches, its cues asked first: to look for a few words is cheaper than for a pattern."""
    for cue in cues:
        if cue in sentence:
            return pattern.search(sentence) is not None
    return False
