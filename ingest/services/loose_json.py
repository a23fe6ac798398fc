"""JSON as services really send it: raw newlines inside strings, numbers as strings, fields that are missing or null.

    answer = read_object(body, "esearch")
    text_at(answer, "esearchresult", "querytranslation")   # None where any step is missing

Nothing here guesses: what is not of the asked kind is None.
"""

import json
from typing import Any, TypeAlias

from ingest.errors import BadPayload, EmptyPayload

Json: TypeAlias = dict[str, Any]


def read_json(body: bytes, name: str) -> Any:
    """The value; raw control characters inside strings are let pass (E-utilities print them in errors).

    Raises:
        EmptyPayload: nothing in it.
        BadPayload: not JSON, or cut off; says what it begins with.
    """
    if not body.strip():
        raise EmptyPayload(f"{name}: empty answer")
    try:
        return json.loads(body.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError):
        raise BadPayload(f"{name}: not JSON, or cut off ({excerpt(body)})") from None


def read_object(body: bytes, name: str) -> Json:
    """As `read_json`, for answers that are an object.

    Raises:
        BadPayload: another kind of value.
    """
    value = read_json(body, name)
    if not isinstance(value, dict):
        raise BadPayload(f"{name}: expected a JSON object, found a {type(value).__name__}")
    return value


def excerpt(body: bytes, most: int = 80) -> str:
    """The beginning of an answer on one line, for a message."""
    return " ".join(body[: 4 * most].decode("utf-8", "replace").split())[:most]


def at(value: Any, *path: str) -> Any:
    """What stands under the keys, None where a step is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text_at(value: Any, *path: str) -> str | None:
    """The text or number under the keys as text without space around it; None where there is none."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    return str(found).strip() or None


def whole_at(value: Any, *path: str) -> int | None:
    """The whole number under the keys, printed as number or as text."""
    text = text_at(value, *path)
    return int(text) if text is not None and text.removeprefix("-").isdecimal() else None


def number_at(value: Any, *path: str) -> float | None:
    """The number under the keys, printed as number or as text; None for anything else."""
    text = text_at(value, *path)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def list_at(value: Any, *path: str) -> list[Any]:
    """The list under the keys; an empty one where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def objects_at(value: Any, *path: str) -> list[Json]:
    """The objects of the list under the keys."""
    return [one for one in list_at(value, *path) if isinstance(one, dict)]


def texts_at(value: Any, *path: str) -> tuple[str, ...]:
    """The texts and numbers of the list under the keys, as text."""
    words = (text_at({"one": one}, "one") for one in list_at(value, *path))
    return tuple(word for word in words if word)
