"""The Datasette plugin: pages over the views. May import kb.stages and everything below; only kb.cli is above.

    /                        pages/overview.py   replaces Datasette's index
    /-/outcome/<id>          pages/outcome.py    the model is in the query (pages/choices.py)
    /-/study/<id>            pages/study.py      a study, or a document without one
    /-/figure/<id>           pages/figure.py
    /-/estimate/<id>         pages/estimate.py   the walk back
    /-/estimate/<id>/script  pages/estimate.py   the R script as text
    /-/flow                  pages/flow.py       PRISMA 2020
    /-/changes               pages/changes.py    and /-/changes.atom

show.py finds the database, asks for permission and renders; queries.py holds every question; words.py, sentences.py
and plots.py turn numbers into words and pictures. Tables, facets, search, SQL, CSV and JSON are Datasette's own.
"""

import re
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from kb.web.pages import changes, estimate, figure, flow, outcome, overview, study
from kb.web.show import view

#: Path, page, and the tables and views that it shows beside the database's permission.
ROUTES = (
    (r"/$", overview.page, ("estimates", "figures", "studies")),
    (r"/-/outcome/(?P<id>[^/]+)$", outcome.page, ("estimates", "figures", "certainty")),
    (r"/-/study/(?P<id>[^/]+)$", study.page, ("studies", "documents", "figures")),
    (r"/-/figure/(?P<id>[^/]+)$", figure.page, ("figures", "sections")),
    (r"/-/estimate/(?P<id>[^/]+)$", estimate.page, ("estimates", "figures", "certainty")),
    (r"/-/estimate/(?P<id>[^/]+)/script$", estimate.script, ("estimates",)),
    (r"/-/flow$", flow.page, ("prisma_flow",)),
    (r"/-/changes$", changes.page, ("what_changed",)),
    (r"/-/changes\.atom$", changes.feed, ("what_changed",)),
)
#: What the column url of our views holds.
OURS = re.compile(r"/-/(?:figure|estimate|study)/[A-Za-z0-9._~+-]+\Z")


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def register_routes() -> list[tuple[str, Any]]:
    """The routes of ROUTES."""
    return [(path, view(page, *tables)) for path, page, tables in ROUTES]


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """The way back from Datasette's own pages."""
    pages = (("/", "Overview"), ("/-/flow", "Flow of records"), ("/-/changes", "What changed"))
    return [{"href": datasette.urls.path(path), "label": label} for path, label in pages]


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def render_cell(value: Any, column: str, datasette: Any) -> Markup | None:
    """In Datasette's tables, the column url as a link to our page."""
    if column != "url" or not isinstance(value, str) or not OURS.match(value):
        return None
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(value), value)
