"""The command bulk: many PubMed files into a folder of Parquet, on many processors (extra [cluster])."""

import sys
from pathlib import Path

import click

from kb.cli.fetching import progress
from kb.cli.shared import INCOMPLETE
from kb.stages.cluster.extra import spreading
from kb.store.parquet.folder import stem
from kb.vocabulary import load_topic, vocabulary_of

FAILED = 1


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SRC... DEST", type=click.Path(path_type=Path))
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster, tcp://host:8786; its workers see SRC and DEST.")
@click.option("--workers", type=click.IntRange(1), help="Processes of this machine. [default: one a core]")
@click.option("--topic", default="ssc-msc", show_default=True, help="Whose outcomes are read: a name, or a folder.")
@click.pass_context
def bulk(
    context: click.Context, paths: tuple[Path, ...], scheduler: str | None, workers: int | None, topic: str
) -> None:
    """Turn PubMed XML files, or folders of them, into Parquet in DEST: documents, sections, figures and more.

    Run it again with the same or more files: what is finished is not done twice. PubMed's own files apply in the order
    of their numbers, others as they are given; a later record replaces an earlier one, and DeleteCitation removes it.
    """
    if len(paths) < 2:
        raise click.UsageError("say which files, and last of all the folder to write")
    sources = _sources(paths[:-1])
    ours = spreading()
    vocabulary = vocabulary_of(load_topic(topic))
    with ours.processes(scheduler, workers) as client:
        found = ours.spread(client, sources, paths[-1], vocabulary, progress())
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    for message in found.failed.values():
        click.echo(f"evidence-kb: {message}", err=True)
    failed = f", {len(found.failed)} failed" if found.failed else ""
    files = f"{found.new} files new, {found.unchanged} unchanged{failed}"
    click.echo(f"{paths[-1]}: {files}; {found.documents} documents, {found.superseded} superseded or deleted", err=True)
    if found.failed:
        context.exit(INCOMPLETE if found.new + found.unchanged else FAILED)


def _sources(paths: tuple[Path, ...]) -> list[Path]:
    """The files, and those in folders by name. Raises UsageError where two would be one source."""
    found = [file for path in paths for file in (_inside(path) if path.is_dir() else [path])]
    names: dict[str, Path] = {}
    for path in found:
        other = names.setdefault(stem(path.name), path)
        if other != path:
            raise click.UsageError(f"{path} and {other} have one name; a file is known by its name, so rename one")
    if not found:
        raise click.UsageError(f"no .xml or .xml.gz in {', '.join(map(str, paths))}")
    return list(names.values())


def _inside(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.name.lower().endswith((".xml", ".xml.gz")) and path.is_file()
    )


COMMANDS = (bulk,)
