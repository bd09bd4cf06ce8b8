"""What a deep Study holds of a sample in Chromium: attribution and the adversarial twin."""

import numpy as np
import pytest

from tests.browser.explorer_doors import opened_doors
from tests.study.conftest import small_network

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    from cutaway import build_study, load_data

    few = load_data("digits").select(np.arange(0, 30))
    path = tmp_path_factory.mktemp("deep") / "digits.study"
    return build_study(small_network(), few, path, maps={"pca": "pixels"}, deep=True)


@pytest.fixture(scope="module")
def addresses(deep, tmp_path_factory):
    with opened_doors(deep, tmp_path_factory.mktemp("offline")) as addresses:
        yield addresses


@pytest.mark.parametrize("door", ["live", "offline"])
def test_a_sample_shows_what_its_prediction_rests_on_and_its_twin(browser, addresses, deep, door):
    sample = deep.kept[0]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{addresses[door]}#view&sample={sample}&rooms=network.sample.sample")
    room = page.locator("[data-room=sample]")
    method = room.get_by_role("combobox", name="Method")
    said = [option.inner_text() for option in method.locator("option").all()]
    assert said == ["Grad-CAM", "Integrated gradients", "Occlusion"]
    for name in said:
        method.select_option(label=name)
        room.get_by_role("img", name=f"Attribution of sample {sample} by {name}").wait_for()
    room.get_by_role("img", name=f"The adversarial twin of sample {sample}").wait_for()
    twins = room.get_by_role("table").filter(has_text="Attack")
    rows = [row.inner_text().split("\t") for row in twins.locator("tbody tr").all()]
    changes = [float(row[1].replace("−", "-").replace("∞", "inf")) for row in rows]
    assert changes == sorted(changes)
    assert rows
    assert {row[0] for row in rows} <= {"FGSM", "PGD, L∞", "PGD, L2", "DeepFool"}
    assert complaints == []
    page.close()


def test_a_sample_that_is_not_kept_says_so(browser, addresses, deep):
    stranger = next(i for i in range(30) if i not in deep.kept)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{addresses['live']}#view&sample={stranger}&rooms=network.sample.sample")
    room = page.locator("[data-room=sample]")
    room.get_by_text(f"Attribution is kept of {len(deep.kept)} telling samples").wait_for()
    page.close()
