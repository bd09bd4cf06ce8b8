"""A real Chromium, the demo's report in it, and the explorer of the demo's Study."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.notebook import Notebook, jupyterlab

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-quic"]
NO_GL = ["--disable-gpu", "--disable-software-rasterizer"]


@pytest.fixture(scope="session")
def playwright():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser_without_gl(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + NO_GL)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory) -> Path:
    from cutaway.commands.demo import run_demo

    return run_demo(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture(scope="session")
def study(report):
    from cutaway import open_study

    return open_study(report.parent / "digits.study")


@pytest.fixture(scope="session")
def notebook(browser, study, report, tmp_path_factory) -> Iterator[Notebook]:
    """The third door."""
    checkpoint = report.parent / "training" / "best.ckpt"
    with jupyterlab(tmp_path_factory.mktemp("lab"), study.folder, checkpoint) as address:
        yield Notebook(browser, address)


@pytest.fixture(scope="session")
def doors(study, tmp_path_factory) -> Iterator[dict[str, str]]:
    """The address of the explorer by each door that is a page."""
    from tests.browser.explorer_doors import opened_doors

    with opened_doors(study, tmp_path_factory.mktemp("offline")) as addresses:
        yield addresses
