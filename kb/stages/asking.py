"""A language model as another reader: it is shown a document and proposes figures, which the quote gate judges.

The library ``llm`` (extra ``[llm]``) speaks to the model, with a JSON schema for the answer.
"""

import importlib
import json
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from kb.errors import NoModel, NothingThere
from kb.extract.gate import KINDS
from kb.stages.proposals import texts_of
from kb.vocabulary import Vocabulary

_NUMBERS = (
    "value", "sd", "se", "iqr_low", "iqr_high", "range_low", "range_high", "ci_low", "ci_high", "ci_level", "n",
    "events", "percent",
)  # fmt: skip
_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_TIME = {"type": "object", "properties": {"value": _NUMBER, "unit": {"enum": ["hour", "day", "week", "month", "year"]}}}

#: The figure JSON without start and end, which a model cannot count: the gate finds the quote.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["figures"],
    "properties": {
        "figures": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["section", "quote", "kind", "outcome"],
                "properties": {
                    **dict.fromkeys(("section", "quote", "outcome", "arm", "unit", "effect_measure"), _TEXT),
                    **dict.fromkeys(_NUMBERS, _NUMBER),
                    "kind": {"enum": list(KINDS)},
                    "timepoint": {"anyOf": [{"const": "baseline"}, _TIME]},
                    "p_value": {"type": "object", "properties": {"op": {"enum": ["<", "=", ">"]}, "value": _NUMBER}},
                },
            },
        }
    },
}

TASK = """List every numeric result of this study: one figure for each outcome, group and time.
quote is the shortest stretch of the section, copied character for character, that holds the number with its dispersion,
interval and denominator. Numbers are as printed, never computed; leave out what is not printed. A fall is negative.
Not results: ages, doses, sizes of groups, thresholds, dates, lengths of follow-up, p values alone.
Use these names where they fit, else the text's own words: {names}."""


#: Text and task -> the model's answer.
Ask = Callable[[str, str], str]


def model_named(name: str) -> Ask:
    """A model by its name or alias in the library llm. Raises NoModel; what it gives raises NoModel too."""
    try:
        library = importlib.import_module("llm")
    except ModuleNotFoundError as error:
        raise NoModel("--model needs the extra: pip install 'evidence-kb[llm]'") from error
    try:
        model = library.get_model(name)
    except library.UnknownModelError as error:
        raise NoModel(f"model {name}: not known to llm; see: llm models") from error

    def ask_model(text: str, task: str) -> str:
        try:
            return str(model.prompt(text, system=task, schema=SCHEMA).text())
        except library.ModelError as error:  # no key, or refused
            raise NoModel(f"model {name}: {error}") from error

    return ask_model


def ask(db: Database, model: Ask, document: str, vocabulary: Vocabulary) -> bytes:
    """A proposal file with what the model reads in a document. Raises NoModel, NothingThere."""
    sections = texts_of(db, document)
    if not sections:
        raise NothingThere(f"{document}: no such document, or it has no text")
    shown = "\n\n".join(f"[section {name}]\n{text}" for name, text in sections.items())
    task = TASK.format(names=", ".join(outcome.name for outcome in vocabulary.outcomes))
    try:
        answer = json.loads(model(shown, task))
    except ValueError as error:
        raise NoModel(f"the model's answer is not JSON ({error})") from error
    figures = answer.get("figures") if isinstance(answer, dict) else None
    if not isinstance(figures, list):
        raise NoModel("the model's answer holds no list of figures")
    said = [{**figure, "document": document} if isinstance(figure, dict) else figure for figure in figures]
    return json.dumps(said, ensure_ascii=False).encode()
