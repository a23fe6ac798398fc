"""Commands on texts and typed numbers: read, verify. They need no database and know no sheets."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from ingest.errors import BadPayload, EmptyPayload
from ingest.files.pubmed_page import abstract_span, is_page
from kb.checks.typed import TypedNumbers, verify_typed
from kb.extract import read_text
from kb.vocabulary import load_outcomes


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON, by id.")
def read(paths: tuple[str, ...], *, as_json: bool) -> None:
    """Outcome figures of plain texts (id = file stem), of JSON with id and text, or of standard input (-).

    Of a PubMed page saved as text only the abstract is read.
    """
    vocabulary = load_outcomes()
    found = {}
    for name in paths:
        for id_, text in texts_of(name):
            found[id_] = [figure.as_json() for figure in read_text(text, vocabulary)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for id_, figures in found.items():
        click.echo(f"{id_}: {len(figures)} figures")
        for figure in figures:
            click.echo(f"  {_line(figure)}")


def texts_of(name: str) -> list[tuple[str, str]]:
    """(id, text) pairs of a file or of standard input. Raises EmptyPayload, BadPayload."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise BadPayload(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadPayload(f"{name}: not UTF-8 text (byte {error.start}); read takes plain text or JSON") from error
    if not text.strip():
        raise EmptyPayload(f"{name}: empty")
    return _json_texts(text, name) if text.lstrip()[0] in "[{" else [(_stem(name), _readable(text))]


def _readable(text: str) -> str:
    """The text; of a saved PubMed page its abstract alone, after blanks, so that characters count as in the file."""
    if not is_page(text):
        return text
    start, end = abstract_span(text)
    return " " * start + text[start:end]


def _json_texts(text: str, name: str) -> list[tuple[str, str]]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadPayload(f"{name}: looks like JSON but is not ({error})") from error
    items: list[Any] = content if isinstance(content, list) else [content]
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str) or "id" not in item:
            raise BadPayload(f'{name}: JSON must be {{"id": …, "text": …}} or a list of these')
    return [(str(item["id"]), item["text"]) for item in items]


def _stem(name: str) -> str:
    return "-" if name == "-" else Path(name).stem


def _line(figure: dict[str, Any]) -> str:
    time = figure.get("timepoint")
    when = "" if time is None else f" at {time}" if isinstance(time, str) else f" at {time['value']} {time['unit']}"
    arm = f" [{figure['arm']}]" if figure.get("arm") else ""
    return f"{figure.get('outcome') or '?'}{arm}{when}: {figure['quote']}  ({figure['kind']})"


@click.command()
@click.option("--mean", help="Mean as printed.")
@click.option("--sd", help="SD as printed.")
@click.option("--n", type=click.IntRange(min=1), help="Number of patients.")
@click.option("--scale", help="LO:HI of a scale of whole numbers, such as 0:51.")
@click.option("--percent", help="Percentage as printed.")
@click.option("--n-max", type=click.IntRange(min=1), help="Largest possible denominator of a bare percentage.")
@click.option("--events", type=click.IntRange(min=0), help="Number of events.")
@click.option("--pre", help="M,SD at baseline, as printed.")
@click.option("--post", help="M,SD at follow-up, as printed.")
@click.option("--p", "p_value", help='Printed p value, such as "<0.001".')
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def verify(*, as_json: bool, **typed: Any) -> None:
    """Can these numbers be right? Decimals count, so numbers are read as text."""
    try:
        found = verify_typed(TypedNumbers(**typed))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for check in found["checks"]:
        click.echo(f"{check['verdict']:<15} {check['check']}: {check['reason']}")
    if found["denominators"]:
        click.echo("denominators    " + ", ".join(f"{k}/{n}" for k, n in found["denominators"]))


COMMANDS = (read, verify)
