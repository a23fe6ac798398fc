"""Oddities of the services that are no failures: switched by a test, normal until then."""

from dataclasses import dataclass, field
from typing import Literal

from tests.standin.world import NO_SCORE


@dataclass(slots=True)
class Quirks:
    """What is odd today.

    efetch: shuffle (seeded order), repeat (ids given twice come twice), dtd (year of its DTD).
    history_lifetime: calls until a history set is forgotten.
    elink: reorder and drop LinkSets, answer ids as 0, answer ids that do not exist, and in which words nothing is said
    (bare: no LinkSetDb; info: an empty LinkSetDb with Info). link_errors: an ERROR in that id's LinkSet.
    """

    chunked: bool = False
    shuffle: bool = False
    repeat: bool = False
    dtd: str = "250101"
    history_lifetime: int | None = None
    reorder_linksets: bool = False
    drop_linksets: set[str] = field(default_factory=set)
    zero_ids: set[str] = field(default_factory=set)
    link_errors: dict[str, str] = field(default_factory=dict)
    links_for_anything: bool = False
    nothing_linked: Literal["bare", "info"] = "bare"
    no_scores: set[str] = field(default_factory=lambda: {NO_SCORE})
    ecitmatch_stops: bool = False
    pmid_as_number: bool = True
    registry_forbids: bool = False
