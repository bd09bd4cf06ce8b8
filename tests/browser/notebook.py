"""A real JupyterLab with one notebook: a cell that shows the explorer, and a cell after it."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Locator, Page

from cutaway import Study

CELLS = [
    "import cutaway",
    "study = cutaway.open_study({study!r})\nview = study.explore({model!r})\nview",
    "view.selection",
]
_PATIENCE = 120.0
_SETTLED = 350
"""Milliseconds after which the page has said what it shows."""


class Notebook:
    """The notebook in a browser, its cells run; the explorer in it in the words of a page.

    Attributes:
        page: The whole page.
        explorer: The explorer in it, within which all locators look.
        complaints: What the page has complained of since the last `show`.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1800, "height": 1000})
        self.complaints: list[str] = []
        self._runs = 0
        self.page.goto(address)
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        # What JupyterLab itself complains of while it starts is not ours.
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.explorer = self.page.locator("[data-ready]")
        self.explorer.wait_for(timeout=120_000)
        self.locator, self.get_by_role = self.explorer.locator, self.explorer.get_by_role
        self.get_by_text, self.get_by_label = self.explorer.get_by_text, self.explorer.get_by_label
        self.keyboard, self.mouse = self.page.keyboard, self.page.mouse
        self.evaluate, self.expect_download = self.page.evaluate, self.page.expect_download
        self.wait_for_function = self.page.wait_for_function
        self._first = self.until("view.view", bool)

    def run(self, code: str) -> str:
        """Runs code in the cell after the explorer, and gives what it prints."""
        self._runs += 1
        end = f"end of run {self._runs}"
        cell = self.write(f"{code}\nprint({end!r})")
        printed = cell.locator(".jp-OutputArea-output").filter(has_text=end)
        printed.wait_for()
        return printed.inner_text().partition(end)[0].strip()

    def write(self, code: str, place: int = -1) -> Locator:
        """Writes code into a cell, by default that after the explorer, runs it, and gives it."""
        cell = self.page.locator(".jp-CodeCell").nth(place)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        return cell

    def show(self, view: str = "view") -> "Notebook":
        """Sets what the explorer shows from Python, with nothing else selected."""
        self.go(view, f"view.selection = []; view.view = {self._first!r}; ")
        self.wait_for_selector('.frame[data-whole="true"]')
        self.locator(".frame[role=application]").press("0")
        self.complaints.clear()
        return self

    @contextmanager
    def opened(self, study: Study, titled: str) -> Iterator[Locator]:
        """The explorer of another Study, whose title holds some words, in place of the first."""
        title = self.get_by_role("heading", level=1)
        before = title.inner_text()
        self.run("first = view")
        self.write(f"view = cutaway.open_study({str(study.folder)!r}).explore()\nview", 1)
        title.filter(has_text=titled).wait_for()
        self.complaints.clear()
        try:
            yield self.explorer
        finally:
            self.write("view = first\nview", 1)
            title.filter(has_text=before).wait_for()

    def go(self, view: str, before: str = "") -> None:
        """Sets what the explorer shows from Python, once the page has said what it showed."""
        # What the page has still to say to a busy kernel would come after what is set here.
        self.page.wait_for_timeout(_SETTLED)
        self.run("")
        self.run(f"{before}view.view = {view!r}")

    def wait_for_selector(self, selector: str) -> None:
        """Waits until the explorer holds such an element."""
        self.locator(selector).first.wait_for()

    def wait_for_url(self, wanted: re.Pattern[str] | Callable[[str], object]) -> None:
        """Waits until the kernel knows of such a view, which elsewhere stands in the address."""
        found = wanted.search if isinstance(wanted, re.Pattern) else wanted
        self.until("view.view", lambda view: found(f"#{view}"))

    def until(self, expression: str, right: Callable[[str], object]) -> str:
        """What an expression prints, once it is right: the kernel hears of the page by and by."""
        until = time.monotonic() + _PATIENCE
        while not right(said := self.run(f"print({expression})")):
            if time.monotonic() > until:
                raise AssertionError(f"{expression} is still {said}")
        return said


@contextmanager
def jupyterlab(folder: Path, study: Path, model: Path) -> Iterator[str]:
    """Serves a notebook on a Study, and gives its address; settings and files are in `folder`."""
    root = folder / "work"
    root.mkdir(parents=True)
    sources = [cell.format(study=str(study), model=str(model)) for cell in CELLS]
    (root / "explorer.ipynb").write_text(json.dumps(_notebook(sources)), "utf-8")
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    notices = {"checkForUpdates": False, "fetchNews": "false"}
    (quiet / "notification.jupyterlab-settings").write_text(json.dumps(notices), "utf-8")
    token = secrets.token_hex(16)
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    environment = os.environ | {name: str(folder / place) for name, place in places.items()}
    environment |= {"JUPYTER_TOKEN": token, "OMP_NUM_THREADS": "1"}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}"),
    ]
    with (folder / "lab.log").open("w") as log:
        lab = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = _address(folder, lab)
            yield f"{address}lab/tree/explorer.ipynb?token={token}"
        finally:
            lab.terminate()
            lab.wait(30)


def _address(folder: Path, lab: subprocess.Popen[bytes]) -> str:
    """Where the server listens, once it answers."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and lab.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            address = str(json.loads(file.read_text("utf-8"))["url"])
            if httpx.get(f"{address}login").status_code == httpx.codes.OK:
                return address
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start: {(folder / 'lab.log').read_text('utf-8')}")


def _notebook(sources: list[str]) -> dict[str, object]:
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
