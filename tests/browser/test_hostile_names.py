"""Names that would be markup, scripts or formulas, all at once in one Study, by every door."""

import pytest

from cutaway.study import compare
from tests.attacks.hostile import NAMES, Hostile, hostile_study, layer_name
from tests.browser.hostile_tour import Tour

pytestmark = pytest.mark.browser

LAYERS = [layer_name(name) for name in NAMES[::2]]
WIDE = {"width": 1500, "height": 900}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return hostile_study(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def tour(browser):
    page = browser.new_page(viewport=WIDE)
    yield Tour(page)
    page.close()


def test_there_are_enough_of_them():
    assert len(set(NAMES)) == len(NAMES) >= 30
    assert len(set(LAYERS)) >= 30


def test_the_live_page_takes_them_for_text(tour, hostile):
    from cutaway.views.server import serve

    with serve(hostile, Hostile()) as serving:
        tour.page.goto(serving.url)
        tour.page.wait_for_selector("[data-ready]")
        tour.visit(tour.page.locator(".cutaway.explorer"), lambda view: _go(tour.page, view))
        tour.page.get_by_role("application", name="Drawing pad").focus()
        for key in (" ", "ArrowDown", "ArrowDown", " "):
            tour.page.keyboard.press(key)
        tour.page.get_by_role("heading", name="Taken for").wait_for()
        tour.hold(tour.page.locator("html"), [*NAMES, *LAYERS])


def test_the_offline_report_takes_them_for_text(tour, hostile, tmp_path):
    tour.page.goto(hostile.report(tmp_path / "report.html").as_uri())
    tour.page.wait_for_selector("[data-ready]")
    tour.visit(tour.page.locator(".cutaway.explorer"), lambda view: _go(tour.page, view))
    tour.hold(tour.page.locator("html"), [*NAMES, *LAYERS])


def test_the_page_of_a_comparison_takes_them_for_text(tour, hostile, tmp_path):
    tour.page.goto(compare(hostile, hostile).report(tmp_path / "compare.html").as_uri())
    tour.hold(tour.page.locator("html"), NAMES[:1])


def test_a_notebook_takes_them_for_text(notebook, hostile):
    tour = Tour(notebook.page)
    with notebook.opened(hostile, NAMES[0]) as explorer:
        tour.visit(explorer, notebook.go)
        tour.hold(explorer, [*NAMES, *LAYERS])


def _go(page, view):
    page.evaluate("(view) => { location.hash = view }", view)
