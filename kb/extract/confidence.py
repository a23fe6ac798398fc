"""How much a figure can be trusted: the product of how reliable each rule that built it is.

The numbers are shares of right bindings by rule on annotated abstracts, pulled towards the prior where a rule was seen
seldom; the benchmark prints the table of claimed against found.
"""

OUTCOME = {
    "list": 0.97,
    "linked": 0.95,
    "bracket": 0.95,
    "subject": 0.96,
    "object": 0.92,
    "after": 0.88,
    "near": 0.93,
    "negated": 0.97,
    "inherited": 0.65,
    "none": 0.2,
}
ARM = {
    "local": 0.98,
    "list": 0.98,
    "versus": 0.95,
    "inherited": 0.96,
    "contrast": 0.95,
    "declared": 0.94,
    "linked": 0.95,
    "governing": 0.93,
    "agent": 0.91,
    "alone": 0.97,
    "cohort": 0.93,
    "unmatched": 0.3,
    "none": 0.6,
}
TIME = {
    "list": 0.99,
    "local": 0.99,
    "from": 0.97,
    "governing": 0.97,
    "defined": 0.95,
    "inherited": 0.85,
    "none": 0.98,
}
KIND = {
    "labelled": 0.99,
    "share": 0.99,
    "percent": 0.98,
    "spread": 0.98,
    "header": 0.97,
    "rate": 0.97,
    "change": 0.97,
    "fall": 0.97,
    "said": 0.96,
    "none": 0.98,
    "counted": 0.95,
    "continuous": 0.94,
    "difference": 0.93,
    "run": 0.9,
    "unit": 0.85,
}
_KNOWN = 0.99  # an outcome of the vocabulary, recognised where its rule looked for one
_WORDS = 5  # a label of more words than this has often caught something beside the outcome


def confidence(outcome: str, arm: str, time: str, kind: str, label: str | None = None) -> float:
    """Between 0 and 1, from the rules by which outcome, arm, time and kind were found, and the outcome's label."""
    rule, _, known = outcome.partition("+")
    named = max(OUTCOME.get(rule, 0.7), _KNOWN if known and rule != "inherited" else 0.0)
    if label and not known and len(label.split()) > _WORDS:
        named *= 0.85
    return round(named * ARM.get(arm, 0.7) * TIME.get(time, 0.8) * KIND.get(kind, 0.8), 3)
