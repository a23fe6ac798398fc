"""Bytes come in any shape: packed, cut, empty, marked, far too big."""

import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadPayload, EmptyPayload, HostilePayload, Truncated
from ingest.markup import payload


class Trickle:
    """A pipe that gives one byte at a time and cannot seek."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def read(self, size=-1):
        return self.data.read(min(size, 1) if size >= 0 else 1)


@pytest.mark.parametrize("stream", [io.BytesIO, Trickle])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: gzip.compress(data[:2]) + gzip.compress(data[2:])])
def test_packed_or_plain_gives_the_same_bytes(stream, pack):
    data = b"some words\n" * 50
    assert b"".join(payload.chunks(stream(pack(data)), "x")) == data


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.binary(max_size=80), st.integers(0, 3 * payload.CHUNK // 2), st.integers(0, 9)), min_size=1),
    st.sampled_from([1, 7, 100, payload.PACKED]),
)
def test_members_and_the_zeros_behind_them_give_what_the_standard_library_gives(members, at_once):
    """Each member is words, filler that packs to nothing (so pieces end everywhere), and zeros behind it."""
    packed = b"".join(gzip.compress(words + bytes(filler), mtime=0) + bytes(zeros) for words, filler, zeros in members)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payload, "PACKED", at_once)
        got = b"".join(payload._members(io.BytesIO(packed)))
    assert got == gzip.decompress(packed)


@pytest.mark.parametrize("behind", [b"no gzip", bytes(70_000) + b"x"])
def test_what_stands_behind_a_gzip_and_is_none_is_named(behind):
    with pytest.raises(BadPayload):
        list(payload.chunks(io.BytesIO(gzip.compress(b"some words\n") + behind), "x.gz"))


@pytest.mark.parametrize("data", [b"", b" \n\t ", gzip.compress(b"", mtime=0)])
def test_nothing_is_an_empty_payload(data):
    with pytest.raises(EmptyPayload, match="x: empty"):
        list(payload.chunks(io.BytesIO(data), "x"))


def test_a_cut_gzip_gives_what_it_held_and_then_says_how_far():
    whole = bytes(range(256)) * 4000
    packed = gzip.compress(whole)
    pieces = payload.chunks(io.BytesIO(packed[:-100]), "x.gz")
    got = []
    with pytest.raises(Truncated, match=r"x\.gz: its gzip stops in the middle, after \d+ unpacked bytes"):
        got.extend(pieces)
    assert got
    assert whole.startswith(b"".join(got))


def test_a_broken_gzip_is_named():
    packed = bytearray(gzip.compress(b"some words\n" * 50))
    packed[-8] ^= 1  # the checksum
    with pytest.raises(BadPayload, match="broken gzip"):
        list(payload.chunks(io.BytesIO(packed), "x.gz"))


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(payload, "BOMB_FROM", 1 << 20)
    bomb = gzip.compress(bytes(1 << 24))
    with pytest.raises(HostilePayload):
        list(payload.chunks(io.BytesIO(bomb), "x.gz"))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("mµ\r\nx\ry".encode(), "mµ\nx\ny"),
        ("µ".encode("utf-8-sig"), "µ"),
        ("µ\r\n".encode("utf-16"), "µ\n"),
    ],
)
def test_text_loses_its_mark_and_its_kind_of_line_end(data, text):
    assert payload.read_text(io.BytesIO(data), "x") == text


def test_text_that_is_not_utf8_says_which_byte():
    with pytest.raises(BadPayload, match="byte 1 is not utf-8"):
        payload.read_text(io.BytesIO(b"m\xb5"), "x")


def test_endless_text_is_refused(monkeypatch):
    monkeypatch.setattr(payload, "MOST_TEXT", 1 << 20)
    with pytest.raises(BadPayload, match="split it"):
        payload.read_text(io.BytesIO(b"word " * (1 << 19)), "x")


@pytest.mark.parametrize("sizes", [(-1,), (2, 2, -1), (100,)])
def test_a_replayed_stream_begins_again(sizes):
    stream = io.BytesIO(b"abcdefgh")
    replayed = payload.Replayed(stream.read(3), stream)
    got = b"".join(replayed.read(size) for size in sizes)
    while more := replayed.read(4):
        got += more
    assert got == b"abcdefgh"
