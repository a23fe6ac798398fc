"""What may follow a number: ± spread, SD, SE, IQR, range, interval, p, n, fractions; in brackets or after a comma.

Every reader takes tokens and a position and gives (fields, position after it), or None. Fields are those of a Figure,
with "pm" (an unlabelled ±), "pair" (an unlabelled low-high) and "bare" (an unlabelled number) left to be named.
"""

from collections.abc import Callable
from typing import Any

from kb.extract.tokens import Token, words
from kb.records import PValue

Fields = dict[str, Any]
Read = tuple[Fields, int] | None

PERSONS = words("""
    patients patient participants participant subjects subject individuals persons people women men children
    adults infants patients' responders survivors volunteers pts pt girls boys students recipients respondents
    mothers females males neonates newborns babies
""")
PEOPLE = PERSONS | words("""
    cases case eyes knees hips episodes events samples lesions procedures cycles pregnancies
""")
_SD = frozenset(("sd", "s.d", "sds"))
_SE = frozenset(("se", "sem", "s.e.m", "s.e"))
_CI = frozenset(("ci", "cis", "cri", "crl", "ci95", "cl", "hdi", "hpd"))
_OPERATORS = frozenset("=<>≤≥")
_TO = frozenset(("to", "-", "and", "~", "through"))
_FILLER = frozenset((":", "=", ",", "of", "was", "is", "were", "being"))


def word(tokens: list[Token], i: int) -> str:
    """The token's text, or "" beyond the ends."""
    if i < 0:
        return ""
    try:
        return tokens[i].text
    except IndexError:
        return ""


def signed(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """A number with its sign: "4.7", "-4.7", "+ 1.2"."""
    token = tokens[i] if i < len(tokens) else None
    if token is None:
        return None
    if token.kind == "n" and token.value is not None:
        return token.value, i + 1
    if token.text in ("-", "+") and i + 1 < len(tokens):
        number = tokens[i + 1]
        if number.kind == "n" and number.value is not None and number.start - token.end <= 1:
            return (-number.value if token.text == "-" else number.value), i + 2
    return None


def pair(tokens: list[Token], i: int, comma: bool = False) -> tuple[float, float, int] | None:
    """Read "0.62-1.02", "-357 to -213", "21.3% to 35.5%", "(2.63; 5.63)"; with comma also "0.62, 1.02"."""
    wrapped = word(tokens, i) == "("
    low = signed(tokens, i + wrapped)
    if low is None:
        return None
    j = _past_unit(tokens, low[1], 2)
    separator = word(tokens, j)
    if not (separator in _TO or separator == ";" or (separator == "," and (comma or wrapped))):
        return None
    high = signed(tokens, j + 1)
    if high is None and separator == "," and word(tokens, j + 1) == "and":
        high = signed(tokens, j + 2)
    if high is None:
        return None
    end = high[1] + (word(tokens, high[1]) == "%")
    first, second = low[0], high[0]
    if first > second and second < 0 < first and separator == "-":
        return None
    return first, second, end + (wrapped and word(tokens, end) == ")")


def _past_unit(tokens: list[Token], j: int, most: int) -> int:
    """Skip "%" or a unit word between the two numbers of a pair ("22 hours to 380 hours")."""
    if word(tokens, j) == "%":
        return j + 1
    for k in range(j, min(j + most, len(tokens))):
        if tokens[k].text in _TO and k > j and all(t.kind == "w" for t in tokens[j:k]) and word(tokens, j) != "to":
            return k
    return j


def p_value(tokens: list[Token], i: int) -> Read:
    """Read "p < 0.001", "P value = .02", "p for trend = .001", "p of 0.03"."""
    if word(tokens, i) not in ("p", "p-value", "p-values"):
        return None
    j = i + 1
    while (
        word(tokens, j)
        in ("value", "values", "-", "for", "trend", "interaction", "of", "log-rank", "was", "were", "fisher", ":", ",")
        and j < i + 5
    ):
        j += 1
    operator = word(tokens, j)
    j += operator in _OPERATORS and operator != ""
    j += word(tokens, j) == "or" and word(tokens, j + 1) == "="
    number = signed(tokens, j)
    if number is None or not 0 <= number[0] <= 1 or (operator not in _OPERATORS and j == i + 1):
        return None
    end = number[1]
    split = tokens[end - 1].text.endswith("00") and word(tokens, end) in ("1", "5")
    if split and tokens[end].start == tokens[end - 1].end + 1:
        return {"p_value": PValue("<", float(tokens[end - 1].text + tokens[end].text))}, end + 1  # "< 0.000 1"
    op = {"≤": "<", "≥": ">"}.get(operator, operator if operator in _OPERATORS and operator else "=")
    return {"p_value": PValue(op, number[0])}, number[1]


def interval(tokens: list[Token], i: int) -> Read:
    """Read "95% CI 0.8-7.3", "95% confidence interval, 0.8 to 7.3", "CI 95%: 1.2; 3.4", "95% CrI (2.6-5.6)"."""
    if i >= len(tokens):
        return None
    level, j = 95.0, i
    leveled = word(tokens, i + 1) in ("%", "percent") and tokens[i].value is not None
    if leveled:
        level, j = tokens[i].value or 95.0, i + 2
    elif tokens[i].value in (90.0, 95.0, 99.0) and word(tokens, i + 1) in _CI:
        level, j = tokens[i].value or 95.0, i + 1
    elif tokens[i].kind == "n":
        return None
    label = _ci_label(tokens, j)
    if label is None:
        return None
    j = label
    if not leveled and word(tokens, j + 1) == "%" and tokens[j].value in (80.0, 90.0, 95.0, 99.0):
        level, j = tokens[j].value or 95.0, j + 2
    j = _past_filler(tokens, j)
    both = pair(tokens, j, comma=True)
    if both is None or both[0] > both[1]:
        return None
    return {"ci_low": both[0], "ci_high": both[1], "ci_level": level}, both[2]


def _ci_label(tokens: list[Token], j: int) -> int | None:
    wrapped = word(tokens, j) == "(" and word(tokens, j + 2) == ")"
    if wrapped and word(tokens, j + 1) in _CI:
        return j + 3
    if word(tokens, j) in _CI:
        return j + 1
    if word(tokens, j) in ("bayesian", "exact"):
        j += 1
    if word(tokens, j) in ("confidence", "credible", "credibility", "posterior") and word(tokens, j + 1) in (
        "interval",
        "intervals",
        "limits",
        "limit",
    ):
        j += 2
        k = j + 1 + 2 * (word(tokens, j + 2) == "%")  # "(CI)", "(95% CI)"
        return k + 2 if word(tokens, j) == "(" and word(tokens, k) in _CI and word(tokens, k + 1) == ")" else j
    return None


def _past_filler(tokens: list[Token], j: int) -> int:
    k = j
    while word(tokens, k) in _FILLER and k < j + 2:
        k += 1
    return k


def spread(tokens: list[Token], i: int) -> Read:
    """Read "SD 1.48", "SD = 7.26", "standard deviation [SD] 3.1", "SEM, 0.4"."""
    name, j = "", i
    text = word(tokens, i)
    if text in _SD:
        name, j = "sd", i + 1
    elif text in _SE:
        name, j = "se", i + 1
    elif text == "standard" and word(tokens, i + 1) in ("deviation", "deviations", "error", "errors"):
        name, j = ("sd" if word(tokens, i + 1).startswith("dev") else "se"), i + 2
        j += 3 if word(tokens, j) == "(" and word(tokens, j + 2) == ")" else 0
    if not name:
        return None
    j += word(tokens, j) == "." and signed(tokens, j + 1) is not None
    j = _past_filler(tokens, j)
    j += word(tokens, j) == "±"
    wrapped = word(tokens, j) == "("
    number = signed(tokens, j + wrapped)
    if number is None or number[0] < 0:
        return None
    end = number[1] + (word(tokens, number[1]) == "%")
    return {name: number[0]}, end + (wrapped and word(tokens, end) == ")")


def plus_minus(tokens: list[Token], i: int) -> Read:
    """Read "± 4.2"."""
    number = signed(tokens, i + 1) if word(tokens, i) == "±" else None
    if number is None:
        return None
    return {"pm": number[0]}, number[1] + (word(tokens, number[1]) == "%")


def quartiles(tokens: list[Token], i: int) -> Read:
    """Read "IQR 2-5", "interquartile range [IQR]: 2 to 5", "Q1-Q3, 2; 5"."""
    text, j = word(tokens, i), i
    if text in ("iqr", "q1-q3", "iqrs"):
        j = i + 1
    elif text in ("interquartile", "inter-quartile", "quartile", "quartiles") or text == "25th":
        j = i + 1
        while j < i + 7 and word(tokens, j) in (
            "range",
            "ranges",
            "(",
            ")",
            "iqr",
            "-",
            "75th",
            "percentile",
            "percentiles",
            "and",
            "to",
        ):
            if word(tokens, j) == "(" and signed(tokens, j + 1):
                break
            j += 1
    return _low_high(tokens, j, "iqr") if j > i else None


def spanning(tokens: list[Token], i: int) -> Read:
    """Read "range 1-6", "ranging from 3 to 9", "min-max: 2-7"."""
    if word(tokens, i) in ("range", "ranges", "ranging", "ranged", "min-max", "extremes"):
        j = i + 1 + (word(tokens, i + 1) == "from")
        return _low_high(tokens, j, "range")
    return None


def _low_high(tokens: list[Token], j: int, name: str) -> Read:
    j = _past_filler(tokens, j)
    j += word(tokens, j) == "from"
    both = pair(tokens, j, comma=True)
    if both is None or both[0] > both[1]:
        return None
    return {f"{name}_low": both[0], f"{name}_high": both[1]}, both[2]


def size(tokens: list[Token], i: int) -> Read:
    """Read "n = 41", "N=189", "n = 4/76", "n 12"."""
    if word(tokens, i) not in ("n", "no", "nos") or word(tokens, i + 1) != "=":
        return None
    number = tokens[i + 2] if i + 2 < len(tokens) else None
    if number is None or number.kind != "n" or number.value is None or not number.value.is_integer():
        return None
    fraction = share(tokens, i + 2)
    return fraction or ({"n": int(number.value)}, i + 3)


def share(tokens: list[Token], i: int) -> Read:
    """Read "4/76", "38 of 41", "five out of the eight patients": events and n."""
    k = tokens[i].value if i < len(tokens) else None
    if k is None or not k.is_integer():
        return None
    j = i + 1
    if word(tokens, j) == "/":
        if not (tokens[i].kind == "n" and j + 1 < len(tokens) and tokens[j + 1].kind == "n"):
            return None
        j += 1
    elif word(tokens, j) in ("of", "out", "from", "among") or (
        word(tokens, j) in PEOPLE and word(tokens, j + 1) in ("of", "out")
    ):
        j = _past_of(tokens, j + (word(tokens, j) in PEOPLE))
    else:
        return None
    n = tokens[j].value if j < len(tokens) else None
    if n is None or not n.is_integer() or n < k or n == 0 or word(tokens, j + 1) in ("%", "/"):
        return None
    return {"events": int(k), "n": int(n)}, j + 1 + _people_after(tokens, j + 1)


def _past_of(tokens: list[Token], j: int) -> int:
    if word(tokens, j) in ("from", "among"):
        return len(tokens)
    j += 1 + (word(tokens, j) == "out" and word(tokens, j + 1) == "of")
    while word(tokens, j) in ("the", "all", "these", "those", "our", "a", "total", "of", "evaluable", "assessable"):
        j += 1
    return j


def _people_after(tokens: list[Token], j: int) -> int:
    if word(tokens, j) in PEOPLE:
        return 1
    return 2 if word(tokens, j + 1) in PEOPLE and tokens[j].kind == "w" and tokens[j].text not in _SMALL else 0


_SMALL = words("of in with and or for to who the a were was had vs versus than on at by from")


def percent(tokens: list[Token], i: int) -> Read:
    """Read "92.7%", "12 percent", "8% of 40"."""
    number = signed(tokens, i)
    if number is None and i < len(tokens) and tokens[i].value is not None and tokens[i].kind == "w":
        number = (tokens[i].value or 0.0, i + 1)
    if number is None:
        return None
    j = number[1]
    if word(tokens, j) in ("percent", "%"):
        return {"percent": number[0]}, j + 1
    if word(tokens, j) == "per" and word(tokens, j + 1) == "cent":
        return {"percent": number[0]}, j + 2
    return None


#: The word or sign that a detail begins with -> what reads it.
_READERS: dict[str, Callable[[list[Token], int], Read]] = {
    **dict.fromkeys(_CI | words("confidence credible credibility posterior bayesian exact ("), interval),
    **dict.fromkeys(("p", "p-value", "p-values"), p_value),
    **dict.fromkeys(_SD | _SE | {"standard"}, spread),
    "±": plus_minus,
    **dict.fromkeys(words("iqr q1-q3 iqrs interquartile inter-quartile quartile quartiles"), quartiles),
    **dict.fromkeys(words("range ranges ranging ranged min-max extremes"), spanning),
    **dict.fromkeys(("n", "no", "nos"), size),
}
LABELS = frozenset(_READERS)


def labelled(tokens: list[Token], i: int) -> Read:
    """Any detail that says itself what it is."""
    if i >= len(tokens):
        return None
    reader = interval if tokens[i].kind == "n" else _READERS.get(tokens[i].text)
    return reader(tokens, i) if reader else None


def unlabelled(tokens: list[Token], i: int) -> Read:
    """Fraction, percentage, pair or a bare number inside a bracket."""
    both = None
    number = signed(tokens, i)
    found = share(tokens, i) or percent(tokens, i)
    if found and "percent" in found[0]:
        both = pair(tokens, i)
    if found and not both:
        return found
    both = both or pair(tokens, i, comma=True)
    if both and both[0] <= both[1]:
        return {"pair": (both[0], both[1])}, both[2]
    return ({"bare": number[0]}, number[1]) if number else None


def per_time(tokens: list[Token], i: int) -> int | None:
    """The position after "per 100 person-years", "per 1,000 population", "events per patient-year", or None."""
    text = word(tokens, i)
    noun, _, per = text.rpartition("/") if "/" in text else ("", "", "")
    if noun.isalpha() and per.startswith(_RATE_UNITS):
        return i + 1
    i += text.isalpha() and word(tokens, i + 1) in ("per", "/")
    if word(tokens, i) not in ("per", "/"):
        return None
    number = word(tokens, i + 1).replace(",", "")
    unit = i + 1 + (number in ("100", "1000", "10000", "100000"))
    known = word(tokens, unit).startswith(_RATE_UNITS) or word(tokens, unit) in ("person", "patient")
    if not known and (unit == i + 1 or not word(tokens, unit).isalpha()):
        return None
    j = unit + 1 + (word(tokens, unit + 1) == "-")
    return j + (word(tokens, j) in ("days", "years", "year", "months", "admissions", "births", "procedures", "days"))


_RATE_UNITS = (
    "person-year", "patient-year", "person-month", "patient-month", "person-day", "patient-day", "population",
    "inhabitants", "procedures", "births", "pregnancies", "women-year",
)  # fmt: skip
