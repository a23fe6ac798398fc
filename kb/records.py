"""The nouns of kb: what is read from a text, what a check says, what enters a pool. Frozen, absent is None."""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

#: A number in digits, with a point or middle dot and thousands commas.
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:[.·]\d+)?|\d*[.·]\d+|\d+")

#: Keys of the figure JSON in the contract's order; absent keys are left out of the JSON.
FIGURE_KEYS = (
    "outcome", "kind", "arm", "timepoint", "value", "unit", "sd", "se", "iqr_low", "iqr_high", "range_low",
    "range_high", "ci_low", "ci_high", "ci_level", "n", "events", "percent", "p_value", "effect_measure", "quote",
    "start", "end", "confidence",
)  # fmt: skip

#: Numbers that two readings of one result are compared by.
COMPARED = ("value", "events", "n", "percent", "sd", "se", "ci_low", "ci_high")

#: Rounding room when a printed percentage is compared with a fraction (half of a printed 0.1 and a little).
PERCENT_ROOM = 0.06

#: Mean length in months of each unit a timepoint may have (a year is 12 months, a month 30.4375 days).
MONTHS = {"hour": 1 / 730.5, "day": 1 / 30.4375, "week": 7 / 30.4375, "month": 1.0, "year": 12.0}


@dataclass(frozen=True, slots=True)
class Timepoint:
    """A time as printed: 5 year, 12 month; the baseline is value 0 with unit "baseline"."""

    value: float
    unit: str

    @property
    def months(self) -> float:
        """Months since baseline."""
        return 0.0 if self.unit == "baseline" else self.value * MONTHS[self.unit]

    def __str__(self) -> str:
        """``baseline`` or ``5 year``, as the contract stores it."""
        return "baseline" if self.unit == "baseline" else f"{self.value:g} {self.unit}"

    def as_json(self) -> "str | dict[str, float | int | str]":
        """``"baseline"`` or ``{"value": 5, "unit": "year"}``."""
        if self.unit == "baseline":
            return "baseline"
        return {"value": int(self.value) if self.value == int(self.value) else self.value, "unit": self.unit}

    @classmethod
    def from_json(cls, json: "str | dict[str, Any] | None") -> "Timepoint | None":
        """The inverse of as_json; None stays None. Raises ValueError for an unknown unit or shape."""
        if json is None:
            return None
        if json == "baseline":
            return BASELINE
        if isinstance(json, dict) and json.get("unit") in MONTHS and isinstance(json.get("value"), int | float):
            return cls(float(json["value"]), json["unit"])
        raise ValueError(
            f'timepoint {json!r} is neither "baseline" nor {{value, unit}} with a unit of {sorted(MONTHS)}'
        )


BASELINE = Timepoint(0.0, "baseline")


@dataclass(frozen=True, slots=True)
class PValue:
    """A printed p value with its operator: <, =, >."""

    op: str
    value: float


# thirty checks ask for the numbers of one quote, one after another
@lru_cache(maxsize=1 << 8)
def _numbers(quote: str) -> tuple[tuple[str, float], ...]:
    """The numbers of a quote as printed, a middle dot as a point, each with its value."""
    texts = [text.replace("·", ".") for text in NUMBER.findall(quote)]
    return tuple((text, float(text.replace(",", ""))) for text in texts)


@dataclass(frozen=True, slots=True)
class Figure:
    """One numeric result: a place in a text first, a value second.

    ``text[start:end] == quote`` always. Numbers are as printed, nothing is computed. kind is mean,
    median, proportion, change or effect. unbound says what could not be bound and why.
    """

    kind: str
    quote: str
    start: int
    end: int
    outcome: str | None = None
    arm: str | None = None
    timepoint: Timepoint | None = None
    value: float | None = None
    unit: str | None = None
    sd: float | None = None
    se: float | None = None
    iqr_low: float | None = None
    iqr_high: float | None = None
    range_low: float | None = None
    range_high: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    n: int | None = None
    events: int | None = None
    percent: float | None = None
    p_value: PValue | None = None
    effect_measure: str | None = None
    confidence: float | None = None
    unbound: str | None = None

    def printed(self, key: str) -> str | None:
        """The characters of a number as printed in the quote ("72.0", not 72): decimals count for the checks.

        A middle dot becomes a point; None where the number is not there in digits.
        """
        value = getattr(self, key)
        if value is None:
            return None
        return next((text for text, number in _numbers(self.quote) if number == abs(value)), None)

    def agrees_with(self, other: "Figure") -> bool:
        """Whether two readings print the same: every number that both state; percent against fraction too."""
        shared = [(getattr(self, k), getattr(other, k)) for k in COMPARED]
        both = [(x, y) for x, y in shared if x is not None and y is not None]
        if any(abs(x - y) > 1e-9 for x, y in both):
            return False
        rates = self.rate, other.rate
        return bool(both) or (None not in rates and abs((rates[0] or 0) - (rates[1] or 0)) <= PERCENT_ROOM)

    @property
    def rate(self) -> float | None:
        """The percentage, printed or of the printed fraction."""
        if self.percent is not None:
            return self.percent
        return 100 * self.events / self.n if self.events is not None and self.n else None

    @property
    def months(self) -> float | None:
        """Months since baseline, None without a time."""
        return self.timepoint.months if self.timepoint else None

    def as_json(self) -> dict[str, Any]:
        """The contract's keys, absent ones left out, whole numbers as integers."""
        found: dict[str, Any] = {}
        for key in FIGURE_KEYS:
            value = getattr(self, key)
            if isinstance(value, Timepoint):
                found[key] = value.as_json()
            elif isinstance(value, PValue):
                found[key] = {"op": value.op, "value": value.value}
            elif value is not None:
                found[key] = (
                    int(value) if isinstance(value, float) and value.is_integer() and key != "confidence" else value
                )
        return found

    @classmethod
    def from_json(cls, json: dict[str, Any]) -> "Figure":
        """The inverse of as_json. Raises ValueError naming unknown or missing keys."""
        known = {f.name for f in fields(cls)}
        if strange := set(json) - known:
            raise ValueError(f"unknown keys {sorted(strange)}")
        if missing := {"kind", "quote", "start", "end"} - set(json):
            raise ValueError(f"missing keys {sorted(missing)}")
        p = json.get("p_value")
        times = {"timepoint": Timepoint.from_json(json.get("timepoint")), "p_value": PValue(**p) if p else None}
        return cls(**{**json, **times})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of a figure: passed, doubtful, impossible or not applicable, with the sum shown."""

    check: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArmFacts:
    """A group of a study as its sheet names it; aliases are its other names in texts."""

    name: str
    intervention: str
    intervention_class: str
    role: str
    n: int | None
    cohort: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What is known of a study beside its figures. A document of no known study stands for one without arms.

    made_from: what the sheet's writer read; a sheet made from the abstract checks the transcription, not the paper.
    risk: risk of bias as (domain, judgement) pairs.
    """

    id: str
    design: str | None = None
    role: str = "evidence"
    cohort: str = ""
    year: int | None = None
    retracted: bool = False
    arms: tuple[ArmFacts, ...] = ()
    made_from: str | None = None
    risk: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said of a figure: accept, correct, reject, unsure; adjudicators settle conflicts."""

    decision: str
    reviewer: str
    role: str
    correction: Figure | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored figure with what the checks and the weighing need to know of it.

    reader: sheet (a person, into a sheet), machine (our reader), proposed (any other reader, through the quote gate),
    reviewer (corrected or added by people's decisions; said tells what they did).
    """

    id: str
    figure: Figure
    study: str
    document: str
    section_text: str
    reader: str
    secondary: bool = False
    estimator: str | None = None
    decisions: tuple[Decision, ...] = ()
    said: str | None = None

    @property
    def keyed(self) -> bool:
        """Whether a person keyed it into a sheet; what was read from a text, by whatever reader, is not."""
        return self.reader == "sheet"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reading stands for: study, arm, window, the numbers joined to it, and whether it speaks.

    months is the figure's own time, or the one joined from the sheet; None for the whole follow-up.
    """

    figure: str
    study: str
    study_arm: str | None
    cohort: str
    design: str | None
    intervention: str | None
    intervention_class: str | None
    window: str | None
    months: float | None
    n: int | None
    events: int | None
    percent: float | None
    derived: str | None
    basis: str
    speaks: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """One study's contribution: yi and vi on the analysis scale, estimate and interval as a reader wants them.

    scale says how: points, percent or ratio. vi None: no variance can be had from what is printed, so the effect is
    shown and never pooled. part: a part of a group, or the groups before matching, not the study's own groups.
    figures are (figure id, role) pairs; reviewed says whether people decided on all of them, some or none.
    """

    id: str
    outcome: str
    study: str
    arm: str
    cohort: str
    intervention_class: str
    design: str
    window: str
    months: float | None
    measure: str
    yi: float
    vi: float | None
    estimate: float
    ci_low: float | None
    ci_high: float | None
    scale: str
    ni: int | None
    basis: str
    doubtful: bool
    part: bool
    derived: str | None
    figures: tuple[tuple[str, str], ...]
    reviewed: str = "unreviewed"


@dataclass(frozen=True, slots=True)
class Share:
    """An effect's place in an estimate: its weight in percent, or why it was left out."""

    effect: Effect
    weight: float | None
    left_out: str | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the effects say together; with k = 1 the study's own numbers, with k = 0 only what could not be pooled.

    beta, se and the test live on the analysis scale; estimate, interval and prediction interval on the reader's.
    """

    id: str
    comparison: str
    outcome: str
    measure: str
    intervention_class: str
    design: str
    window: str
    set: str
    role: str
    method: str
    test: str
    level: float
    k: int
    scale: str
    shares: tuple[Share, ...]
    beta: float | None = None
    se: float | None = None
    p: float | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    q_p: float | None = None
    pi_low: float | None = None
    pi_high: float | None = None
    pi_distribution: str | None = None
    reviewed: str = "unreviewed"
    assumptions: str | None = None


@dataclass(frozen=True, slots=True)
class Reanalysis:
    """Something that printed numbers allow to compute: an interval, a change at one correlation, an attrition bound."""

    study: str
    arm: str
    outcome: str
    window: str
    months: float | None
    analysis: str
    parameter: str
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A screener's kept decision on a record at one stage; reason goes with exclude. role: reviewer or adjudicator."""

    reviewer: str
    decision: str
    reason: str | None = None
    role: str = "reviewer"
