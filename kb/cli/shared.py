"""What several commands share: the argument DB, an exit code, and how a load is told."""

from pathlib import Path

import click

from kb.stages.loading import Loaded

INCOMPLETE = 3
DATABASE = click.argument("db", type=click.Path(dir_okay=False, path_type=Path))


def said(loaded: Loaded) -> str:
    """What loading did, in words."""
    states = ("new", "changed", "unchanged", "deleted", "left out")
    counts = [(getattr(loaded, state.replace(" ", "_")), state) for state in states]
    failed = [f"{len(loaded.failed)} failed"] if loaded.failed else []
    return ", ".join([f"{count} {state}" for count, state in counts if count] + failed) or "nothing"
