"""``/-/figure/<id>``: the number in its place, what the checks say of it, where it came from and what it feeds."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from kb.records import Figure
from kb.store.readings import figure_of
from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.passages import Piece, pieces
from kb.web.reading import comparison_titles, labels_of, one
from kb.web.show import Asked, Page
from kb.web.since import Ground
from kb.web.words import SETS, interval, months_words, printed, scaled, spoken, window_words

#: Keys of a figure that are shown as read, with their names.
READ = (
    ("value", "Value"), ("unit", "Unit"), ("sd", "SD"), ("se", "SE"), ("iqr_low", "IQR from"), ("iqr_high", "IQR to"),
    ("range_low", "Range from"), ("range_high", "Range to"), ("ci_low", "Interval from"), ("ci_high", "Interval to"),
    ("ci_level", "Level of the interval (%)"), ("n", "n"), ("events", "Events"), ("percent", "Percent"),
    ("effect_measure", "Measure"), ("confidence", "Confidence of the reader"),
)  # fmt: skip
BASES = {
    "adjudicated": "settled by an adjudicator",
    "two reviewers": "two reviewers agree",
    "one reviewer": "one reviewer accepts it",
    "agreement": "sheet and text agree (transcription checked)",
    "primary sheet": "keyed from the paper itself, not found in a text here",
    "secondary sheet": "keyed from somebody else's review: speaks in sensitivity estimates only",
    "machine": "only the machine has read it: speaks in sensitivity estimates only",
    "conflict": "sheet and text disagree: it speaks nowhere until a person decides",
    "rejected": "rejected by a person",
    "retracted": "the study is retracted",
}


@dataclass(frozen=True, slots=True)
class FigurePage:
    """Everything on a figure's page."""

    row: Row
    figure: Figure
    words: str
    time: str
    window: str
    study: str
    pieces: tuple[Piece, ...]
    read: tuple[tuple[str, str], ...]
    basis: str
    verdicts: tuple[Row, ...]
    reviews: tuple[Row, ...]
    aside: tuple[Row, ...]
    same: tuple[Row, ...]
    fed: tuple[Row, ...]
    sightings: tuple[Row, ...]
    size: int


def page(db: Database, asked: Asked) -> Page:
    """A figure by its id."""
    wanted = asked.names["id"]
    row = one(db, queries.FIGURE, asked.names, f"There is no figure {wanted[:120]}.")
    figure = figure_of(row)
    labels = labels_of(db, asked)
    spans = fetch(db, queries.FIGURES_OF_SECTION, {"section": row["section"]})
    context = FigurePage(
        row=row,
        figure=figure,
        words=spoken(figure, row["joined_n"], row["joined_events"], row["joined_percent"]),
        time=months_words(row["months"]),
        window=window_words(row["window"]),
        study=labels.study(row["standing_study"] or row["document_study"] or row["document"]),
        pieces=tuple(pieces(row["section_text"], row["id"], spans)),
        read=tuple((name, _shown(figure, key)) for key, name in READ if getattr(figure, key) is not None),
        basis=BASES.get(row["basis"] or "", row["basis"] or "not weighed"),
        verdicts=tuple(fetch(db, queries.VERDICTS, row)),
        reviews=tuple(fetch(db, queries.REVIEWS, row)),
        aside=tuple(fetch(db, queries.SET_ASIDE, row)) if row["drifted"] else (),
        same=tuple(_same(db, row)),
        fed=tuple(_fed(db, wanted)),
        sightings=tuple(fetch(db, queries.SIGHTINGS, row)),
        size=one(db, queries.PAYLOAD_SIZE, row, "")["size"],
    )
    title = f"{row['outcome_title'] or row['outcome'] or 'Figure'}: {context.words}"
    return Page("kb/figure.html", title, f"/-/figure/{wanted}", context, ground=Ground("figure", wanted))


def _shown(figure: Figure, key: str) -> str:
    value = getattr(figure, key)
    if key in ("confidence", "ci_level"):
        return f"{value:g}"
    return printed(figure, key) if isinstance(value, float | int) else str(value)


def _same(db: Database, row: Row) -> list[dict[str, object]]:
    asked = {"study": row["standing_study"], "arm": row["study_arm"] or row["arm"]}
    keys = ("outcome", "kind", "window", "id")
    return fetch(db, queries.SAME_RESULT, {**asked, **{k: row[k] for k in keys}})


def _fed(db: Database, figure: str) -> Iterator[Row]:
    titles = comparison_titles(db)
    for row in fetch(db, queries.FED_BY_FIGURE, {"id": figure}):
        yield {
            **row,
            "title": titles.get(row["comparison"], row["comparison"]),
            "when": window_words(row["window"]),
            "shown": scaled(row["value"], row["scale"]),
            "bounds": interval(row["ci_low"], row["ci_high"], row["scale"]),
            "set_words": SETS[row["set"]],
        }
