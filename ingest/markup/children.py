"""The children of an XML element by their tags, each looked at once.

A record is asked for some forty children; finding each anew would cost more than parsing the XML.
"""

from collections.abc import Iterator

from ingest.markup.text import Element, children_of, text_or_none

_NONE: list[Element] = []


class Children:
    """An element's children; of no element at all there are none, so nobody needs to ask first."""

    __slots__ = ("_by_tag", "node")

    def __init__(self, node: Element | None) -> None:
        """Group the children of `node` by their tags."""
        self.node = node
        self._by_tag: dict[str, list[Element]] = {}
        if node is not None:
            by_tag = self._by_tag
            for child in children_of(node):
                tag = child.tag
                if tag in by_tag:
                    by_tag[tag].append(child)
                else:
                    by_tag[tag] = [child]

    def first(self, tag: str) -> Element | None:
        """The first child with that tag."""
        found = self._by_tag.get(tag)
        return found[0] if found else None

    def all(self, tag: str) -> list[Element]:
        """Every child with that tag, in order."""
        return self._by_tag.get(tag, _NONE)

    def below(self, tag: str) -> list[Element]:
        """The children of the first child with that tag: the items of a list element."""
        found = self._by_tag.get(tag)
        return children_of(found[0]) if found else _NONE

    def text(self, tag: str) -> str | None:
        """The stripped text of the first child with that tag; None where it is missing or empty."""
        found = self._by_tag.get(tag)
        return text_or_none(found[0]) if found else None

    def attribute(self, name: str) -> str | None:
        """An attribute of the element itself."""
        return None if self.node is None else self.node.get(name)

    def unknown(self, known: frozenset[str]) -> Iterator[str]:
        """Each child's tag that is not in `known`, as often as it occurs."""
        if known.issuperset(self._by_tag):
            return
        for tag, found in self._by_tag.items():
            if tag not in known:
                yield from (str(tag) for _ in found)
