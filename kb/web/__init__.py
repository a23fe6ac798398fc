"""The Datasette plugin: pages over the views. May import kb.stages and everything below; only kb.cli is above.

    /                        pages/overview.py   replaces Datasette's index
    /-/outcome/<id>          pages/outcome.py    the model is in the query (pages/choices.py)
    /-/study/<id>            pages/study.py      a study, or a document without one
    /-/figure/<id>           pages/figure.py
    /-/estimate/<id>         pages/estimate.py   the walk back
    /-/estimate/<id>/script  pages/estimate.py   the R script as text
    /-/screen                pages/screen.py     the next record for whoever screens
    /-/screen/<document>     pages/screen.py     one record; POST keeps a decision, …/settle an adjudicator's
    /-/screen/rank           pages/screen.py     POST learns the order again
    /-/review, /-/review/…   review/             judge figures, add what was missed, set aside what drifted
    /-/flow                  pages/flow.py       PRISMA 2020
    /-/changes               pages/changes.py    and /-/changes.atom
    /-/dictionary            pages/dictionary.py what every table and column means, and how to get at it
    /-/login                 people.py           the form of datasette-auth-passwords in our frame

show.py finds the database, asks for permission and renders; act.py takes forms in; people.py says who may what;
queries.py holds every question; words.py, sentences.py
and plots.py turn numbers into words and pictures. Tables, facets, search, SQL, CSV and JSON are Datasette's own.
"""

import re
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from typing import Any

from datasette import Forbidden, Response, hookimpl
from datasette.utils.asgi import Base400
from datasette.version import __version_info__
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, DictLoader
from markupsafe import Markup

from kb.web.act import action
from kb.web.at_once import printer
from kb.web.pages import changes, dictionary, estimate, figure, flow, outcome, overview, screen, study
from kb.web.people import ADJUDICATE, REVIEW, SCREEN, granted, sign_in
from kb.web.review import agreement, drifted, one, queue, text
from kb.web.show import View, broken, frame, view

#: What the pages of review/ show.
REVIEWED = ("figures", "sections", "verdicts", "standings", "reviews", "estimates")

#: Path, and its page with the tables and views that it shows; what takes forms is an action (act.py).
ROUTES: tuple[tuple[str, View], ...] = (
    (r"/$", view(overview.page, "estimates", "figures", "studies")),
    (r"/-/outcome/(?P<id>[^/]+)$", view(outcome.page, "estimates", "figures", "certainty")),
    (r"/-/study/(?P<id>[^/]+)$", view(study.page, "studies", "documents", "figures")),
    (r"/-/figure/(?P<id>[^/]+)$", view(figure.page, "figures", "sections")),
    (r"/-/estimate/(?P<id>[^/]+)$", view(estimate.page, "estimates", "figures", "certainty")),
    (r"/-/estimate/(?P<id>[^/]+)/script$", view(estimate.script, "estimates")),
    (
        r"/-/screen$",
        view(screen.queue, "records", "screenings", "documents", "sections", needs=SCREEN),
    ),
    (r"/-/screen/rank$", action(screen.rank, SCREEN, "records")),
    (
        r"/-/screen/(?P<id>[^/]+)$",
        action(
            screen.act,
            SCREEN,
            "records",
            "screenings",
            page=view(screen.record, "records", "screenings", "documents", "sections", needs=SCREEN),
        ),
    ),
    (r"/-/screen/(?P<id>[^/]+)/settle$", action(screen.settle_conflict, ADJUDICATE, "records", "screenings")),
    (r"/-/review$", view(queue.page, *REVIEWED, needs=REVIEW)),
    (r"/-/review/agreement$", view(agreement.page, *REVIEWED, needs=REVIEW)),
    (
        r"/-/review/drifted$",
        action(
            drifted.act, REVIEW, *REVIEWED, "set_aside", page=view(drifted.page, *REVIEWED, "set_aside", needs=REVIEW)
        ),
    ),
    (
        r"/-/review/text/(?P<id>[^/]+)$",
        action(text.act, REVIEW, *REVIEWED, page=view(text.page, *REVIEWED, needs=REVIEW)),
    ),
    (
        r"/-/review/(?P<id>[^/]+)$",
        action(one.act, REVIEW, *REVIEWED, page=view(one.page, *REVIEWED, needs=REVIEW)),
    ),
    (r"/-/flow$", view(flow.page, "prisma_flow")),
    (r"/-/changes$", view(changes.page, "what_changed")),
    (r"/-/changes\.atom$", view(changes.feed, "what_changed")),
    (r"/-/dictionary$", view(dictionary.page)),
    (r"/-/login$", sign_in),
)
#: What the column url of our views holds.
OURS = re.compile(r"/-/(?:figure|estimate|study)/[A-Za-z0-9._~+-]+\Z")


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]  # ours before datasette-auth-passwords'
def register_routes() -> list[tuple[str, Any]]:
    """The routes of ROUTES."""
    return list(ROUTES)


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def permission_allowed(datasette: Any, actor: Mapping[str, Any] | None, action: str) -> bool | None:
    """What a person's role allows."""
    return granted(datasette, actor, action)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]  # Datasette has no types
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Awaitable[Response] | None:
    """On our paths, what nobody foresaw in our frame and with our headers; the rest is Datasette's."""
    path = request.path.removeprefix(datasette.setting("base_url").rstrip("/"))
    told = isinstance(exception, Base400 | DatasetteError | Forbidden)
    return None if told or not any(re.match(route, path) for route, _ in ROUTES) else broken(datasette, request)


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def prepare_jinja2_environment(env: Any) -> None:
    """The sign-in form of datasette-auth-passwords in our frame; which plugin's template is found first is chance.

    Datasette asks for the class of a column once a cell; it is the same in each row.
    """
    ours = DictLoader({"password_login.html": '{% extends "kb/sign_in.html" %}'})
    env.loader = ChoiceLoader([ours, env.loader])
    env.filters["to_css_class"] = lru_cache(maxsize=1024)(env.filters["to_css_class"])
    # from Datasette 1.0 on that block may wait for something
    env.globals["at_once"] = printer(env) if __version_info__[0] == "0" else None


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def extra_template_vars(template: str, datasette: Any, request: Any) -> dict[str, Any]:
    """What our frame needs around the sign-in form."""
    return frame(datasette, request) if template == "password_login.html" else {}


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """The way back from Datasette's own pages."""
    pages = (
        ("/", "Overview"), ("/-/flow", "Flow of records"), ("/-/changes", "What changed"),
        ("/-/dictionary", "Data dictionary"),
    )  # fmt: skip
    return [{"href": datasette.urls.path(path), "label": label} for path, label in pages]


@hookimpl  # type: ignore[untyped-decorator]  # Datasette has no types
def render_cell(value: Any, column: str, datasette: Any) -> Markup | None:
    """In Datasette's tables, the column url as a link to our page."""
    if column != "url" or not isinstance(value, str) or not OURS.match(value):
        return None
    return Markup(f'<a href="{datasette.urls.path(value)}">{value}</a>')  # noqa: S704 - OURS holds no character of HTML
