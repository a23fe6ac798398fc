"""What pyproject.toml cannot say: EVIDENCE_KB_COMPILED=1 pip install . compiles the busiest modules with mypyc.

Which they are is written in pyproject.toml, under tool.evidence-kb. Without the variable nothing here happens and no
compiler is needed. With it a missing compiler is an error, and so is an editable install: a compiled module beside its
source would hide every edit of it.
"""

import os
import shutil
import sys
import sysconfig
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

from setuptools import setup

ASKED = os.environ.get("EVIDENCE_KB_COMPILED") == "1"
# what libraries say of their types is left aside: where it is wrong (lxml: a tag is a string), compiled code would fail
OPTIONS = ("--config-file=", "--no-site-packages", "--ignore-missing-imports")


def extensions() -> list[Any]:
    """The compiled modules, none where they are not asked for or only the metadata is."""
    if ASKED and "editable_wheel" in sys.argv:
        sys.exit("EVIDENCE_KB_COMPILED=1 does not go with an editable install: compiled modules would hide your edits")
    if not ASKED or "bdist_wheel" not in sys.argv:
        return []
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if os.name == "posix" and shutil.which(compiler) is None:
        sys.exit(f"EVIDENCE_KB_COMPILED=1 needs a C compiler, and {compiler} is not there; leave it out to do without")
    listed = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["evidence-kb"]["compiled"]
    modules = sorted(str(path) for pattern in listed for path in Path().glob(pattern))
    # not imported above: mypy is there only when the modules are built
    made: list[Any] = import_module("mypyc.build").mypycify(
        [*OPTIONS, *modules], opt_level=os.environ.get("MYPYC_OPT_LEVEL", "2"), debug_level="0", multi_file=True,
        group_name="evidence_kb", target_dir="build/mypyc",
    )  # fmt: skip
    return made


setup(ext_modules=extensions(), setup_requires=["mypy>=2.0"] if ASKED and "egg_info" in sys.argv else [])
