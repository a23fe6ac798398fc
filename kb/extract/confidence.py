"""How much a figure can be trusted: from how reliable each rule that built it was found to be.

The numbers are shares of right bindings by rule, pooled over 938 figures of annotated abstracts on which the rules were
made (the gold set among them) and 273 of abstracts from which no rule had been made yet; each share is pulled towards
that of its table by four figures' weight, since some rules are seldom seen. The four errors of a figure come
together more often than chance would have it, so the product is too low: on the same figures a power of 0.6 brings it
to the share of figures that are right in everything. The benchmark prints the table of claimed against found.
"""

import math

OUTCOME = {
    "known": 0.991,  # an outcome of the vocabulary, recognised where its rule looked for one
    "negated": 0.989,
    "after": 0.915,
    "list": 0.906,
    "bracket": 0.902,
    "near": 0.9,
    "subject": 0.896,
    "linked": 0.884,
    "object": 0.701,
    "inherited": 0.54,
    "none": 0.1,
}
ARM = {
    "local": 0.983,
    "versus": 0.951,
    "list": 0.95,
    "declared": 0.944,
    "contrast": 0.899,
    "inherited": 0.886,
    "agent": 0.868,
    "governing": 0.85,
    "linked": 0.828,
    "alone": 0.772,
    "cohort": 0.544,
    "none": 0.5,
    "unmatched": 0.3,
}
TIME = {
    "list": 0.997,
    "inherited": 0.966,
    "none": 0.964,
    "local": 0.957,
    "from": 0.927,
    "governing": 0.912,
    "defined": 0.7,
}
KIND = {
    "none": 0.995,
    "rate": 0.986,
    "spread": 0.978,
    "share": 0.977,
    "labelled": 0.974,
    "percent": 0.973,
    "header": 0.97,
    "change": 0.955,
    "said": 0.937,
    "fall": 0.909,
    "counted": 0.905,
    "continuous": 0.839,
    "run": 0.738,
    "unit": 0.707,
    "difference": 0.695,
}
_TOGETHER = 0.6  # how far errors of the four are of one figure: 1 for independent ones


def confidence(outcome: str, arm: str, time: str, kind: str) -> float:
    """Between 0 and 1, from the rules by which outcome, arm, time and kind were found."""
    rule, _, known = outcome.partition("+")
    named = OUTCOME["known" if known and rule != "inherited" else rule] if rule in OUTCOME else 0.7
    product = named * ARM.get(arm, 0.7) * TIME.get(time, 0.8) * KIND.get(kind, 0.8)
    return round(math.pow(product, _TOGETHER), 3)
