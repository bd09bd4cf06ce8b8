"""The rooms around the map in Chromium: a sample, the network, findings, new samples."""

import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
OVERFLOWING = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PAGES = ["live", "offline"]
DOORS = [*PAGES, "notebook"]


@pytest.fixture
def open_rooms(browser, doors, request):
    contexts = []

    def open_at(door="live", view="#view", *, width=1280, scheme="light"):
        if door == "notebook":
            return request.getfixturevalue("notebook").show(view.removeprefix("#"))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=door == "offline"
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if door == "network":
            page.goto(request.getfixturevalue("network_door"))
            page.wait_for_selector("[data-ready]")
            page.evaluate("(view) => { location.hash = view }", view)
        else:
            page.goto(doors[door] + view)
        page.wait_for_selector("[data-ready]")
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def network_door(report, study):
    """The explorer's own server, with the network that the Study was made with."""
    from cutaway.views.explorer.bundle import find_bundle
    from cutaway.views.server import serve

    if find_bundle() is None:
        pytest.skip("the front end is not built into the package")
    checkpoint = report.parent / "training" / "best.ckpt"
    with serve(study, str(checkpoint), host="127.0.0.1", port=0) as serving:
        yield serving.url


@pytest.fixture(scope="session")
def kept(report):
    return np.load(report.parent / "digits.study" / "kept" / "ids.npy")[:2].tolist()


def says(page, words):
    """Waits until the address says so: it follows the view a moment later."""
    page.wait_for_url(lambda address: words in address)


@pytest.mark.parametrize("door", DOORS)
def test_a_sample_shows_its_image_prediction_neighbours_and_feature_maps(open_rooms, kept, door):
    page = open_rooms(door, f"#view&sample={kept[0]}")
    room = page.locator("[data-room=sample]")
    assert room.get_by_role("heading", name=f"No. {kept[0]}").is_visible()
    room.get_by_role("img", name=f"Sample {kept[0]}").wait_for()
    room.locator(".bars li").first.wait_for()
    room.get_by_role("group", name="Nearest to").first.wait_for()
    maps = room.get_by_role("group", name="Feature maps of block1.0")
    room.get_by_role("heading", name="block1.0").scroll_into_view_if_needed()
    maps.get_by_role("button", name="Channel 3: enlarge").click()
    page.get_by_role("dialog").get_by_role("button", name="Look at this unit").click()
    page.locator("[data-room=network]").get_by_role("heading", name="Unit 3").wait_for()
    says(page, "unit=3")
    room.get_by_role("heading", name="fc_layers.0").scroll_into_view_if_needed()
    room.locator("[aria-label='Activations of fc_layers.0'][aria-valuetext*='mean of']").wait_for()
    assert page.complaints == []


@pytest.mark.parametrize("door", DOORS)
def test_two_samples_stand_side_by_side(open_rooms, kept, door):
    one, other = kept
    page = open_rooms(door, f"#view&sample={one}")
    room = page.locator("[data-room=sample]")
    room.get_by_label("Compare with no.").fill(str(other))
    room.get_by_role("button", name="Compare").click()
    room.get_by_role("article", name=f"Sample {other}").wait_for()
    room.locator(".bars .other").nth(2).wait_for()
    says(page, f"compared={other}")
    room.get_by_role("button", name="Put away sample").first.click()
    assert room.get_by_role("article").count() == 1


@pytest.mark.parametrize("door", DOORS)
def test_the_network_leads_to_layers_and_units(open_rooms, door):
    page = open_rooms(door)
    room = page.locator("[data-room=network]")
    room.get_by_role("group", name="The network").get_by_role("button", name="block2.0:").click()
    says(page, "layer=5")
    room.get_by_role("group", name="Filters").get_by_role("button", name="Filter 4").click()
    room.get_by_role("heading", name="Unit 4").wait_for()
    assert room.get_by_role("group", name="Images that move it most").locator("button").count() >= 6
    assert room.get_by_role("button", name="The map shows its activation").is_visible()
    curve = room.get_by_role("group", name="Accuracy of simple classifiers")
    curve.get_by_role("button", name="fc_layers.4:").click()
    says(page, "layer=13")
    assert page.complaints == []


@pytest.mark.parametrize("door", DOORS)
def test_a_finding_takes_every_view_to_its_evidence(open_rooms, study, door):
    place, finding = next((i, f) for i, f in enumerate(study.findings) if f.samples)
    page = open_rooms(door)
    page.get_by_role("tab", name="Findings").click()
    page.locator(f"[data-room=findings] [data-finding='{place}']").click()
    says(page, f"finding={place}")
    page.get_by_role("tab", name="Table").click()
    page.get_by_text(f"{len(finding.samples)} sample").first.wait_for()
    assert page.get_by_role("grid", name="Selected samples").get_attribute("aria-rowcount") == str(
        len(finding.samples) + 1
    )


@pytest.mark.parametrize("door", PAGES)
def test_a_link_reopens_the_whole_view(open_rooms, kept, door):
    one, other = kept
    page = open_rooms(
        door,
        f"#view&layer=13&method=tsne&unit=4&colour=unit&sample={one}&compared={other}"
        "&filter=confidence%3A0.2..1&marks=images&theme=dark&rooms=network.sample.sample",
    )
    assert page.locator("input[aria-label^='Depth']").get_attribute("aria-valuetext") == (
        "fc_layers.4"
    )
    assert page.get_by_role("combobox", name="Method").first.input_value() == "tsne"
    assert page.get_by_role("combobox", name="Colour").input_value() == "unit"
    page.get_by_role("region", name="Key: Unit 4 of fc_layers.4").wait_for()
    page.locator(".legend .range").wait_for()
    page.get_by_role("heading", name="Unit 4", exact=True).wait_for()
    for sample in kept:
        page.get_by_role("article", name=f"Sample {sample}").wait_for()
    assert page.get_by_role("button", name="Remove the filter Confidence 0.2 to 1").is_visible()
    pressed = page.get_by_role("button", name="Images instead of points", pressed=True)
    assert pressed.is_visible()
    assert page.locator(".cutaway[data-theme=dark]").count() == 1
    assert page.complaints == []


@pytest.mark.parametrize("door", PAGES)
def test_back_undoes_the_choice_of_a_sample_and_of_a_selection(open_rooms, kept, door):
    one = kept[0]
    page = open_rooms(door, f"#view&sample={one}&selection={one}")
    room = page.locator("[data-room=sample]")
    room.get_by_role("article", name=f"Sample {one}").wait_for()
    neighbour = room.get_by_role("group", name="Nearest to").first.get_by_role("button").first
    neighbour.click()
    room.get_by_role("article", name=f"Sample {one}").wait_for(state="detached")
    page.wait_for_url(lambda address: f"sample={one}&" not in address)
    page.locator(".foot").get_by_role("button", name="Clear selection").click()
    page.wait_for_url(lambda address: "selection=" not in address)
    page.go_back()
    page.locator(".foot").get_by_text("1 selected").wait_for()
    page.go_back()
    room.get_by_role("article", name=f"Sample {one}").wait_for()
    page.go_forward()
    room.get_by_role("article", name=f"Sample {one}").wait_for(state="detached")
    assert page.complaints == []


def test_the_tab_key_comes_to_the_tab_that_is_open(open_rooms):
    page = open_rooms(view="#view&rooms=diagnosis.selection.diagnosis")
    page.locator("[data-room=diagnosis]").wait_for()
    stops = page.locator("[role=tab][tabindex='0']")
    assert [stop.inner_text() for stop in stops.all()] == ["Diagnosis", "Table"]
    page.get_by_role("tab", name="Findings").press("Enter")
    page.locator("[data-room=findings]").wait_for()
    assert stops.first.get_attribute("aria-selected") == "true"


def test_no_tab_is_cut_off_at_any_width(open_rooms):
    page = open_rooms(view="#view&selection=0-900")
    page.locator(".foot").get_by_text("901 selected").wait_for()
    for width in [*range(320, 560, 20), 760, 960, 1040, 1120, *range(1140, 1300, 20)]:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"document.documentElement.clientWidth === {width}")
        cut = "(rows) => rows.filter((row) => row.scrollWidth > row.clientWidth).length"
        assert page.locator(".tabs .row").evaluate_all(cut) == 0, width


def test_a_link_is_followed_though_the_page_writes_its_own_address_meanwhile(open_rooms, kept):
    page = open_rooms("offline", "#view")
    page.evaluate(
        """(link) => {
          location.hash = link;
          history.replaceState(history.state, "", "#view&layer=1");
        }""",
        f"#view&layer=2&sample={kept[0]}",
    )
    page.get_by_role("article", name=f"Sample {kept[0]}").wait_for()


@pytest.mark.parametrize("door", PAGES)
def test_a_cell_of_the_confusion_matrix_selects_its_samples(open_rooms, door):
    page = open_rooms(door, "#view&rooms=diagnosis.selection.diagnosis")
    page.get_by_role("button", name="of 0 predicted right").click()
    said = page.locator("[data-room=selection] .sum").inner_text()
    assert said.endswith("100.0% of them predicted right.")


@pytest.mark.parametrize("door", ["network", "notebook"])
def test_a_drawing_lands_on_the_map_and_is_predicted(open_rooms, door):
    page = open_rooms(door, "#view&rooms=network.place.place")
    pad = page.get_by_role("application", name="Drawing pad")
    pad.focus()
    for key in ["ArrowUp"] * 5 + [" "] + ["ArrowDown"] * 10 + [" "]:
        page.keyboard.press(key)
    room = page.locator("[data-room=place]")
    # The first place waits until every map has been read.
    room.get_by_role("heading", name="Taken for").wait_for(timeout=180_000)
    room.get_by_text("Trust of its place on this map").wait_for()
    room.get_by_role("heading", name="block1.0").scroll_into_view_if_needed()
    room.get_by_role("group", name="Feature maps of block1.0").wait_for()
    room.get_by_role("button", name="Clear").click()
    assert room.get_by_role("heading", name="Taken for").count() == 0
    assert page.complaints == []


def test_a_file_that_is_no_image_is_refused_in_words(open_rooms):
    page = open_rooms("network", "#view&rooms=network.place.place")
    page.locator("input[type=file]").set_input_files(
        {"name": "broken.png", "mimeType": "image/png", "buffer": b"no image"}
    )
    assert page.get_by_role("alert").first.inner_text() != ""


def test_the_offline_file_says_why_it_places_nothing(open_rooms):
    page = open_rooms("offline", "#view&rooms=network.place.place")
    assert "cutaway explore" in page.locator("[data-room=place]").inner_text()


@pytest.mark.parametrize(
    ("kind", "start"), [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("CSV", b"layer")]
)
def test_a_panel_is_saved(open_rooms, kind, start):
    page = open_rooms()
    page.locator(".left summary").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"({kind})").click()
    assert saved.value.path().read_bytes().startswith(start)


@pytest.mark.parametrize("door", PAGES)
def test_every_room_is_saved_in_every_format(open_rooms, kept, door):
    page = open_rooms(door, f"#view&sample={kept[0]}&layer=5&rooms=")
    starts = {"PNG": b"\x89PNG", "SVG": b"<svg", "CSV": b""}
    for room in ["network", "findings", "diagnosis", "sample", "selection"]:
        left = room in {"network", "findings", "diagnosis"}
        side = page.locator(".left" if left else ".right")
        side.locator("[role=tab]").nth(
            ["network", "findings", "diagnosis"].index(room)
            if left
            else ["sample", "selection"].index(room)
        ).click()
        side.locator(f"[data-room={room}]").wait_for()
        for kind, start in starts.items():
            side.locator("summary[aria-label='Save this panel']").press("Enter")
            with page.expect_download() as saved:
                side.get_by_role("button", name=f"({kind})").press("Enter")
            body = saved.value.path().read_bytes()
            assert body.startswith(start), (room, kind)
            assert len(body) > 40, (room, kind)
            assert saved.value.suggested_filename == f"{room}.{kind.lower()}"
    assert page.complaints == []


def axe(page):
    found = page.evaluate("axe.run().then((found) => found.violations)")
    return [(one["id"], [node["html"][:200] for node in one["nodes"][:4]]) for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("door", PAGES)
def test_axe_finds_nothing_in_what_opens_above_the_page(open_rooms, kept, door, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    page = open_rooms(door, f"#view&sample={kept[0]}&compared={kept[1]}&layer=1", scheme=scheme)
    page.evaluate(AXE.read_text("utf-8"))
    page.locator("[data-room=sample] .bars .other").first.wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Help").click()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.locator(".map").get_by_text("Filter", exact=True).click()
    page.get_by_label("Column to filter by").select_option("confidence")
    assert axe(page) == []
    page.get_by_label("Save the map or its rows").click()
    assert axe(page) == []
    page.locator(".left summary[aria-label='Save this panel']").click()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.evaluate("location.hash += '&search=nosuchthing'")
    page.get_by_role("button", name="Show all samples").wait_for()
    assert axe(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(open_rooms, kept, width, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    view = f"#view&sample={kept[0]}&layer=5&unit=4&rooms="
    page = open_rooms(view=view, width=width, scheme=scheme)
    page.evaluate(AXE.read_text("utf-8"))
    for room in [
        "network.sample.sample",
        "findings.selection.findings",
        "diagnosis.place.diagnosis",
        "network.selection.selection",
        "network.place.network",
    ]:
        page.evaluate("(view) => { location.hash = view }", view + room)
        page.wait_for_load_state("networkidle")
        found = page.evaluate("axe.run().then((found) => found.violations)")
        assert found == [], json.dumps(
            [(one["id"], [node["html"][:200] for node in one["nodes"][:4]]) for one in found]
        )
        assert not page.evaluate(OVERFLOWING)


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_the_network_is_drawn_from_end_to_end_and_nothing_sticks_out(open_rooms, width):
    page = open_rooms(view="#view&layer=5&unit=4&rooms=network.sample.network", width=width)
    drawing = page.get_by_role("group", name="The network, layer by layer")
    drawing.get_by_role("button").nth(15).wait_for()
    assert drawing.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    unit = page.get_by_role("heading", name="Unit 4")
    unit.wait_for()
    panel = page.locator("[data-room=network]").bounding_box()
    page.wait_for_function(
        "(until) => document.getElementById('unit').getBoundingClientRect().top < until",
        arg=panel["y"] + panel["height"] - 30,
    )
    assert not page.evaluate(OVERFLOWING)


def test_everything_is_reached_by_keyboard(open_rooms):
    page = open_rooms()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.getAttribute('role') ?? document.activeElement.localName"
            )
        )
    assert {"tab", "tabpanel", "button", "select", "summary", "input"} <= reached
    page.locator("[data-room=network]").focus()
    page.keyboard.press("]")
    says(page, "layer=1")
    page.keyboard.press("2")
    page.locator("[data-room=findings]").wait_for()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").get_by_role("heading", name="How to get about").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
