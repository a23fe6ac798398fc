"""A question to a p that is printed with its test statistic: t(28) = 2.20, p = 0.04."""

import re

from analysis.integrity.recompute import recompute_p
from kb.checks.context import Context, verdict
from kb.checks.printed import printed_p, sentence
from kb.records import Verdict

#: A statistic, its degrees of freedom and its p, as papers print them (Nuijten 2016, Behav Res Methods 48:1205).
STATISTIC = re.compile(
    r"(?<![A-Za-z])(?P<kind>t|F|z|Z|r|[χX][2²]|chi-?squared?)\s*"
    r"(?:\(\s*(?P<df>\d+(?:\.\d+)?)\s*(?:,\s*(?:[Nn]\s*=\s*\d+|(?P<df2>\d+(?:\.\d+)?))\s*)?\)\s*)?"
    r"=\s*(?P<statistic>[-−]?\d*\.?\d+)\s*[,;]\s*[pP]\s*(?P<op>[<>=])\s*(?P<p>[01]?\.\d+)"
)

KINDS = {"t": "t", "F": "F", "z": "z", "Z": "z", "r": "r"}


def p_fits_statistic(c: Context) -> Verdict | None:
    """The p that a printed statistic and its degrees of freedom give is the printed one."""
    if printed_p(c.figure) is None:
        return None
    found = [m for m in STATISTIC.finditer(sentence(c.reading)) if _is_its_p(c, m)]
    if not found:
        return None
    m = found[0]
    kind, df, df2 = KINDS.get(m["kind"], "chi2"), _number(m["df"]), _number(m["df2"])
    if (kind != "z" and not df) or (kind == "F" and not df2):
        return Verdict("p fits its statistic", "not applicable", f"{m.group(0)}: no degrees of freedom")
    again = recompute_p(kind, m["statistic"], m["op"] + m["p"], df=df, df2=df2)
    words = f"{m.group(0)}: the statistic gives p = {again.p:.2g}"
    if again.decision_error:
        words += ", on the other side of 0.05"
    return verdict("p fits its statistic", words, passed=again.consistent, otherwise="doubtful")


def _is_its_p(c: Context, match: re.Match[str]) -> bool:
    p = c.figure.p_value
    return p is not None and (p.op, p.value) == (match["op"], float(match["p"]))


def _number(text: str | None) -> float | None:
    return float(text) if text else None
