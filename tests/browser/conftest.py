"""A real Chromium, the demo's report in it, and the explorer of the demo's Study."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

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
def bundle() -> Path:
    built = Path(__file__).parents[2] / "web" / "dist"
    if not (built / "explorer.js").is_file():
        pytest.skip("the front end is not built: npm --prefix web run build")
    return built


@pytest.fixture(scope="session")
def doors(study, bundle, tmp_path_factory) -> Iterator[dict[str, str]]:
    """The address of the explorer by each door that is a page."""
    from tests.browser.explorer_doors import offline_file, served

    file = offline_file(study, bundle, tmp_path_factory.mktemp("offline") / "explorer.html")
    with served(study, bundle) as address:
        yield {"live": address, "offline": file.as_uri()}
