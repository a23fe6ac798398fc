"""Which studies are at low risk of bias, as far as their sheets judge it."""

from collections.abc import Iterable, Mapping

from kb.records import StudyFacts

#: Judgements that keep a study out of the set low-risk, of RoB 2, ROBINS-I and MINORS.
BAD = ("high", "serious", "critical", "inadequate")
#: Judgements that say nothing: the domain could not be assessed.
SILENT = ("not assessable", "no information", "not reported")


def why_not_low(study: StudyFacts | None) -> str | None:
    """Why a study is not at low risk of bias, or None if it is."""
    if study is None or not study.risk:
        return "its risk of bias was not judged"
    bad = [f"{judgement} in {domain}" for domain, judgement in study.risk if judgement in BAD]
    if bad:
        return "; ".join(bad)
    if all(judgement in SILENT for _, judgement in study.risk):
        return "no domain of its risk of bias can be assessed from what was read"
    return None


def not_low(names: Iterable[str], studies: Mapping[str, StudyFacts]) -> dict[str, str]:
    """Of these studies those that are not at low risk of bias, each with the reason."""
    reasons = {name: why_not_low(studies.get(name)) for name in names}
    return {name: reason for name, reason in reasons.items() if reason}
