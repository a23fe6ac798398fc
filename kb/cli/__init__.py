"""The command line: each command calls stages or analysis, data to stdout, messages to stderr.

database.py   init, build, status, backup, restore: what works on a database
loading.py    load: saved files and bulk files
bulk.py       bulk: many PubMed files into Parquet (extra [cluster])
reading.py    read, verify: texts and typed numbers, no database
fetching.py   pull, refresh: what asks the services
rating.py     rate: a named person's word on how sure an estimate is
proposing.py  propose: another reader's figures, through the quote gate
numbers.py    escalc, pool, km: any table, no database
export.py     export
users.py      user add, user list, user remove: who may sign in
site.py       serve, demo

Exit codes: 0 ok, 1 failed (one line), 2 usage, 3 finished but something is missing or failed, 130 interrupted.
"""

import importlib
import sqlite3
import sys
from collections.abc import Sequence

import click

from ingest.errors import IngestError
from kb.errors import KbError
from kb.vocabulary import VocabularyError

FAILED, INTERRUPTED = 1, 130


#: Module -> its commands, in the order of its COMMANDS.
COMMANDS = {
    "database": ("init", "build", "status", "backup", "restore"),
    "loading": ("load",),
    "bulk": ("bulk",),
    "fetching": ("pull", "refresh"),
    "reading": ("read", "verify"),
    "proposing": ("propose",),
    "rating": ("rate",),
    "numbers": ("escalc", "pool", "km"),
    "export": ("export",),
    "users": ("user",),
    "site": ("serve", "demo"),
}


class Commands(click.Group):
    """Commands whose modules are imported when they are asked for: reading a text waits for no website."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's name for it
        """The names in the order of the alphabet."""
        return sorted(name for names in COMMANDS.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """The command of that name, None if there is none."""
        for module, names in COMMANDS.items():
            if cmd_name in names:
                found: tuple[click.Command, ...] = importlib.import_module(f"kb.cli.{module}").COMMANDS
                return found[names.index(cmd_name)]
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="evidence-kb")
def cli() -> None:
    """Evidence KB: every outcome figure is a place in a stored text."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code: an expected failure is one line, no traceback."""
    try:
        sys.exit(cli.main(arguments, prog_name="evidence-kb", standalone_mode=False) or 0)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except (KbError, IngestError, VocabularyError) as error:
        click.echo(f"evidence-kb: {error}", err=True)
        sys.exit(FAILED)
    except sqlite3.OperationalError as error:
        click.echo(f"evidence-kb: the database refuses ({error}); check permissions, space and other writers", err=True)
        sys.exit(FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
