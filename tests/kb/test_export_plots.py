"""Forest plots in an export: one for each estimate with a study, the same whenever they are made."""

import struct
import sys

import pytest
from click.testing import CliRunner
from lxml import etree

from kb.cli import cli
from kb.export import all_estimates, plots
from kb.store.connection import open_database

needs_cairo = pytest.mark.skipif(plots.library() is None, reason="needs libcairo")
NAME = "msc-after.mrss.12-months.mc.main"


@pytest.fixture(scope="module")
def drawn(exported):
    """The folder of plots of the demo database."""
    return exported / "plots"


@needs_cairo
def test_every_estimate_has_its_plot_in_three_formats(drawn, evidence_db):
    db = open_database(evidence_db)
    names = {e.id for e in all_estimates(db)}
    db.close()
    assert {path.name for path in drawn.iterdir()} == {f"{n}.{e}" for n in names for e in ("svg", "png", "pdf")}


def test_the_picture_shows_the_study_and_its_numbers(drawn):
    text = " ".join(etree.parse(drawn / f"{NAME}.svg").getroot().itertext())
    assert "alip-2024" in text
    assert "−7.16 to −2.30" in text


@needs_cairo
def test_pictures_are_what_they_are_called(drawn):
    picture, paper = (drawn / f"{NAME}.{ending}" for ending in ("png", "pdf"))
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", picture.read_bytes()[16:20])[0] == plots.WIDTH * plots.SCALE
    assert paper.read_bytes()[:5] == b"%PDF-"
    assert plots.NO_DATE in paper.read_bytes()


def test_without_the_library_there_is_svg_and_one_line_that_says_so(evidence_db, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    result = CliRunner().invoke(cli, ["export", str(evidence_db), str(tmp_path / "out")])
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == plots.SVG_ALONE
    assert {path.suffix for path in (tmp_path / "out" / "plots").iterdir()} == {".svg"}
