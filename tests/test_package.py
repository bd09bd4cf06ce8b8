"""What is packed: the front end as built, nothing of others, and a wheel that runs anywhere."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BUNDLE = {f"cutaway/views/explorer/static/explorer.{ending}" for ending in ("js", "css")}


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Folder of a wheel and an sdist of this tree."""
    folder = tmp_path_factory.mktemp("packed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=ROOT,
        env=os.environ | {"CUTAWAY_REQUIRE_BUNDLE": "1"},
        check=True,
    )
    return folder


def test_the_sdist_holds_the_front_end_and_its_source_and_nothing_of_others(packed):
    (archive,) = packed.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {f"src/{name}" for name in BUNDLE} <= names
    assert {"web/package-lock.json", "web/src/main.ts", "hatch_build.py", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or name.startswith("web/dist")]


def test_the_wheel_runs_in_an_environment_of_its_own(packed, tmp_path):
    (wheel,) = packed.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    assert names >= BUNDLE | {"cutaway/py.typed"}
    assert all(name.startswith(("cutaway/", "cutaway-")) for name in names)
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    site = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    # The libraries that it needs, without the tree that the tests run on.
    (site / "libraries.pth").write_text(str(Path(np.__file__).parents[1]))
    code = (
        "import cutaway; from cutaway.views.explorer.bundle import find_bundle; "
        "assert find_bundle(); print(cutaway.__file__)"
    )
    found = subprocess.check_output([python, "-c", code], cwd=tmp_path, text=True).strip()
    assert Path(found).is_relative_to(site)
    help_text = subprocess.check_output(
        [python, "-m", "cutaway", "explore", "--help"], cwd=tmp_path, text=True
    )
    assert "cutaway explore" in help_text
