"""XML from outside is read streaming and safely: attacks are refused, damage is named with its place."""

import gzip
import io
import tracemalloc

import pytest

from ingest.errors import BadPayload, HostilePayload, Truncated, UnknownFormat
from ingest.markup.text import text_of
from ingest.markup.xml import open_xml, records, root_name

LAUGHS = b"""<?xml version="1.0"?><!-- hello --><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<r><x>&b;</x></r>"""
EXTERNAL = b"""<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><r><x>&a;</x></r>"""
HIDDEN = b"""<!DOCTYPE r [<!-- ]> --><!ENTITY a "ha">]><r><x>&a;</x></r>"""


def read(data, *tags):
    return [text_of(node) for node in records(open_xml(io.BytesIO(data), "f.xml"), tags or ("x",))]


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<r/>", "r"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- c -->\n<o:r a='1'>", "r"),
        (b"<!DOCTYPE r PUBLIC '-//A>//B' \"c.dtd\"><r>", "r"),
        (b"<!DOCTYPE r SYSTEM 'a.dtd' []><r>", "r"),
        ("<?xml version='1.0' encoding='utf-16'?><r/>".encode("utf-16"), "r"),
        (b"PMID- 1", None),
        (b"", None),
        (b"< 5 patients", None),
    ],
)
def test_the_root_is_told_from_the_prolog(head, root):
    assert root_name(head, "f.xml") == root


@pytest.mark.parametrize("data", [LAUGHS, EXTERNAL, HIDDEN, LAUGHS.decode().encode("utf-16")])
def test_entities_of_its_own_are_refused_before_anything_is_read(data):
    with pytest.raises(HostilePayload, match=r"f\.xml: refused, its DOCTYPE declares entities"):
        open_xml(io.BytesIO(data), "f.xml")


@pytest.mark.parametrize(
    "data",
    [b"<r>" + b"<d>" * 5000, b"<r><x>" + b"y" * (11 << 20) + b"</x></r>", b"<!--" + b"y" * (1 << 17) + b"--><r/>"],
    ids=["deep", "one text of 11 MB", "a prolog without end"],
)
def test_absurd_shapes_are_refused(data):
    with pytest.raises(HostilePayload):
        read(data)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_cut_file_gives_its_whole_records_and_says_how_many(pack):
    data = pack(b"<r>" + _many() + b"</r>")[:-20]
    found = (node.text for node in records(open_xml(io.BytesIO(data), "f.xml"), ("x",)))
    got = []
    with pytest.raises(Truncated, match=r"f\.xml: .*, after \d+ complete records"):
        got.extend(found)
    assert got[:2] == ["1", "2"]


def test_damage_in_the_middle_is_not_called_truncation():
    with pytest.raises(BadPayload, match="not well-formed") as caught:
        read(b"<r><x>1</x><y></x></r>")
    assert type(caught.value) is BadPayload
    assert "after 1 complete records" in str(caught.value)


def test_what_is_not_xml_says_so():
    with pytest.raises(UnknownFormat, match=r"f\.xml: not XML"):
        read(b"\x7fELF\x02\x01")


def test_memory_stays_flat():
    """Four times the records need no more memory, as soon as there is more than one piece to feed."""
    assert _peak(8) < 1.2 * _peak(2)


def _many(times=1):
    return b"".join(b"<x moss='%s'>%d</x>" % (b"green" * 80, number) for number in range(1, 2000)) * times


def _peak(times):
    data = io.BytesIO(gzip.compress(b"<r>" + _many(times) + b"</r>"))
    tracemalloc.start()
    assert sum(1 for _ in records(open_xml(data, "f.xml"), ("x",))) == 1999 * times
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
