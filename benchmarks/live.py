"""A million samples by `cutaway explore`: how soon they are drawn, what memory the server takes.

    python benchmarks/live.py STUDY [--samples N] [--rounds N]

Needs Chromium and the built front end. The Study's samples are repeated as in `offline.py`, but for
the features, which would take tens of gigabytes; a page then goes through all layers and methods
again and again, and asks for a sample at each.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Page, ViewportSize, sync_playwright

from offline import grown

GOAL = 5.0
SIZE = ViewportSize(width=1280, height=800)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch) / "large.study"
        study = grown(options.study, folder, options.samples, parts=())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        with serving(folder) as (address, server):
            print(f"{options.samples:,} samples; the server takes {megabytes(server)} MB alone")
            began = time.perf_counter()
            page.goto(address, wait_until="commit")
            whole(page)
            opened = time.perf_counter() - began
            print(f"opens in {opened:.1f} s; goal {GOAL}; {megabytes(server)} MB")
            for number in range(options.rounds):
                for layer, method in zip(study.maps["layer"], study.maps["method"], strict=True):
                    position = list(study.layers["layer"]).index(layer)
                    view = f"#view&layer={position}&method={method}&sample={position}"
                    page.evaluate("(view) => { location.hash = view }", view)
                    page.wait_for_timeout(500)
                    whole(page)
                print(f"round {number + 1}: {megabytes(server)} MB")
        browser.close()
    return int(opened > GOAL)


def whole(page: Page) -> None:
    """Waits until all points are drawn."""
    page.wait_for_selector('.frame[data-whole="true"]', state="attached", timeout=60_000)


def megabytes(server: psutil.Process) -> int:
    return round(server.memory_info().rss / 1e6)


@contextmanager
def serving(study: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Address and process of `cutaway explore`."""
    command = [sys.executable, "-m", "cutaway", "explore", str(study), "--no-open"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}, text=True
    )
    try:
        printed = iter(process.stdout or [])
        found = next(found for line in printed if (found := re.search(r"http://\S+", line)))
        yield found[0], psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
