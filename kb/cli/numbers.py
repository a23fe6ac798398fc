"""Commands on any table of numbers: escalc, pool, km. Empty cells are missing values; JSON has no NaN."""

import json
from pathlib import Path
from typing import Any

import click

from analysis.effects.escalc import EffectSizes, escalc
from analysis.records import NotEstimable
from analysis.survival.curve import km as kaplan_meier
from analysis.survival.logrank import logrank
from kb.cli.as_json import escalc_json, km_json, plain
from kb.cli.pooling import METHODS, TESTS, Request, pooled_json, pooled_lines
from kb.cli.table import column, columns, read_table
from kb.errors import KbError

CSV = click.argument("csv", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="The same as JSON.")


@click.command(name="escalc")
@CSV
@click.option("--measure", required=True, help="metafor's name: RR, OR, MD, SMD, PLO, MC, …")
@click.option("--ri", type=click.FloatRange(-1, 1), help="Correlation of two times, where no column gives it.")
@JSON
def escalc_command(csv: Path, measure: str, ri: float | None, *, as_json: bool) -> None:
    """Effect sizes and variances of a table whose columns carry metafor's argument names."""
    sizes = effect_sizes(csv, measure, ri)
    if as_json:
        click.echo(json.dumps(escalc_json(sizes)))
        return
    reasons = {dropped.row: dropped.reason for dropped in sizes.dropped}
    click.echo("row,yi,vi,dropped")
    for row, (yi, vi) in enumerate(zip(sizes.yi, sizes.vi, strict=True), 1):
        click.echo(f"{row},{_number(yi)},{_number(vi)},{reasons.get(row, '')}")
    for note in sizes.notes:
        click.echo(note, err=True)


@click.command()
@CSV
@click.option("--measure", help="Effect size to compute from columns with metafor's names.")
@click.option("--yi", help="Column of estimates, instead of --measure.")
@click.option("--vi", help="Column of their variances.")
@click.option("--ri", type=click.FloatRange(-1, 1), help="Correlation of two times, where no column gives it.")
@click.option("--method", default="REML", show_default=True, type=click.Choice(METHODS))
@click.option("--test", default="z", show_default=True, type=click.Choice(TESTS))
@click.option("--level", default=95.0, show_default=True, type=click.FloatRange(0, 100, min_open=True, max_open=True))
@click.option("--mods", help="Columns of moderators, with commas.")
@click.option("--all", "everything", is_flag=True, help="Also leave-one-out, cumulative, influence and bias.")
@JSON
def pool(csv: Path, *, as_json: bool, mods: str | None, measure: str | None, ri: float | None, **options: Any) -> None:
    """Meta-analysis of any table."""
    if (measure is None) == (options["yi"] is None or options["vi"] is None):
        raise click.UsageError("give either --measure, or --yi and --vi")
    request = Request(csv, measure, ri, tuple(mods.split(",")) if mods else (), **options)
    try:
        found = pooled_json(request, effect_sizes)
    except NotEstimable as error:
        raise KbError(f"{csv}: {error}") from error
    if as_json:
        click.echo(json.dumps(found))
        return
    for line in pooled_lines(found):
        click.echo(line)
    _tell(found)


@click.command()
@CSV
@click.option("--group", help="Column of groups.")
@click.option("--level", default=95.0, show_default=True, type=click.FloatRange(0, 100, min_open=True, max_open=True))
@click.option("--conf-type", default="log-log", show_default=True, type=click.Choice(["plain", "log", "log-log"]))
@JSON
def km(csv: Path, group: str | None, level: float, conf_type: str, *, as_json: bool) -> None:
    """Kaplan–Meier curves of the columns time and status (1 = event)."""
    table = read_table(csv)
    data = columns(table, csv, ["time", "status"])
    groups = None if group is None else column(table, csv, group)
    try:
        curves = kaplan_meier(data["time"], data["status"], groups, conf_type=conf_type, level=level)
        test = logrank(data["time"], data["status"], groups) if groups is not None and len(set(groups)) > 1 else None
    except ValueError as error:
        raise KbError(f"{csv}: {error}") from error
    found = km_json(curves, test)
    if as_json:
        click.echo(json.dumps(found))
        return
    for stratum in found["strata"]:
        name = f"{stratum['group']}: " if stratum["group"] is not None else ""
        click.echo(f"{name}n {stratum['n']}, events {stratum['events']}, median {stratum['median']}")
    if found["logrank"]:
        click.echo("log-rank chi2 {chi2:.4g}, df {df}, p {p:.4g}".format(**found["logrank"]))
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    """What was dropped, corrected or done otherwise than asked, on stderr."""
    for dropped in found["dropped"]:
        click.echo(f"row {dropped['row']} dropped: {dropped['reason']}", err=True)
    for note in found.get("notes", ()):
        click.echo(note, err=True)


def effect_sizes(csv: Path, measure: str, ri: float | None) -> EffectSizes:
    """Effect sizes of a CSV. Raises KbError where measure and columns do not fit."""
    table = read_table(csv)
    try:
        return escalc(measure, {name: table[name].to_numpy() for name in table.columns}, ri=ri)
    except ValueError as error:
        raise KbError(f"{csv}: {error}") from error


def _number(value: float) -> str:
    found = plain(value)
    return "" if found is None else repr(found)


COMMANDS = (escalc_command, pool, km)
