"""What units of a deep Study want to see."""

import numpy as np
import pandas as pd
import pytest

from cutaway.data import InputTransform
from cutaway.diagnosis import unit_images
from cutaway.diagnosis.attacks import PixelRange
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.wanted import asked_units, layers_with_unit_images, unit_images_of
from cutaway.views.gallery import draw
from cutaway.views.report import render_report
from cutaway.views.report.sections.wanted import unit_images_section
from tests.study.conftest import small_network


def test_every_convolution_and_linear_layer_has_images_of_its_units(deep_study):
    held = layers_with_unit_images(deep_study)
    assert list(held) == ["0", "4", "6"]
    assert held["6"]["units"] == list(range(10))
    transform = InputTransform.from_dict(deep_study.record["transform"])
    expected = unit_images(
        small_network(), "4", held["4"]["units"], PixelRange.of(transform), (8, 8)
    )
    np.testing.assert_allclose(unit_images_of(deep_study, "4"), 255 * expected.images, atol=1.01)
    np.testing.assert_allclose(held["4"]["reached"], expected.reached, rtol=1e-4)


def test_dead_units_are_not_asked_unless_all_are_dead():
    units = pd.DataFrame({"unit": np.arange(40), "dead": np.arange(40) % 2 == 0})
    asked = asked_units(units, 32 * 32)
    assert len(asked) == 16
    assert {1, 39} <= set(asked)
    assert all(unit % 2 for unit in asked)
    assert len(asked_units(units, 224 * 224)) == 4
    assert asked_units(units.head(3).assign(dead=True), 64) == [0, 1, 2]


def test_what_is_not_there_is_named(deep_study, study):
    with pytest.raises(InputError, match="layer='1' has no images of units .* '4', '6'"):
        draw(deep_study, "unit_images", layer="1")
    with pytest.raises(InputError, match="holds no images of units; build it with deep=True"):
        draw(study, "unit_images")


def test_the_report_says_which_layers_were_left_out(deep_study, study):
    assert unit_images_section(study) == {"unit_images": None}
    record = deep_study.record["unit_images"]
    older = Study(deep_study.folder, {**deep_study.record, "unit_images": {"layers": {}}})
    assert unit_images_section(older) == {"unit_images": None}
    skipped = {**record, "layers": {}, "skipped": {"4": "it did not run"}}
    none = Study(deep_study.folder, {**deep_study.record, "unit_images": skipped})
    shown = unit_images_section(none)["unit_images"]
    assert shown == {"text": "Left out: it did not run.", "pictures": []}
    assert "Left out: it did not run." in render_report(none)
