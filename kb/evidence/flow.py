"""Which records there are to screen: of everything identified, possible duplicates once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

#: Pairs of the table duplicates that are one record twice. A preprint and its article are two reports of one study.
SAME = ("same identifier", "near duplicate")


def works(documents: Sequence[str], pairs: Iterable[tuple[str, str]], better: Mapping[str, object]) -> dict[str, str]:
    """Each document → the record that stands for it: of a group the one that is least by better, then by its name.

    documents: In the order of identification. pairs: Documents that are one record; groups are closed over them.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    known = set(documents)
    for one, other in pairs:
        if one in known and other in known:
            beside[one].add(other)
            beside[other].add(one)
    found: dict[str, str] = {}
    for document in documents:
        if document not in found:
            group = _group(document, beside)
            record = min(group, key=lambda name: (better.get(name, ()), name))
            found |= dict.fromkeys(group, record)
    return found


def _group(start: str, beside: Mapping[str, set[str]]) -> set[str]:
    group, open_ = {start}, [start]
    while open_:
        new = beside.get(open_.pop(), set()) - group
        group |= new
        open_ += new
    return group
