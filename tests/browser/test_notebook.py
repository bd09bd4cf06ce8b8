"""The explorer in a real JupyterLab: what is done in its cell, and what the next cell knows."""

import json
import re

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

SLIDER = "input[aria-label^='Depth']"
MAP = ".frame[role=application]"

REDRAWN = "(before) => document.querySelector('.points canvas').toDataURL() !== before"
FIRST_POINT = """(canvas) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [canvas.width, canvas.height];
  const context = sheet.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
  const first = data.findIndex((value, i) => i % 4 === 3 && value > 200) >> 2;
  return [first % sheet.width, Math.floor(first / sheet.width)];
}"""


@pytest.fixture
def view(notebook):
    """The explorer as it is first seen, with nothing selected."""
    notebook.show("view")
    yield notebook
    assert notebook.complaints == []


@pytest.fixture(scope="module")
def kept(study):
    return np.load(study.folder / "kept" / "ids.npy")[:2].tolist()


def stands(page):
    page.wait_for_selector('.frame[role=application][data-whole="true"]')


def test_points_travel_from_layer_to_layer(view, study):
    stands(view.page)
    slider = view.explorer.locator(SLIDER)
    slider.focus()
    for layer in (1, 2):
        before = view.explorer.locator(".points canvas").evaluate("(canvas) => canvas.toDataURL()")
        view.page.keyboard.press("ArrowRight")
        view.page.wait_for_function(REDRAWN, arg=before)
        stands(view.page)
        assert slider.get_attribute("aria-valuetext") == study.layers["layer"].iloc[layer]
    view.says("layer=2")


def test_every_colour_has_its_key(view):
    select = view.explorer.get_by_role("combobox", name="Colour")
    for option in select.locator("option").all():
        select.select_option(value=option.get_attribute("value"))
        view.explorer.get_by_role("region", name=f"Key: {option.inner_text()}").wait_for()


def test_search_narrows_and_enter_looks_at_what_is_found(view, study):
    stands(view.page)
    search = view.explorer.get_by_role("searchbox")
    search.fill("#12")
    found = view.explorer.locator(".foot [role=status]")
    found.filter(has_text=f"1 of {len(study.samples):,} samples").wait_for()
    search.press("Enter")
    view.explorer.get_by_role("heading", name="No. 12").wait_for()


def test_hovering_shows_the_image(view):
    view.show("view&search=12")
    stands(view.page)
    box = view.explorer.locator(MAP).bounding_box()
    x, y = view.explorer.locator(".points canvas").evaluate(FIRST_POINT)
    view.page.mouse.move(box["x"] + x, box["y"] + y + 2)
    card = view.explorer.locator(".card")
    card.wait_for()
    assert "12" in card.locator("dd").first.inner_text()


def test_what_a_lasso_holds_is_a_table_in_the_next_cell(view):
    stands(view.page)
    view.explorer.get_by_role("button", name="Select by a lasso").click()
    box = view.explorer.locator(MAP).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view.page.mouse.move(x - 60, y - 60)
    view.page.mouse.down()
    for dx, dy in ((60, -60), (60, 60), (-60, 60)):
        view.page.mouse.move(x + dx, y + dy, steps=4)
    view.page.mouse.up()
    selected = view.explorer.locator(".foot strong")
    selected.wait_for()
    count = int(re.sub(r"\D", "", selected.inner_text()))
    assert count > 0
    rows = json.loads(view.run("print(view.selection[['id', 'label']].to_json(orient='records'))"))
    assert len(rows) == count
    assert {"id", "label"} == set(rows[0])


def test_what_a_cell_selects_is_selected_on_the_map(view, study):
    view.run("view.selection = study.samples.query('label == 3')")
    threes = int((study.samples["label"] == 3).sum())
    view.page.get_by_text(f", {threes:,} selected").wait_for()
    view.explorer.get_by_role("tab", name="Table").click()
    grid = view.explorer.get_by_role("grid", name="Selected samples")
    grid.wait_for()
    assert grid.get_attribute("aria-rowcount") == str(threes + 1)


def test_a_sample_beside_another(view, kept):
    one, other = kept
    view.show(f"view&sample={one}")
    room = view.explorer.locator("[data-room=sample]")
    room.get_by_role("heading", name=f"No. {one}").wait_for()
    room.locator(".bars li").first.wait_for()
    room.get_by_role("group", name="Nearest to").first.wait_for()
    room.get_by_role("heading", name="block1.0").scroll_into_view_if_needed()
    room.get_by_role("group", name="Feature maps of block1.0").wait_for()
    room.get_by_label("Compare with no.").fill(str(other))
    room.get_by_role("button", name="Compare").click()
    room.get_by_role("article", name=f"Sample {other}").wait_for()
    view.says(f"compared={other}")


def test_the_network_leads_to_layers_and_units(view):
    view.explorer.get_by_role("tab", name="Network").click()
    room = view.explorer.locator("[data-room=network]")
    room.get_by_role("group", name="The network").get_by_role("button", name="block2.0:").click()
    view.says("layer=5")
    room.get_by_role("group", name="Filters").get_by_role("button", name="Filter 4").click()
    room.get_by_role("heading", name="Unit 4").wait_for()
    images = room.get_by_role("group", name="Images that move it most").locator("button")
    images.first.wait_for()
    assert images.count() >= 6
    room.get_by_role("button", name="The map shows its activation").wait_for()


def test_a_finding_takes_every_view_to_its_evidence(view, study):
    place, finding = next((i, f) for i, f in enumerate(study.findings) if f.samples)
    view.explorer.get_by_role("tab", name="Findings").click()
    view.explorer.locator(f"[data-room=findings] [data-finding='{place}']").click()
    view.says(f"finding={place}")
    assert view.run("print(len(view.selection))") == str(len(finding.samples))


def test_a_drawing_lands_on_the_map_and_is_predicted(view):
    view.explorer.get_by_role("tab", name="New").click()
    pad = view.explorer.get_by_role("application", name="Drawing pad")
    pad.focus()
    for key in ["ArrowUp"] * 5 + [" "] + ["ArrowDown"] * 10 + [" "]:
        view.page.keyboard.press(key)
    room = view.explorer.locator("[data-room=place]")
    # The first place waits until every map has been read.
    room.get_by_role("heading", name="Taken for").wait_for(timeout=180_000)
    room.get_by_text("Trust of its place on this map").wait_for()
    room.get_by_role("heading", name="block1.0").scroll_into_view_if_needed()
    room.get_by_role("group", name="Feature maps of block1.0").wait_for()


def test_a_view_is_saved(view):
    view.explorer.get_by_label("Save the map or its rows").click()
    with view.page.expect_download() as saved:
        view.explorer.get_by_role("button", name="Picture (PNG)").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_keys_are_the_explorers_and_not_the_notebooks(view):
    cells = view.page.locator(".jp-Cell").count()
    view.explorer.locator(MAP).focus()
    for key in ("x", "b", "]"):
        view.page.keyboard.press(key)
    view.says("layer=1")
    assert view.page.locator(".jp-Cell").count() == cells
