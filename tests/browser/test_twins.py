"""What a deep Study holds of a sample, by each door: attribution and the adversarial twin."""

import numpy as np
import pytest

from tests.browser.test_rooms import DOORS, says
from tests.study.conftest import small_network

pytestmark = pytest.mark.browser
WIDE = {"width": 1280, "height": 900}
KINDS = {"FGSM", "PGD, L∞", "PGD, L2", "DeepFool"}


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    from cutaway import build_study, load_data

    few = load_data("digits").select(np.arange(0, 30))
    path = tmp_path_factory.mktemp("deep") / "digits.study"
    return build_study(small_network(), few, path, maps={"pca": "pixels"}, deep=True)


@pytest.fixture(scope="module")
def addresses(deep, tmp_path_factory):
    """The live page, and the report that a user is given."""
    from cutaway.views.server import serve

    report = deep.report(tmp_path_factory.mktemp("offline") / "report.html")
    with serve(deep) as serving:
        yield {"live": serving.url, "offline": report.as_uri()}


@pytest.fixture
def open_deep(browser, addresses, deep, request):
    """Opens the explorer of the deep Study at a view, in the words of a page."""
    closing = []

    def open_at(door, view):
        if door == "notebook":
            notebook = request.getfixturevalue("notebook")
            another = notebook.opened(deep, "Sequential on digits")
            another.__enter__()
            closing.append(lambda: another.__exit__(None, None, None))
            notebook.go(view)
            return notebook
        context = browser.new_context(viewport=WIDE, offline=door == "offline")
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
def test_a_sample_shows_what_its_prediction_rests_on(open_deep, deep, door):
    sample = deep.kept[0]
    page = open_deep(door, f"view&sample={sample}&rooms=network.sample.sample")
    room = page.locator("[data-room=sample]")
    method = room.get_by_role("combobox", name="Method")
    method.wait_for()
    said = [option.inner_text() for option in method.locator("option").all()]
    assert said == ["Grad-CAM", "Integrated gradients", "Occlusion"]
    for name in said:
        method.select_option(label=name)
        room.get_by_role("img", name=f"Attribution of sample {sample} by {name}").wait_for()
    assert page.complaints == []


@pytest.mark.parametrize("door", DOORS)
def test_a_sample_shows_its_adversarial_twin(open_deep, deep, door):
    sample = deep.kept[0]
    page = open_deep(door, f"view&sample={sample}&rooms=network.sample.sample")
    room = page.locator("[data-room=sample]")
    room.get_by_role("img", name=f"The adversarial twin of sample {sample}").wait_for()
    twins = room.get_by_role("table").filter(has_text="Attack")
    rows = [row.inner_text().split("\t") for row in twins.locator("tbody tr").all()]
    changes = [float(row[1].replace("−", "-").replace("∞", "inf")) for row in rows]
    assert changes == sorted(changes)
    assert rows
    assert {row[0] for row in rows} <= KINDS
    assert page.complaints == []


@pytest.mark.parametrize("door", DOORS)
def test_a_sample_that_is_not_kept_says_so_and_leads_to_one_that_is(open_deep, deep, door):
    stranger = next(i for i in range(30) if i not in deep.kept)
    page = open_deep(door, f"view&sample={stranger}&rooms=network.sample.sample")
    room = page.locator("[data-room=sample]")
    room.get_by_text(f"Attribution is kept of {len(deep.kept)} telling samples").wait_for()
    room.get_by_role("group", name=f"Nearest to sample {stranger} at pixels").wait_for()
    group = room.get_by_role("group", name="Samples that it is kept of").first
    group.get_by_role("button", name=f"Sample {deep.kept[0]},").click()
    says(page, f"sample={deep.kept[0]}")
    room.get_by_role("img", name=f"The adversarial twin of sample {deep.kept[0]}").wait_for()
    assert page.complaints == []
