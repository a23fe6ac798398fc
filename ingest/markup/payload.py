"""Bytes as they come from outside: gzip opened, bombs refused, text decoded.

Every reader takes anything with `read(size)`; nothing here needs to seek, so pipes and answers of a
service do as well as files.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

from ingest.errors import BadPayload, EmptyPayload, HostilePayload, Truncated

CHUNK = 1 << 18
HEAD = 1 << 16
GZIP = b"\x1f\x8b"
#: Packed bytes that are read at once: unpacked they seldom fill more than one CHUNK.
PACKED = 1 << 15
_GZIP_ONLY = 31

# PubMed XML shrinks about tenfold under gzip; a thousandfold is what repeated filler does.
BOMB_RATIO = 150
BOMB_FROM = 64 << 20
# Text exports are read whole; the largest that PubMed offers (10,000 records) is about 60 MB.
MOST_TEXT = 512 << 20


class Readable(Protocol):
    """What a reader needs of a file."""

    def read(self, size: int = -1, /) -> bytes:
        """At most size bytes; empty at the end."""


class Replayed:
    """A stream whose head was looked at, from its start again."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        """`head` are the bytes already taken from `stream`."""
        self._head, self._stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        """At most size bytes, the head first."""
        if not self._head:
            return self._stream.read(size)
        if size < 0:
            data, self._head = self._head + self._stream.read(), b""
        else:
            data, self._head = self._head[:size], self._head[size:]
        return data


class _Counted:
    """Counts what was taken from the file, to compare it with what came out."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self.taken = stream, 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.taken += len(data)
        return data


def head_of(stream: Readable, name: str) -> bytes:
    """The first 64 KB as they are (still packed, if they are packed).

    Raises:
        EmptyPayload: there is nothing.
    """
    head = b""
    while len(head) < HEAD and (more := stream.read(HEAD - len(head))):
        head += more
    if not head.strip():
        raise EmptyPayload(f"{name}: empty")
    return head


def plain_head(head: bytes) -> bytes:
    """The head unpacked where it is gzip; what cannot be unpacked is left out."""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=_GZIP_ONLY).decompress(head, HEAD)
    except zlib.error:
        return b""


def chunks(stream: Readable, name: str) -> Iterator[bytes]:
    """The plain bytes piece by piece, gzip opened where the content is gzip.

    The first piece holds the first 64 KB (or all there is), so a prolog can be read in it; the others at most 256 KB.

    Raises:
        EmptyPayload: there is nothing, or nothing inside the gzip.
        Truncated: the gzip stops in the middle; what could be unpacked was given before.
        HostilePayload: more than 64 MB came out at more than 150 times the packed size.
        BadPayload: broken gzip.
    """
    head = head_of(stream, name)
    pieces = _unpacked(head, stream, name) if head.startswith(GZIP) else _rest(head, stream)
    empty = True
    for piece in _long_first(pieces):
        empty = False
        yield piece
    if empty:
        raise EmptyPayload(f"{name}: empty inside its gzip")


def read_text(stream: Readable, name: str) -> str:
    r"""The whole payload as text: UTF-8 or, with its mark, UTF-16; line ends become \\n; no byte order mark.

    Raises:
        BadPayload: not UTF-8, or longer than 512 MB; and whatever `chunks` raises.
    """
    data = bytearray()
    for piece in chunks(stream, name):
        data += piece
        if len(data) > MOST_TEXT:
            raise BadPayload(f"{name}: more than {MOST_TEXT >> 20} MB of text; split it")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise BadPayload(f"{name}: byte {fault.start} is not {encoding}; save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _long_first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    try:
        for piece in pieces:
            head += piece
            if len(head) >= HEAD:
                break
    except Truncated:
        if head:
            yield head
        raise
    if head:
        yield head
    yield from pieces


def _rest(head: bytes, stream: Readable) -> Iterator[bytes]:
    yield head
    while more := stream.read(CHUNK):
        yield more


def _unpacked(head: bytes, stream: Readable, name: str) -> Iterator[bytes]:
    packed = _Counted(Replayed(head, stream))
    given = 0
    try:
        for piece in _members(packed):
            given += len(piece)
            if given > BOMB_FROM and given > BOMB_RATIO * packed.taken:
                raise HostilePayload(f"{name}: {packed.taken} packed bytes unpack to more than {given}")
            yield piece
    except EOFError:
        raise Truncated(f"{name}: its gzip stops in the middle, after {given} unpacked bytes") from None
    except zlib.error:
        raise BadPayload(f"{name}: broken gzip after {given} unpacked bytes") from None


def _members(packed: Readable) -> Iterator[bytes]:
    """What the members of a gzip hold, one after another; zeros may fill up what is behind each (RFC 1952).

    The standard library's gzip does the same through two more layers, at twice the time. Raises EOFError where a member
    has no end, zlib.error where its words or its checksum are wrong.
    """
    waiting = packed.read(PACKED)
    while waiting:
        member = zlib.decompressobj(wbits=_GZIP_ONLY)
        while not member.eof:
            waiting = waiting or packed.read(PACKED)
            if piece := member.decompress(waiting, CHUNK):
                yield piece
            elif not waiting and not member.eof:
                raise EOFError
            waiting = member.unconsumed_tail
        waiting = member.unused_data.lstrip(b"\0")
        while not waiting and (more := packed.read(PACKED)):
            waiting = more.lstrip(b"\0")
