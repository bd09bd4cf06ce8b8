"""The map in Chromium: depth, colours, selection, links, export, and browsers without GL."""

import csv
import io
import re

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

GRAPHICS_CARD = """
const real = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  const value = real.call(this, name);
  return typeof value === "string" ? "a graphics card" : value;
};
"""
NO_CANVAS = "HTMLCanvasElement.prototype.getContext = () => null;"
INKED = """(canvas) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [canvas.width, canvas.height];
  const context = sheet.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
  let inked = 0;
  for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
  return inked;
}"""
FIRST_POINT = """(canvas) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [canvas.width, canvas.height];
  const context = sheet.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
  const first = data.findIndex((value, i) => i % 4 === 3 && value > 200) >> 2;
  return [first % sheet.width, Math.floor(first / sheet.width)];
}"""
DOORS = ["live", "offline", "notebook"]
MAP = ".frame[role=application]"
SLIDER = "input[aria-label^='Depth']"


@pytest.fixture
def open_map(browser, doors, request):
    contexts = []

    def open_at(door="live", view="", *, among=browser, script="", **options):
        if door == "notebook":
            return request.getfixturevalue("notebook").show(view.removeprefix("#") or "view")
        context = among.new_context(viewport={"width": 1100, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(doors[door] + view)
        page.wait_for_selector("[data-ready]")
        return page

    yield open_at
    for context in contexts:
        context.close()


def stands(page):
    page.wait_for_selector('.frame[data-whole="true"]')


def inked(page):
    stands(page)
    return page.locator(".points canvas").evaluate(INKED)


def status(page):
    return page.locator(".foot [role=status]").inner_text()


def draw_around(page, tool):
    stands(page)
    page.get_by_role("button", name=tool).click()
    box = page.locator(".frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 80, y - 80)
    page.mouse.down()
    for dx, dy in ((80, -80), (80, 0), (-60, 60), (60, 80)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


@pytest.mark.parametrize("door", DOORS)
def test_points_travel_from_layer_to_layer(open_map, door):
    page = open_map(door)
    assert inked(page) > 1000
    page.locator(SLIDER).focus()
    names = [page.locator(SLIDER).get_attribute("aria-valuetext")]
    for _ in range(2):
        before = page.locator(".points canvas").evaluate("(canvas) => canvas.toDataURL()")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector('.frame[data-whole="false"]')
        stands(page)
        after = page.locator(".points canvas").evaluate("(canvas) => canvas.toDataURL()")
        assert after != before
        names.append(page.locator(SLIDER).get_attribute("aria-valuetext"))
    assert names[0] == "pixels"
    assert len(set(names)) == 3
    page.wait_for_url(re.compile("#view.*layer=2"))
    assert page.complaints == []


def test_dragging_the_slider_scrubs_and_then_rests_on_a_layer(open_map):
    page = open_map()
    stands(page)
    box = page.locator(SLIDER).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.52, y, steps=6)
    page.mouse.up()
    stands(page)
    assert page.locator(SLIDER).evaluate("(input) => input.valueAsNumber") % 1 == 0
    assert page.locator(SLIDER).get_attribute("aria-valuetext") != "pixels"


def test_reduced_motion_jumps(open_map):
    page = open_map(reduced_motion="reduce")
    stands(page)
    page.locator(SLIDER).focus()
    page.keyboard.press("End")
    stands(page)
    assert page.locator(".layer").inner_text().split("\n")[1].startswith("16 of")


def test_a_layer_without_the_method_says_what_it_shows(open_map):
    page = open_map(view="#view&layer=2&method=tsne")
    page.locator(".instead").wait_for()
    assert "no t-SNE map; this is its PCA map" in page.locator(".instead").inner_text()


@pytest.mark.parametrize("door", DOORS)
def test_every_colour_has_its_key(open_map, door):
    page = open_map(door)
    select = page.get_by_role("combobox", name="Colour")
    for option in select.locator("option").all():
        name = option.inner_text()
        select.select_option(value=option.get_attribute("value"))
        page.get_by_role("region", name=f"Key: {name}").wait_for()
        assert page.locator(".missing").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("door", ["live", "offline"])
def test_a_link_opens_the_same_selection(open_map, door):
    page = open_map(door)
    draw_around(page, "Select by a lasso")
    page.wait_for_url(re.compile("selection=|lasso="))
    words = status(page)
    assert "selected" in words
    again = open_map(door, "#" + page.url.partition("#")[2])
    again.locator(".foot strong").wait_for()
    assert status(again) == words
    assert page.complaints == again.complaints == []


def test_a_rectangle_selects_and_escape_lets_go(open_map):
    page = open_map()
    draw_around(page, "Select by a rectangle")
    assert "selected" in status(page)
    page.locator(".frame").focus()
    page.keyboard.press("Escape")
    assert "selected" not in status(page)


@pytest.mark.parametrize("door", ["live", "notebook"])
def test_search_filter_and_legend_narrow_what_is_shown(open_map, study, door):
    page = open_map(door)
    count = len(study.samples)
    page.get_by_role("searchbox").fill("#12")
    assert status(page) == f"1 of {count:,} samples"
    page.get_by_role("searchbox").fill("no such thing")
    page.get_by_role("button", name="Show all samples").click()
    threes = int((study.samples["label"] == 3).sum())
    key = page.locator(".legend").get_by_role("button", name="3 ").first
    key.click()
    assert status(page) == f"{threes} of {count:,} samples"
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Column to filter by").select_option("confidence")
    page.get_by_label("Confidence: at most").fill("100")
    assert int(status(page).split(" ")[0]) < threes
    page.wait_for_url(re.compile("filter="))


@pytest.mark.parametrize("door", ["live", "notebook"])
def test_hovering_shows_the_image_and_a_click_focuses(open_map, door):
    page = open_map(door, view="#view&search=12")
    stands(page)
    frame = page.locator(".frame")
    box = frame.bounding_box()
    for _ in range(3):
        page.locator(".frame").focus()
        page.keyboard.press("+")
    page.keyboard.press("0")
    stands(page)
    x, y = page.locator(".points canvas").evaluate(FIRST_POINT)
    at = (box["x"] + x, box["y"] + y + 2)
    page.mouse.move(*at)
    page.locator(".card").wait_for()
    assert "12" in page.locator(".card dd").first.inner_text()
    page.wait_for_function("document.querySelector('.card canvas').width === 8")
    page.mouse.click(*at)
    page.wait_for_url(re.compile("sample=12"))


def test_the_map_works_by_keyboard_alone(open_map):
    page = open_map()
    stands(page)
    page.locator(MAP).focus()
    for key in ("+", "+", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
        stands(page)
    page.wait_for_url(re.compile("sample="))
    page.keyboard.press("Space")
    assert "1 selected" in status(page)
    page.keyboard.press("a")
    in_sight = int(re.search(r"(\d+) selected", status(page))[1])
    assert 1 < in_sight < int(status(page).split(" ")[0].replace(",", ""))
    page.wait_for_url(re.compile("selection=|lasso="))
    page.get_by_role("button", name="Clear selection").press("Enter")
    assert "selected" not in status(page)
    page.locator(".frame[data-kind]").focus()
    page.keyboard.press("]")
    page.wait_for_url(re.compile("layer=1"))
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("heading", name="How to get about").wait_for()


@pytest.mark.parametrize("door", ["live", "offline"])
def test_images_stand_for_points_where_they_are_asked_for(open_map, door):
    page = open_map(door)
    stands(page)
    grown = f"(least) => ({INKED})(document.querySelector('.frame .above')) > least"
    shrunk = grown.replace("> least", "<= least")
    before = page.locator(".frame .above").evaluate(INKED)
    button = page.get_by_role("button", name="Images instead of points")
    button.press("Enter")
    page.wait_for_function(grown, arg=before + 20_000)
    page.wait_for_url(re.compile("marks=images"))
    again = open_map(door, "#" + page.url.partition("#")[2])
    stands(again)
    again.wait_for_function(grown, arg=before + 20_000)
    page.locator(".frame").focus()
    page.keyboard.press("i")
    page.wait_for_function(shrunk, arg=before + 20_000)
    assert button.get_attribute("aria-pressed") == "false"
    assert page.complaints == again.complaints == []


@pytest.mark.parametrize("opens", ["Filter", "Save the map or its rows"])
def test_what_the_bar_opens_on_a_telephone_is_seen(open_map, opens):
    page = open_map()
    page.set_viewport_size({"width": 360, "height": 740})
    stands(page)
    summary = page.locator("summary", has_text="Filter")
    (summary if opens == "Filter" else page.get_by_label(opens)).press("Enter")
    panel = page.locator(".bar details[open] > div")
    # Clipped or masked, it would still be there for a pointer.
    panel.evaluate("(panel) => { panel.style.background = 'rgb(255, 0, 255)'; }")
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    for x, y in ((3, 3), (box["width"] - 4, box["height"] - 4)):
        clip = {"x": box["x"] + x, "y": box["y"] + y, "width": 1, "height": 1}
        with Image.open(io.BytesIO(page.screenshot(clip=clip))) as dot:
            assert dot.convert("RGB").getpixel((0, 0)) == (255, 0, 255)


@pytest.mark.parametrize("door", ["live", "notebook"])
def test_exports(open_map, study, door):
    page = open_map(door, view="#view&selection=3-5,9&colour=confidence")
    stands(page)

    def saved(name):
        page.get_by_label("Save the map or its rows").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        return download.value.path().read_bytes()

    assert saved("Picture (PNG)").startswith(b"\x89PNG")
    drawing = saved("Drawing (SVG)").decode()
    assert drawing.count("<circle") == len(study.samples)
    rows = list(csv.DictReader(io.StringIO(saved("selected rows (CSV)").decode())))
    assert [int(row["id"]) for row in rows] == [3, 4, 5, 9]
    first = study.map("pixels", "pca").set_index("id").loc[3]
    assert float(rows[0]["x"]) == pytest.approx(first["x"], abs=1e-3)
    assert float(rows[0]["y"]) == pytest.approx(first["y"], abs=1e-3)


def test_a_graphics_card_draws_by_webgl(open_map):
    page = open_map(script=GRAPHICS_CARD)
    assert inked(page) > 1000
    assert page.locator(".frame").get_attribute("data-kind") == "webgl"
    page.evaluate("""() => {
      const gl = document.querySelector(".points canvas").getContext("webgl2");
      gl.getExtension("WEBGL_lose_context").loseContext();
    }""")
    page.wait_for_function("document.querySelector('.points canvas').getContext('webgl2') !== null")
    assert inked(page) > 1000


def test_without_gl_canvas_draws(open_map, browser_without_gl):
    page = open_map(among=browser_without_gl)
    assert page.evaluate("document.createElement('canvas').getContext('webgl2')") is None
    assert inked(page) > 1000
    assert page.locator(".frame").get_attribute("data-kind") == "canvas"


def test_without_any_canvas_the_page_says_so(open_map):
    page = open_map(script=NO_CANVAS)
    assert "neither by WebGL 2 nor by Canvas 2D" in page.locator(".frame .words").inner_text()
    assert "samples" in status(page)
    assert page.complaints == []
