"""What only a notebook has: the selection as a table, JupyterLab's theme, keys and cells around.

The steps that every door takes are in test_map and test_rooms.
"""

import json

import pytest

from tests.browser.test_map import MAP, draw_around
from tests.browser.test_rooms import AXE, OVERFLOWING

pytestmark = pytest.mark.browser


@pytest.fixture
def page(notebook):
    """The explorer as it is first seen, with nothing selected."""
    yield notebook.show()
    assert notebook.complaints == []


def test_what_a_lasso_holds_is_a_table_in_the_next_cell(page):
    draw_around(page, "Select by a lasso")
    selected = page.locator(".foot strong")
    selected.wait_for()
    count = int("".join(filter(str.isdigit, selected.inner_text())))
    assert count > 0
    page.until("len(view.selection)", lambda said: said == str(count))
    assert page.run("print([*view.selection][:2])") == "['id', 'source']"
    page.get_by_role("button", name="Clear selection").click()
    page.until("view.selection.empty", lambda said: said == "True")


def test_what_a_cell_selects_and_links_to_is_shown_in_every_view(page, study):
    threes = int((study.samples["label"] == 3).sum())
    page.run("view.selection = study.samples.query('label == 3')")
    page.locator(".foot").get_by_text(f"{threes:,} selected").wait_for()
    page.get_by_role("tab", name="Table").click()
    grid = page.get_by_role("grid", name="Selected samples")
    grid.wait_for()
    assert grid.get_attribute("aria-rowcount") == str(threes + 1)
    page.run("view.view = 'view&layer=13&sample=120'")
    page.get_by_role("heading", name="No. 120").wait_for()
    page.locator("input[aria-valuetext='fc_layers.4']").wait_for()
    page.locator(".foot").get_by_text(f"{threes:,} selected").wait_for()


def test_keys_are_the_explorers_and_not_the_notebooks(page):
    cells = page.page.locator(".jp-Cell")
    before = cells.count()
    page.locator(MAP).focus()
    for key in ("x", "b", "d", "d", "]"):
        page.keyboard.press(key)
    page.until("view.view", lambda view: "layer=1" in view)
    assert cells.count() == before


@pytest.mark.parametrize(("theme", "scheme"), [("Dark", "dark"), ("Light", "light")])
def test_it_follows_jupyterlabs_theme_and_passes_axe(page, theme, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    page.page.get_by_role("menuitem", name="Settings").click()
    page.page.get_by_text("Theme", exact=True).click()
    page.page.get_by_text(f"JupyterLab {theme}", exact=True).click()
    page.wait_for_selector(f".cutaway.explorer[data-theme={scheme}]")
    page.run("view.view = 'view&layer=5&unit=4&sample=120'")
    page.get_by_role("heading", name="Unit 4").wait_for()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run('.cutaway.explorer').then((all) => all.violations)")
    assert found == [], json.dumps([(one["id"], one["nodes"][0]["html"][:200]) for one in found])
    assert not page.evaluate(OVERFLOWING)
