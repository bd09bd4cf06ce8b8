"""The tutorial's commands and code run as they stand, and print what it shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# It waits for a browser.
ENDLESS = "explore"


def test_every_step_of_the_tutorial(tmp_path):
    for kind, block in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if kind == "python":
            run([sys.executable, "-c", block], tmp_path)
            continue
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = step.splitlines()
            name, *arguments = shlex.split(command)
            assert name == "cutaway", command
            if arguments[0] == ENDLESS:
                continue
            said = run([sys.executable, "-m", "cutaway", *arguments], tmp_path)
            exact = arguments[0] == "describe" and "--complexity" not in arguments
            lines = {line if exact else without_figures(line) for line in said.splitlines()}
            for line in shown:
                wanted = line if exact else without_figures(line)
                assert wanted in lines, f"{command} does not print {line!r} but\n{said}"
    assert (tmp_path / "photos.html").stat().st_size > 1_000_000
    assert (tmp_path / "photos-description" / "maps.png").is_file()


def run(command, folder):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{command} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout + done.stderr


def without_figures(line):
    """A line whose numbers, which processors and versions may change a little, do not count."""
    return re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*", "#", line))
