"""What the experts know, read from text files: outcomes (one a file) and topics (one a folder).

The files teach their own grammar in their first lines. A file with a fault is never half believed:
everything wrong in all files is said at once, each line with file and field.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest.shape import FIGURE, Key, faults_in, parse_toml, plain

OUTCOMES = Path(__file__).parent / "outcomes"
TOPICS = Path(__file__).parent / "topics"

#: Reasons to exclude an article where a topic names none of its own: what PICO asks for and the article has not.
REASONS = ("other population", "other intervention", "other comparison", "other outcomes", "other design")


class VocabularyError(Exception):
    """The vocabulary cannot be used; one line a fault, each naming file and field."""


@dataclass(frozen=True, slots=True)
class Mcid:
    """The smallest change that patients notice, in the outcome's unit, with the paper that says so."""

    value: float
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class UsualSd:
    """The SD between patients that studies of this outcome print, in its unit, with the studies."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of ours and the figures that must be read from it, by the contract's keys (a subset of each)."""

    text: str
    figures: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A sentence of ours from which no figure of this outcome may be read, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. words are matched on word boundaries without case, a plural s allowed.

    together: groups of which each must occur in one clause (a trailing * makes a prefix).
    unless: words that turn it into another outcome (a trailing * here too).
    scale: lowest and highest possible value in unit. integer: one patient's value is a whole number.
    measures: metafor's name of the measure for a "single" group and for a "contrast" of two.
    """

    id: str
    name: str
    title: str
    type: str
    better: str
    words: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()
    unit: str | None = None
    scale: tuple[float, float] | None = None
    integer: bool = False
    mcid: Mcid | None = None
    usual_sd: UsualSd | None = None
    measures: dict[str, str] | None = None
    examples: tuple[Example, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A time window in months: a figure at time t stands for months if low < t <= high."""

    name: str
    months: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What may be pooled: one intervention class, one control class (None: single groups), designs that go together."""

    id: str
    title: str
    intervention: str
    designs: tuple[str, ...]
    control: str | None = None
    role: str = "evidence"


@dataclass(frozen=True, slots=True)
class AssumedCorrelation:
    """The correlation of baseline and follow-up when a paper does not print it: the value used and the range shown."""

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Which studies belong to the question (PICO), and the reasons for which a screener may leave one out."""

    population: str
    intervention: str
    comparison: str
    outcome: str
    designs: str
    excluded: str | None = None
    reasons: tuple[str, ...] = REASONS


@dataclass(frozen=True, slots=True)
class Topic:
    """A review question as a folder: topic.toml and studies/*.toml. level in percent, seeds and so on are PMIDs.

    references are PMIDs or DOIs. folder is where it was read.
    """

    id: str
    title: str
    question: str
    protocol_version: str
    seeds: tuple[str, ...]
    eligibility: Eligibility
    outcomes: tuple[str, ...]
    windows: tuple[Window, ...]
    comparisons: tuple[Comparison, ...]
    assumed_r: AssumedCorrelation
    folder: Path
    similar: tuple[str, ...] = ()
    citers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    registrations: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    method: str = "REML"
    test: str = "adhoc"
    level: float = 95
    reviewers_needed: int = 2

    def assuming(self, r: float) -> "Topic":
        """The same topic with another correlation assumed between baseline and follow-up."""
        return replace(self, assumed_r=replace(self.assumed_r, value=r))

    def window_of(self, months: float | None) -> Window | None:
        """The window that holds a time in months, or None."""
        return None if months is None else next((w for w in self.windows if w.low < months <= w.high), None)


@dataclass(frozen=True)
class Vocabulary:
    """All outcomes, and the sha256 of the files that they were read from."""

    outcomes: tuple[Outcome, ...]
    sha256: str

    @cached_property
    def _labels(self) -> dict[str, Outcome]:
        # the earlier name wins: a canonical name must not be taken by another outcome's word
        names = [(label, o) for o in self.outcomes for label in (o.name, o.id, o.title)]
        words = [(label, o) for o in self.outcomes for label in o.words]
        return {label.casefold(): outcome for label, outcome in reversed(names + words)}

    def named(self, label: str | None) -> Outcome | None:
        """The outcome that has this name, id, title or word (case and a plural s aside), or None."""
        wanted = (label or "").strip().casefold()
        return self._labels.get(wanted) or self._labels.get(wanted.removesuffix("s"))

    def by_id(self, id: str) -> Outcome:  # noqa: A002 - the column's name everywhere else
        """The outcome with this id. Raises VocabularyError if there is none."""
        for outcome in self.outcomes:
            if outcome.id == id:
                return outcome
        raise VocabularyError(f"there is no outcome {id!r}; known are {', '.join(o.id for o in self.outcomes)}")


def _no_star(words: list[str]) -> str | None:
    starred = [word for word in words if "*" in word]
    return f"a trailing * belongs into together, not here: {', '.join(starred)}" if starred else None


def _quotes_stand(examples: list[dict[str, Any]]) -> str | None:
    lost = [f["quote"] for e in examples for f in e["figures"] if f.get("quote", "") not in e["text"]]
    return f"quotes that do not stand in their text: {', '.join(map(repr, lost))}" if lost else None


def _windows_apart(windows: list[dict[str, Any]]) -> str | None:
    ordered = sorted(windows, key=lambda window: window["low"])
    if outside := [w["name"] for w in windows if not w["low"] < w["months"] <= w["high"]]:
        return f"{', '.join(outside)}: months must lie in low < months <= high"
    met = [f"{a['name']} and {b['name']}" for a, b in pairwise(ordered) if b["low"] < a["high"]]
    return f"{'; '.join(met)} overlap" if met else None


def _distinct(reasons: list[str]) -> str | None:
    return None if len(set(reasons)) == len(reasons) and all(r.strip() for r in reasons) else "each once, none empty"


def _correlation(r: dict[str, Any]) -> str | None:
    return None if -1 < r["low"] <= r["value"] <= r["high"] < 1 else "must be -1 < low <= value <= high < 1"


_NEEDED = Key(needed=True)
_TEXTS = Key("texts")

OUTCOME_KEYS = {
    "id": _NEEDED,
    "name": _NEEDED,
    "title": _NEEDED,
    "type": Key(needed=True, one_of=("continuous", "proportion", "survival", "event")),
    "better": Key(needed=True, one_of=("lower", "higher")),
    "words": Key("texts", rule=_no_star),
    "together": Key("groups"),
    "unless": _TEXTS,
    "unit": Key(),
    "scale": Key("span"),
    "integer": Key("truth"),
    "mcid": Key("table", inside={"value": Key("number", needed=True), "source": _NEEDED, "note": Key()}),
    "usual_sd": Key("table", inside={"value": Key("number", needed=True), "source": _NEEDED}),
    "measures": Key(
        "table",
        needed=True,
        inside={
            "single": Key(one_of=("MN", "MC", "SMCR", "PR", "PLO", "PAS", "PFT", "IR", "IRLN")),
            "contrast": Key(one_of=("MD", "SMD", "RR", "OR", "RD", "HR", "IRR")),
        },
    ),
    "examples": Key(
        "tables",
        needed=True,
        inside={"text": _NEEDED, "figures": Key("tables", needed=True, inside={**FIGURE, "quote": Key()})},
        rule=_quotes_stand,
    ),
    "near_misses": Key("tables", needed=True, inside={"text": _NEEDED, "why": _NEEDED}),
}

TOPIC_KEYS = {
    "id": _NEEDED,
    "title": _NEEDED,
    "question": _NEEDED,
    "protocol_version": _NEEDED,
    "seeds": Key("texts", needed=True),
    "similar": _TEXTS,
    "citers": _TEXTS,
    "references": _TEXTS,
    "registrations": _TEXTS,
    "queries": _TEXTS,
    "outcomes": Key("texts", needed=True),
    "method": Key(one_of=("FE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")),
    "test": Key(one_of=("z", "t", "knha", "adhoc")),
    "level": Key("number", rule=lambda level: None if 0 < level < 100 else "must lie between 0 and 100"),
    "reviewers_needed": Key("whole", rule=lambda n: None if n in (1, 2) else "must be 1 or 2"),
    "eligibility": Key(
        "table",
        needed=True,
        inside={
            **dict.fromkeys(("population", "intervention", "comparison", "outcome", "designs"), _NEEDED),
            "excluded": Key(),
            "reasons": Key("texts", rule=_distinct),
        },
    ),
    "windows": Key(
        "tables",
        needed=True,
        inside={"name": _NEEDED, **dict.fromkeys(("months", "low", "high"), Key("number", needed=True))},
        rule=_windows_apart,
    ),
    "comparisons": Key(
        "tables",
        needed=True,
        inside={
            **dict.fromkeys(("id", "title", "intervention"), _NEEDED),
            "designs": Key("texts", needed=True),
            "control": Key(),
            "role": Key(one_of=("evidence", "comparator")),
        },
    ),
    "assumed_r": Key(
        "table",
        needed=True,
        inside={**dict.fromkeys(("value", "low", "high"), Key("number", needed=True)), "source": _NEEDED},
        rule=_correlation,
    ),
}


def load_outcomes(*folders: Path) -> Vocabulary:
    """The outcome files of the folders (default: the bundled ones), in order of id.

    Raises VocabularyError with all faults of all files, one a line.
    """
    paths = sorted((path for folder in folders or (OUTCOMES,) for path in folder.glob("*.toml")), key=lambda p: p.name)
    content = [path.read_bytes() for path in paths]
    read = [parse_toml(body, path.name) for path, body in zip(paths, content, strict=True)]
    faults = [
        fault
        for path, (table, broken) in zip(paths, read, strict=True)
        for fault in broken or _outcome_faults(table, path.name)
    ]
    tables = [plain(table) for table, _ in read]
    faults += _doubles(tables, "id") + _doubles(tables, "name")
    if not paths:
        faults.append(f"no outcome file in {', '.join(str(folder) for folder in folders or (OUTCOMES,))}")
    if faults:
        raise VocabularyError("\n".join(faults))
    return Vocabulary(tuple(_outcome(table) for table in tables), sha256(b"\0".join(content)).hexdigest())


def load_topic(name_or_path: str | Path = "ssc-msc") -> Topic:
    """A bundled topic by its name, or any folder that holds a topic.toml. Raises VocabularyError with all faults."""
    bundled = TOPICS / name_or_path
    folder = bundled if (bundled / "topic.toml").is_file() else Path(name_or_path)
    path = folder / "topic.toml"
    if not path.is_file():
        raise VocabularyError(f"{name_or_path}: neither a bundled topic nor a folder with a topic.toml")
    table, faults = parse_toml(path.read_bytes(), path.name)
    if faults := faults or faults_in(table, TOPIC_KEYS, path.name):
        raise VocabularyError("\n".join(faults))
    return _topic(plain(table), folder)


def vocabulary_of(topic: Topic) -> Vocabulary:
    """The bundled outcomes and those in the topic's own folder outcomes/.

    Raises VocabularyError if a file has faults or the topic names an outcome that no file describes.
    """
    own = topic.folder / "outcomes"
    vocabulary = load_outcomes(OUTCOMES, own) if own.is_dir() else load_outcomes()
    known = {outcome.id for outcome in vocabulary.outcomes}
    if unknown := [id_ for id_ in topic.outcomes if id_ not in known]:
        raise VocabularyError("\n".join(f"topic.toml: outcomes: no outcome file has the id {id_}" for id_ in unknown))
    return vocabulary


def _outcome_faults(table: dict[str, Any], name: str) -> list[str]:
    faults = faults_in(table, OUTCOME_KEYS, name)
    if not table.get("words") and not table.get("together"):
        faults.append(f"{name}: words: give words or together, else nothing can be recognised")
    if isinstance(table.get("id"), str) and table["id"] != name.removesuffix(".toml"):
        faults.append(f"{name}: id: must be the file's name, not {table['id']!r}")
    return faults


def _doubles(tables: list[dict[str, Any]], key: str) -> list[str]:
    counted = Counter(table[key].casefold() for table in tables if isinstance(table.get(key), str))
    return [f"outcomes: {key}: {value!r} stands in {times} files" for value, times in counted.items() if times > 1]


def _outcome(table: dict[str, Any]) -> Outcome:
    made = {
        "words": tuple(table.get("words", ())),
        "together": tuple(tuple(group) for group in table.get("together", ())),
        "unless": tuple(table.get("unless", ())),
        "scale": tuple(map(float, table["scale"])) if "scale" in table else None,
        "mcid": Mcid(**table["mcid"]) if "mcid" in table else None,
        "usual_sd": UsualSd(**table["usual_sd"]) if "usual_sd" in table else None,
        "examples": tuple(Example(e["text"], tuple(e["figures"])) for e in table["examples"]),
        "near_misses": tuple(NearMiss(**miss) for miss in table["near_misses"]),
    }
    return Outcome(**{**table, **made})


def _tupled(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {**table, key: tuple(table[key])} if key in table else table


def _topic(table: dict[str, Any], folder: Path) -> Topic:
    lists = ("seeds", "similar", "citers", "references", "registrations", "queries", "outcomes")
    made = {
        **{key: tuple(table[key]) for key in lists if key in table},
        "eligibility": Eligibility(**_tupled(table["eligibility"], "reasons")),
        "windows": tuple(Window(**window) for window in table["windows"]),
        "comparisons": tuple(Comparison(**{**c, "designs": tuple(c["designs"])}) for c in table["comparisons"]),
        "assumed_r": AssumedCorrelation(**table["assumed_r"]),
        "folder": folder,
    }
    return Topic(**{**table, **made})
