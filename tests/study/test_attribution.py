"""Attributions in a deep Study, and what is left out is said."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import InputTransform
from cutaway.diagnosis.attribution import attribute
from cutaway.errors import InputError
from cutaway.study import build_study
from cutaway.study.attribution import attribution_of, attributions_of, was_attributed
from cutaway.views.gallery import draw
from tests.study.conftest import small_network


def test_kept_samples_have_attributions_of_what_was_predicted(deep_study, digits):
    record = attributions_of(deep_study)
    assert (record["layer"], record["skipped"]) == ("0", {})
    sample = deep_study.kept[1]
    transform = InputTransform.from_dict(deep_study.record["transform"])
    inputs = transform(digits.tensor([sample]))
    target = torch.tensor([int(deep_study.samples["predicted"][sample])])
    for method in record["methods"]:
        expected = attribute(small_network(), inputs, target, method)[0]
        found = attribution_of(deep_study, method, sample)
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert -1 <= record["sanity"][method] <= 1
    assert len(record["methods"]) == 3


def test_what_is_not_there_is_named(deep_study, study):
    with pytest.raises(InputError, match=r"attribution 'lime' is not in this Study; expected one"):
        attribution_of(deep_study, "lime", deep_study.kept[0])
    stranger = next(i for i in range(350) if i not in deep_study.kept)
    with pytest.raises(InputError, match=r"sample=\d+ was not kept whole"):
        draw(deep_study, "attribution", sample=stranger)
    with pytest.raises(InputError, match="holds no attributions; build it with deep=True"):
        draw(study, "attribution")


def test_without_captum_a_deep_study_says_what_was_left_out(digits, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "captum"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "captum", None)
    few = digits.select(np.arange(12))
    built = build_study(small_network(), few, tmp_path / "s", maps={"pca": "pixels"}, deep=True)
    assert not was_attributed(built)
    assert any("pip install 'cutaway[attribution]'" in f.text for f in built.findings)
    page = built.report(tmp_path / "report.html").read_text()
    assert "No prediction was attributed to pixels" in page


def test_a_network_without_places_has_the_other_two(digits, tmp_path):
    few = digits.select(np.arange(12))
    flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    built = build_study(flat, few, tmp_path / "s", maps={"pca": "pixels"}, deep=True)
    record = attributions_of(built)
    assert record["methods"] == ["integrated-gradients", "occlusion"]
    assert record["layer"] is None
    assert "Grad-CAM needs a layer that keeps places" in record["skipped"]["grad-cam"]
    assert built.report(tmp_path / "report.html").is_file()
