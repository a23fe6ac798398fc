"""Says how the Evidence KB that runs here was built: plain Python, or its busiest modules compiled.

    python benchmarks/built.py

With EVIDENCE_KB_COMPILED=1 it fails where they are not compiled.
"""

import os
import platform
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def listed() -> Iterator[str]:
    """The modules that setup.py compiles where it is asked to."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for pattern in told["tool"]["evidence-kb"]["compiled"]:
        for path in sorted(ROOT.glob(pattern)):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__")


def compiled() -> bool:
    """Whether the listed modules are compiled, as they are imported here; an error if only some are."""
    places = {name: str(import_module(name).__file__) for name in listed()}
    plain = [name for name, place in places.items() if place.endswith(".py")]
    if plain and len(plain) < len(places):
        sys.exit(f"compiled, but for {', '.join(plain)}")
    return not plain


def main() -> None:
    """Print it."""
    found = compiled()
    how = "compiled by mypyc" if found else "plain Python"
    print(f"Evidence KB {version('evidence-kb')}, {how}, Python {platform.python_version()}")
    if os.environ.get("EVIDENCE_KB_COMPILED") == "1" and not found:
        sys.exit(f"not compiled: {import_module('kb').__file__}")


if __name__ == "__main__":
    main()
