"""The house: layers point down, files are short, nobody swallows an error, nothing of the machine is in the text."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "kb", "analysis")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
#: From the top down: a module may import from its own package and from lower layers, never sideways or up.
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
LAYERS = [{name.strip() for name in layer.split("|")} for layer in CONTRACTS[0]["layers"]]


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def layer_of(module):
    for depth, packages in enumerate(LAYERS):
        for package in packages:
            if module == package or module.startswith(package + "."):
                return depth, package
    return None


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "kb":
                yield from (f"kb.{alias.name}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_package_has_its_layer():
    assert {name for name in map(name_of, MODULES) if layer_of(name) is None} == {"kb"}


each_module = pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())


@each_module
def test_imports_only_point_down(path):
    here = layer_of(name_of(path)) or (len(LAYERS), "kb")
    for module in imported(path):
        there = layer_of(module)
        if there is not None and there[1] != here[1]:
            assert there[0] > here[0], f"{name_of(path)} imports {module}"


@each_module
def test_a_file_is_one_sitting_long(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@each_module
def test_a_module_says_what_it_is(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree)


@each_module
def test_imports_stand_at_the_top(path):
    tree = ast.parse(path.read_text("utf-8"))
    late = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert late == [node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


@each_module
def test_no_error_is_swallowed(path):
    """A handler that only tidies up and raises again may catch anything."""
    handlers = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)]
    for handler in handlers:
        if ast.unparse(handler.body[-1]) == "raise":
            continue
        caught = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"all"}
        assert not caught & {"all", "Exception", "BaseException"}, handler.lineno


@pytest.mark.parametrize("package", ["ingest", "analysis", "kb/extract", "kb/checks", "kb/evidence"])
def test_what_is_pure_knows_neither_sql_nor_terminal_nor_web(package):
    banned = {"sqlite3", "sqlite_utils", "click", "datasette", "kb.store", "kb.stages"}
    for path in (ROOT / package).rglob("*.py"):
        assert not {m for m in imported(path) if any(m == b or m.startswith(b + ".") for b in banned)}, path


def test_records_are_frozen():
    for path in (ROOT / "kb" / "records.py", ROOT / "ingest" / "records.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                made = [ast.unparse(one) for one in (*node.decorator_list, *node.bases)]
                assert made == ["NamedTuple"] or (len(made) == 1 and "frozen=True" in made[0]), node.name


def tracked():
    """Texts of the repository; without git (a plain archive) all files that are not hidden."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = [n for n in found.split("\0") if n] or [
        name
        for path in ROOT.rglob("*")
        if path.is_file() and not (name := path.relative_to(ROOT).as_posix()).startswith(".")
    ]  # fmt: skip
    return [ROOT / n for n in names if (ROOT / n).is_file()]


def test_no_path_of_somebody_s_machine_is_in_the_repository():
    machine = re.compile(r"(?<![\w.:/\])>*$}])/(?:home|Users|work|root)/[A-Za-z0-9_]")
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        assert not machine.search(text), path
