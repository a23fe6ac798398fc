"""Each estimate's forest plot as SVG, and as PNG and PDF where the extra ``[plots]`` (CairoSVG) is there."""

import importlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from analysis.plots import forest
from kb.evidence.forests import axis_of, diamond, forest_row
from kb.records import Estimate
from kb.store.rows import Row, fetch

WIDTH = 860.0
#: Pixels of the PNG for each unit of the SVG: sharp on screens; the PDF is for print.
SCALE = 2
SVG_ALONE = "plots are SVG alone; for PNG and PDF: pip install 'evidence-kb[plots]' (and libcairo of the system)"
#: Cairo writes the hour into a PDF, but two exports of one database are the same; 16 characters as it has them.
DATE = re.compile(rb"(?<=/CreationDate \(D:)[0-9]{14}")
NO_DATE = b"20000101000000"

Library = Any


def library() -> Library | None:
    """CairoSVG, or None where the extra or the system's libcairo is not there."""
    try:
        return importlib.import_module("cairosvg")
    except (ImportError, OSError):
        return None


def write(
    folder: Path, db: Database, found: Iterable[Estimate], names: Mapping[str, str], cairo: Library | None
) -> None:
    """Write the forest plot of every estimate that has a study; names are the files' by estimate id."""
    outcomes = {row["id"]: row for row in fetch(db, "select id, title, unit, better from outcomes")}
    folder.mkdir(parents=True, exist_ok=True)
    for estimate in found:
        if estimate.shares:
            stem = folder / names[estimate.id]
            drawing = svg(estimate, outcomes[estimate.outcome])
            stem.with_name(f"{stem.name}.svg").write_text(drawing, encoding="utf-8")
            if cairo is not None:
                stem.with_name(f"{stem.name}.png").write_bytes(png(drawing, cairo))
                stem.with_name(f"{stem.name}.pdf").write_bytes(pdf(drawing, cairo))


def svg(estimate: Estimate, outcome: Row) -> str:
    """The forest plot of an estimate; outcome is its row of the table outcomes."""
    rows = [
        forest_row(s.effect, estimate, f"{s.effect.study} · {s.effect.arm}", s.weight, s.left_out)
        for s in estimate.shares
    ]
    title = f"{outcome['title']}: {estimate.comparison}, {estimate.window}, {estimate.set}"
    axis = axis_of(estimate.scale, f"{outcome['title']}: {estimate.measure}", outcome["unit"], outcome["better"])
    description = f"Forest plot of {estimate.id}, k = {estimate.k}, {estimate.reviewed}"
    return forest(
        rows, diamond(estimate), plot_id="forest", title=title, description=description, headers=("n",), axis=axis,
        width=WIDTH,
    )  # fmt: skip


def png(drawing: str, cairo: Library) -> bytes:
    """An SVG as PNG on white."""
    found: bytes = cairo.svg2png(bytestring=drawing.encode(), scale=SCALE, background_color="white")
    return found


def pdf(drawing: str, cairo: Library) -> bytes:
    """An SVG as PDF, the same whenever it is made."""
    return DATE.sub(NO_DATE, cairo.svg2pdf(bytestring=drawing.encode()))
