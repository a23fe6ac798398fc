"""tests/reference/DISAGREEMENTS.md names every exception that a test of this folder makes."""

import ast
import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "reference"
PAGE = (REFERENCE / "DISAGREEMENTS.md").read_text("utf-8")
#: Names under which tests keep what they hold more loosely, differently or not at all.
EXCEPTIONS = (
    "NEWER", "LOOSER", "COARSE", "COARSE_STEP", "DEFAULT_CONTROL", "SEARCH_STEP", "ANSWERED", "NOT_MADE", "REFUSED",
    "POSITIVE", "PYMARE",
)  # fmt: skip


def named():
    """Test file, name and value of each exception, as its source says it."""
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            name = getattr(node.targets[0], "id", "") if isinstance(node, ast.Assign) else ""
            if name in EXCEPTIONS:
                yield path.name, name, node.value


FOUND = list(named())


def keys_of(value):
    """Words of an exception's list: measures, files and calls, not the reasons given for them."""
    if isinstance(value, ast.Dict):
        return [word for key in value.keys for word in keys_of(key)]
    return [each.value for each in ast.walk(value) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def test_every_kind_of_exception_is_still_used():
    assert {name for _, name, _ in FOUND} == set(EXCEPTIONS)


@pytest.mark.parametrize(("file", "name", "value"), FOUND, ids=[f"{file}-{name}" for file, name, _ in FOUND])
def test_exception_is_on_the_page(file, name, value):
    assert f"`{name}`" in PAGE
    if isinstance(value, ast.Dict | ast.Set | ast.Constant) or name == "COARSE":  # others are computed, not listed
        assert [word for word in keys_of(value) if word.replace("|", "\\|") not in PAGE] == [], file


@pytest.mark.parametrize(("file", "name", "value"), FOUND, ids=[f"{file}-{name}" for file, name, _ in FOUND])
def test_tolerance_is_the_one_on_the_page(file, name, value):
    if isinstance(value, ast.Constant):
        rows = [line for line in PAGE.splitlines() if f"`{name}`" in line]
        told = {float(x) for line in rows for x in re.findall(r"\d(?:\.\d+)?e-\d+", line)}
        assert value.value in told, file


def differing():
    for path in sorted(REFERENCE.glob("*.json")):
        held = json.loads(path.read_text("utf-8"))
        if isinstance(held, dict):
            for key in held.get("differs_in_newer_metafor", ()):
                yield path.stem, key


@pytest.mark.parametrize(("file", "key"), list(differing()))
def test_what_the_newer_metafor_changed_is_on_the_page(file, key):
    assert re.search(rf"\b{file}\b", PAGE)
    assert f"`{key}`" in PAGE
