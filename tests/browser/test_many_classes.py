"""More classes than there are colours: the key, the map, filters and confusions, by each door."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.browser.test_map import DOORS, stands, status
from tests.browser.test_rooms import AXE, axe

pytestmark = pytest.mark.browser
CLASSES = 60
PER_CLASS = 4
TURNED = "عنكبوت أسود"
COLOURED = """(canvas) => {
  const { width, height } = canvas;
  const sheet = new OffscreenCanvas(width, height).getContext("2d");
  sheet.drawImage(canvas, 0, 0);
  const { data } = sheet.getImageData(0, 0, width, height);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const colour = data.slice(i, i + 3);
    coloured += data[i + 3] > 150 && Math.max(...colour) - Math.min(...colour) > 40;
  }
  return coloured;
}"""


def class_names():
    """Two classes of one name, as ImageNet's cranes, and some that turn the order of writing."""
    names = [f"animal {number}" for number in range(CLASSES)]
    names[7] = names[50] = "crane"
    names[20] = TURNED
    names[21] = "back\u202ewards"
    return tuple(names)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    from cutaway import Images, build_study

    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), PER_CLASS)
    own = random.integers(0, 256, (CLASSES, 8, 8, 1))
    pixels = np.clip(own[labels] + random.normal(0, 8, (len(labels), 8, 8, 1)), 0, 255)
    sources = tuple(f"{number}.png" for number in range(len(labels)))
    images = Images(pixels.astype(np.uint8), labels, class_names(), "zoo", "test", sources)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, CLASSES))
    path = tmp_path_factory.mktemp("many") / "zoo.study"
    return build_study(network, images, path, maps={"tsne": "pixels"})


@pytest.fixture(scope="module")
def addresses(many, tmp_path_factory):
    from cutaway.views.server import serve

    report = many.report(tmp_path_factory.mktemp("offline") / "report.html")
    with serve(many) as serving:
        yield {"live": serving.url, "offline": report.as_uri()}


@pytest.fixture
def open_many(browser, addresses, many, request):
    closing = []

    def open_at(door, view="view"):
        if door == "notebook":
            notebook = request.getfixturevalue("notebook")
            another = notebook.opened(many, "Sequential on zoo")
            another.__enter__()
            closing.append(lambda: another.__exit__(None, None, None))
            notebook.go(view)
            return notebook
        context = browser.new_context(viewport={"width": 1500, "height": 900})
        closing.append(context.close)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{addresses[door]}#{view}")
        page.wait_for_selector("[data-ready]")
        return page

    yield open_at
    for close in closing:
        close()


@pytest.mark.parametrize("door", DOORS)
def test_a_class_is_found_in_the_key_set_off_and_shown_alone(open_many, door):
    page = open_many(door)
    key = page.get_by_role("region", name="Key: Label")
    key.get_by_label("Find a class in the key").fill("crane")
    assert key.get_by_role("button").all_inner_texts() == [
        "crane (class 7)\n4",
        "crane (class 50)\n4",
    ]
    stands(page)
    canvas = page.locator(".points canvas")
    before = canvas.evaluate(COLOURED)
    one = key.get_by_role("button", name="crane (class 50)")
    one.hover()
    page.locator(".frame[data-outstanding='4'][data-whole='true']").wait_for()
    assert 0 < canvas.evaluate(COLOURED) < before / 4
    one.click()
    page.get_by_role("button", name="Remove the filter Label: crane (class 50)").wait_for()
    assert status(page).startswith(f"{PER_CLASS} of {CLASSES * PER_CLASS} samples")
    assert page.complaints == []


def test_the_key_is_one_stop_of_the_tab_key(open_many):
    page = open_many("live")
    key = page.get_by_role("region", name="Key: Label")
    key.get_by_role("button").first.wait_for()
    assert key.locator("button[tabindex='0']").count() == 1
    key.get_by_label("Find a class in the key").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.locator(".frame[data-outstanding='4']").wait_for()
    assert page.evaluate("document.activeElement.innerText").startswith("animal 1")


@pytest.mark.parametrize("door", DOORS)
def test_confusions_are_searched_and_their_samples_gone_through(open_many, door):
    page = open_many(door, "view&rooms=diagnosis.sample.diagnosis")
    room = page.locator("[data-room=diagnosis]")
    room.get_by_role("button", name="Show 30 more").wait_for()
    room.get_by_label("Find a class among the confusions").fill("animal 33")
    assert room.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    room.locator(".pair").filter(has_text="animal 33 taken for").first.click()
    # Where there is room for one panel only, it stays with the reader.
    page.get_by_role("tab", name="Sample").click()
    sample = page.locator("[data-room=sample]")
    sample.get_by_text("is animal 33", exact=True).wait_for()
    page.get_by_role("tab", name="Diagnosis").click()
    room.get_by_role("grid", name="Classes").get_by_text("animal 2", exact=True).click()
    page.get_by_role("tab", name="Sample").click()
    sample.get_by_text(f"1 of {PER_CLASS} selected").wait_for()
    sample.get_by_role("button", name="The next selected sample").click()
    sample.get_by_text(f"2 of {PER_CLASS} selected").wait_for()
    assert page.complaints == []


@pytest.mark.parametrize("door", DOORS)
def test_a_name_cannot_turn_the_words_beside_it(open_many, door):
    page = open_many(door, f"view&sample={20 * PER_CLASS}&rooms=diagnosis.sample.sample")
    page.get_by_text(f"is \u2068{TURNED}\u2069", exact=True).wait_for()
    page.get_by_label("Compare with no.").fill(str(21 * PER_CLASS))
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("is back wards", exact=True).wait_for()
    assert page.complaints == []


def test_without_outputs_the_prediction_still_says_how_sure_it_is(open_many, many):
    page = open_many("live")
    absent = {"status": 404, "json": {"detail": "No outputs here."}}
    page.route("**/api/outputs**", lambda route: route.fulfill(**absent))
    page.evaluate("location.hash = 'view&sample=5'")
    bars = page.get_by_role("list", name="Confidence of the prediction")
    bars.wait_for()
    row = many.samples.iloc[5]
    sure = f"{many.class_names[row['predicted']]}\n{row['confidence']:.1%}"
    assert bars.get_by_role("listitem").all_inner_texts() == [sure]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_classes_are_searched(open_many, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    page = open_many("live", f"view&theme={scheme}&rooms=diagnosis.selection.diagnosis")
    page.get_by_label("Find a class in the key").fill("animal 1")
    page.get_by_label("Find a class among the confusions").fill("animal 3")
    page.locator(".map").get_by_text("Filter", exact=True).click()
    page.get_by_label("Find among Label").fill("crane")
    page.get_by_label("crane (class 7)", exact=True).check()
    page.get_by_role("button", name="Remove the filter Label: crane (class 7)").wait_for()
    page.evaluate(AXE.read_text("utf-8"))
    assert axe(page) == []
