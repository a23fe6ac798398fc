"""The row of a figure, whoever read it."""

import hashlib
from typing import Any

from kb.records import Figure
from kb.store.readings import figure_columns


def figure_row(document: str, section: str, figure: Figure, reader: str, *, drifted: bool = False) -> dict[str, Any]:
    """The row of a figure; its id follows from its place, what it says and who read it."""
    place = (section, figure.start, figure.end, figure.kind, figure.outcome, figure.arm, str(figure.timepoint),
             figure.value, figure.events, figure.percent, reader)  # fmt: skip
    name = hashlib.sha256(repr(place).encode()).hexdigest()[:12]
    return {
        "id": f"{document}.{name}",
        "section": section,
        "document": document,
        "reader": reader,
        "place": None,
        "secondary": 0,
        "estimator": None,
        "drifted": int(drifted),
        **figure_columns(figure),
    }
