"""The house keeps its one-way flow, and its door is light."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cutaway

SOURCE = Path(cutaway.__file__).parent
FOUNDATION = {"errors", "progress", "device", "files", "compiled", "bounded"}
# A room may import itself, the foundation, and the rooms named here.
MAY_IMPORT = {
    "data": {"maps"},
    "networks": {"data"},
    "training": {"data", "networks"},
    "activations": {"maps"},
    "maps": set(),
    "diagnosis": {"data", "activations", "maps"},
    "study": {"data", "networks", "activations", "maps", "diagnosis"},
    "views": {"study", "diagnosis", "plot"},
    "plot": {"views"},
    "commands": {"data", "networks", "training", "maps", "diagnosis", "study", "views", "plot"},
    "cli": {"data", "training", "study", "views", "commands"},
}
# `study.report()` is what users type; the view is loaded when it is called.
EXCEPTIONS = {("study", "views")}
HEAVY = ["torch", "lightning", "numba", "matplotlib", "sklearn", "datasets", "pandas", "numpy"]


def imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = node.module.split(".")
            if parts == ["cutaway"]:
                names |= {alias.name for alias in node.names}
            elif parts[0] == "cutaway":
                names.add(parts[1])
    homes = cutaway._HOMES
    return {homes.get(name, name) for name in names} - {"__version__"}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_room_imports_one_above_it(room):
    files = [SOURCE / f"{room}.py"] if (SOURCE / f"{room}.py").is_file() else None
    for file in files or sorted((SOURCE / room).rglob("*.py")):
        others = imports(file) - {room} - FOUNDATION - MAY_IMPORT[room]
        others -= {above for below, above in EXCEPTIONS if below == room}
        assert not others, f"{file.relative_to(SOURCE)} imports {sorted(others)}"


def test_every_room_is_known_here():
    rooms = {path.stem for path in SOURCE.iterdir() if not path.name.startswith("_")}
    rooms -= {"py"}
    assert rooms - FOUNDATION == set(MAY_IMPORT)


def test_the_public_names_are_sorted_and_exist():
    assert sorted(cutaway.__all__, key=_ruff_order) == cutaway.__all__
    for name in cutaway.__all__:
        assert getattr(cutaway, name) is not None


def _ruff_order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_capture_is_the_function_whatever_was_imported_first():
    code = "import cutaway.study, cutaway; assert callable(cutaway.capture), cutaway.capture"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "code", ["import cutaway", "import sys; sys.argv[1:] = ['--help']; import cutaway.__main__"]
)
def test_the_door_is_light(code):
    probe = (
        "import atexit, json, sys, time\n"
        f"atexit.register(lambda: print(json.dumps([n for n in {HEAVY} if n in sys.modules])))\n"
        f"{code}\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def public_objects():
    for name in cutaway.__all__:
        if name != "plot":
            yield name, getattr(cutaway, name)
    plot = importlib.import_module("cutaway.plot")
    for name in plot.__all__:
        yield f"plot.{name}", getattr(plot, name)


def test_every_public_name_has_a_docstring():
    bare = [name for name, thing in public_objects() if not inspect.getdoc(thing)]
    assert bare == []
