"""What gallery and report show of predictions and cues, and how findings lead there."""

import ast
from pathlib import Path

import numpy as np
import pytest
from torch import nn

import cutaway
from cutaway.data.transform import InputTransform
from cutaway.diagnosis import Finding
from cutaway.errors import InputError
from cutaway.study import build_study
from cutaway.study.study import Study
from cutaway.views.gallery import FIGURES, draw
from cutaway.views.gallery.cues import examples
from cutaway.views.report import _SECTIONS, render_report
from cutaway.views.report.sections.confusion import confusion_part
from cutaway.views.report.sections.cues import cues_section
from cutaway.views.report.sections.findings import _OF_KIND, _WHERE, links_of
from cutaway.views.report.sections.predictions import predictions_section

RULES = Path(cutaway.__file__).parent / "diagnosis" / "rules"


@pytest.fixture(scope="module")
def unlabelled(digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("unlabelled") / "digits.study"
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    images = digits.select(np.arange(40)).pixels[..., 0]
    return build_study(network, images, path, maps={})


def test_predictions_stand_by_how_sure_and_how_right_they_are(study):
    shown = predictions_section(study)["predictions"]
    assert [group["anchor"] for group in shown["groups"]] == [
        "surest-right",
        "least-sure",
        "surest-wrong",
    ]
    for group in shown["groups"]:
        assert group["samples"][0].note.startswith("margin ")
        assert group["case"] is None or group["case"].sample in study.kept
    least = shown["groups"][1]["samples"][0].sample
    assert study.studied["confidence"].idxmin() == least
    assert "expected calibration error" in shown["certainty"]["text"]
    names = [picture.anchor for picture in shown["certainty"]["pictures"]]
    assert names == ["figure-calibration", "figure-sureness"]


def test_without_labels_predictions_are_shown_by_how_sure_they_are(unlabelled):
    shown = predictions_section(unlabelled)["predictions"]
    assert [group["title"] for group in shown["groups"]] == [
        "Surest predictions",
        "Least sure predictions",
    ]
    assert shown["confusion"] is None
    assert shown["suspected"] is None


def test_cues_are_told_in_words_and_shown_on_an_image(deep_study, study):
    assert cues_section(study) == {"cues": None}
    shown = cues_section(deep_study)["cues"]
    assert [name for name, *_ in shown["done"]] == [
        "blur",
        "high-pass",
        "patch shuffle",
        "silhouette",
    ]
    assert shown["text"]
    sample = deep_study.kept[0]
    images = examples(deep_study, deep_study.cues, sample)
    np.testing.assert_array_equal(images["blur"][0], deep_study.image(sample))
    assert len(images["patch shuffle"]) == (deep_study.cues["cue"] == "patch shuffle").sum()


def test_every_figure_has_its_place_in_the_report():
    assert set(_WHERE) == set(FIGURES)
    assert {anchor for anchor, _ in _WHERE.values()} <= {anchor for anchor, _ in _SECTIONS}


def test_every_kind_of_finding_leads_to_its_evidence():
    calls = [
        node
        for file in RULES.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
    ]
    assert len(calls) > 30
    for call in calls:
        words = [each.value for each in ast.walk(call) if isinstance(each, ast.Constant)]
        known = set(words) & (set(_WHERE) | set(_OF_KIND) | {"left out"})
        assert known, f"a finding at line {call.lineno} leads nowhere: {words[:2]}"


def test_links_name_the_layer_first_and_the_section_last():
    finding = Finding("duplicate filters", "", "", "filters", "conv/1")
    anchors = [anchor for anchor, _ in links_of(finding)]
    assert anchors == ["figure-filters-conv%2F1", "figure-filters", "filters"]
    left_out = Finding("left out", "No sample was attacked", "")
    assert links_of(left_out) == [("robustness", "robustness")]


def test_the_links_of_findings_lead_somewhere(deep_study):
    page = render_report(deep_study)
    rows = page.split('<ol class="findings">')[1].split("</ol>")[0].split("<li class=")[1:]
    rows = [row for row in rows if "data-finding" in row]
    assert len(rows) == len(deep_study.findings)
    for row in rows:
        anchor = row.split('<a href="#')[1].split('"')[0]
        assert f'id="{anchor}"' in page


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("confusion", {"sample": 3}, "figure 'confusion' takes no sample"),
        ("gradients", {"point": (0, 0)}, "takes no point"),
        ("beside_means", {"layer": "0"}, "it takes sample"),
        ("beside_means", {"sample": 349}, "sample=349 was not kept"),
        ("filters", {"layer": "0", "unit": 6}, "none of the 6 units of 0; expected 0 to 5"),
        ("top_images", {"layer": "0", "unit": -1}, "unit=-1 is none of the 6 units"),
        ("feature_maps", {"layer": "0", "point": (6, 0)}, "within 6 × 6"),
        ("feature_maps", {"layer": "4"}, "'4' puts out no maps"),
        ("feature_maps_over_image", {"layer": "0", "point": (0, 9)}, "no position"),
        ("feature_maps_over_image", {"layer": "0", "unit": 9}, "none of the 6 units"),
    ],
)
def test_what_a_figure_cannot_show_is_said(study, name, options, message):
    with pytest.raises(InputError, match=message):
        draw(study, name, **options)


def test_a_unit_and_a_point_are_shown_alone(study):
    one = draw(study, "feature_maps", layer="0", unit=2, point=(1, 3))
    image, mosaic = one.axes
    assert mosaic.images[0].get_array().shape[:2] == (6, 6)
    assert [frame.get_width() for frame in image.patches] == [3, 3]
    assert len(draw(study, "top_images", layer="0", unit=2).axes) in {1, 2}
    assert draw(study, "filters", layer="0", unit=2).axes
    assert draw(study, "feature_maps_over_image", layer="0", unit=2, point=(1, 3)).axes


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Study:
    """A hundred classes, of which neighbours are told apart badly."""
    random = np.random.default_rng(0)
    labels = np.arange(400) % 100
    images = np.zeros((400, 10, 10), dtype=np.uint8)
    images[np.arange(400), labels // 10, labels % 10] = 255
    images = np.clip(images + random.normal(0, 40, images.shape), 0, 255).astype(np.uint8)
    network = nn.Sequential(nn.Flatten(), nn.Linear(100, 100, bias=False))
    weights = np.eye(100) + 0.7 * np.eye(100, k=1)
    network[1].weight.data[:] = network[1].weight.new_tensor(weights)
    path = tmp_path_factory.mktemp("many") / "many.study"
    transform = InputTransform(size=10, mean=(0.0,), std=(1.0,), channels=1)
    return build_study(network, (images, labels), path, transform=transform, maps={})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_hundred_classes_are_readable(many, theme):
    drawn = draw(many, "confusion", theme=theme)
    assert len(drawn.axes) == 2
    listed = [text.get_text() for text in drawn.texts if " taken for " in text.get_text()]
    assert listed
    shown = confusion_part(many)["confusion"]
    first = shown["pairs"][0]
    assert f"{first['label']} taken for {first['predicted']}: {first['count']}" in listed
    assert 'id="figure-confusion"' in render_report(many)
