"""A named person says how sure an estimate is, and why."""

from pathlib import Path

from sqlite_utils import Database

from kb.errors import KbError
from kb.records import Estimate
from kb.store.ratings import CERTAINTIES, ratings_at, record_rating, serve_ratings
from kb.store.weighed import estimate_of


def rate(db: Database, path: Path, name: str, certainty: str, reason: str, by: str) -> Estimate:
    """Append a rating of an estimate as its numbers are now, show it at once, and return the estimate.

    Raises:
        NothingThere: there is no such estimate.
        KbError: it holds no study, the certainty is no word of GRADE, or reason or name is empty.
    """
    estimate = estimate_of(db, name)
    if estimate.k == 0:
        raise KbError(f"{name}: nothing is pooled in it, so there is nothing to rate")
    if certainty not in CERTAINTIES:
        raise KbError(f"{certainty}: no certainty; use one of {', '.join(CERTAINTIES)}")
    if not reason.strip() or not by.strip():
        raise KbError("a rating needs a reason and the name of whoever gives it")
    record_rating(path, estimate, certainty, reason.strip(), by.strip())
    with db.atomic():
        serve_ratings(db, ratings_at(path))
    return estimate
