"""JSON as services send it: raw newlines, numbers as text, things of another kind than expected."""

import pytest

from ingest.errors import BadPayload, EmptyPayload
from ingest.services.loose_json import (
    list_at,
    number_at,
    objects_at,
    read_json,
    read_object,
    text_at,
    texts_at,
    whole_at,
)

MIXED = {"a": {"b": " x ", "n": 3, "t": "4.5", "yes": True, "null": None, "l": [1, "two", {"c": 3}, None, " "]}}


@pytest.mark.parametrize(
    ("read", "path", "value"),
    [
        (text_at, ("a", "b"), "x"),
        (text_at, ("a", "n"), "3"),
        (text_at, ("a", "yes"), None),
        (text_at, ("a", "null"), None),
        (text_at, ("a", "l"), None),
        (text_at, ("a", "b", "deeper"), None),
        (text_at, ("nowhere", "b"), None),
        (whole_at, ("a", "n"), 3),
        (whole_at, ("a", "t"), None),
        (whole_at, ("a", "b"), None),
        (number_at, ("a", "t"), 4.5),
        (number_at, ("a", "b"), None),
        (number_at, ("a", "null"), None),
        (list_at, ("a", "n"), []),
        (objects_at, ("a", "l"), [{"c": 3}]),
        (texts_at, ("a", "l"), ("1", "two")),
    ],
)
def test_what_is_not_of_the_asked_kind_is_none(read, path, value):
    assert read(MIXED, *path) == value


def test_raw_newlines_in_strings_are_let_pass():
    assert read_json(b'{"ERROR":"no\nway"}', "x") == {"ERROR": "no\nway"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b" \n", EmptyPayload), (b'{"a":', BadPayload), (b"NCT number not found", BadPayload), (b"[1]", BadPayload),
        (b"\xff\xfe\x00", BadPayload), (b"[" * 100_000, BadPayload),
    ],
)  # fmt: skip
def test_what_is_no_object_says_so(body, error):
    with pytest.raises(error, match="moss"):
        read_object(body, "moss")
