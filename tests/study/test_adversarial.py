"""Attacks in a deep Study: what stands there equals a plain computation, and views cope without."""

import numpy as np
import pytest
import torch

from cutaway.data import InputTransform
from cutaway.diagnosis.attacks import PixelRange, deepfool
from cutaway.errors import InputError
from cutaway.study import build_study
from cutaway.study.adversarial import FEWEST, MOST, chosen_samples
from cutaway.study.attacked import (
    attacks_of,
    attempts,
    changed_activation,
    changed_image,
    changed_input,
    parting_of,
    was_attacked,
)
from cutaway.views.gallery import draw
from tests.study.conftest import small_network


def inputs_of(study, digits, rows):
    transform = InputTransform.from_dict(study.record["transform"])
    return transform(digits.tensor(rows)), PixelRange.of(transform)


def test_flip_distances_are_those_of_deepfool(deep_study, digits):
    inputs, pixels = inputs_of(deep_study, digits, [0, 5, 9])
    expected = deepfool(small_network(), inputs, pixels).distances
    found = deep_study.samples["flip_distance"]
    np.testing.assert_allclose(found[[0, 5, 9]], expected, rtol=1e-4)
    assert found.iloc[: len(digits)].notna().all()
    assert found.iloc[len(digits) :].isna().all()


def test_attempts_hold_the_smallest_rung_that_turned_each_sample(deep_study):
    table, record = attempts(deep_study), attacks_of(deep_study)
    assert set(table.columns) == {
        "id", "attack", "epsilon", "distance", "predicted", "confidence",
    }  # fmt: skip
    assert set(table["attack"]) == {"deepfool", "fgsm", "pgd-linf", "pgd-l2"}
    before = deep_study.samples["predicted"].to_numpy()[table["id"]]
    turned = table["distance"].notna().to_numpy()
    np.testing.assert_array_equal(turned, table["predicted"].to_numpy() != before)
    climbed = table[table["attack"] == "pgd-linf"]
    shares = [(climbed["epsilon"] <= rung).mean() for rung in record["epsilons"]]
    assert record["turned"]["pgd-linf"] == pytest.approx(shares)
    assert record["attacked"] == len(climbed) >= len(deep_study.kept)


def test_kept_samples_have_changed_images_and_what_layers_make_of_them(deep_study, digits):
    sample = deep_study.kept[0]
    changed = torch.from_numpy(changed_input(deep_study, sample))
    inputs, pixels = inputs_of(deep_study, digits, [sample])
    assert changed.shape == inputs[0].shape
    torch.testing.assert_close(pixels.clip(changed[None])[0], changed, rtol=0, atol=1e-6)
    with torch.no_grad():
        expected = small_network().eval()[:2](changed[None])[0]
    np.testing.assert_allclose(changed_activation(deep_study, "1", sample), expected, atol=1e-5)
    shown = changed_image(deep_study, sample).astype(float)
    assert shown.shape == deep_study.image(sample).shape
    width = pixels.high[0] - pixels.low[0]
    share = (changed.numpy().transpose(1, 2, 0) - pixels.low[0]) / width
    np.testing.assert_allclose(shown, 255 * share, atol=0.51)


def test_layers_part_as_far_as_their_kept_activations_say(deep_study):
    table = parting_of(deep_study)
    assert table["layer"].tolist() == deep_study.layers["layer"].tolist()
    assert (table[["distance", "noise"]] > 0).all(axis=None)
    part = attacks_of(deep_study)["parting"]
    assert part["layer"] == table["layer"][table["distance"].diff().idxmax()]


def test_the_findings_answer_whether_the_confident_are_the_robust(deep_study):
    found = {finding.kind: finding for finding in deep_study.findings}
    assert "rank correlation of" in found["sure and robust"].text
    assert "adversarial" in found


def test_a_study_that_is_not_deep_says_so(study):
    assert not was_attacked(study)
    assert "flip_distance" not in study.samples
    with pytest.raises(InputError, match=r"holds no attacks; build it with deep=True \(--deep\)"):
        draw(study, "robustness")


class Detached(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = small_network()

    def forward(self, images):
        return self.inner(images.detach())


def test_a_network_without_gradients_is_studied_and_says_what_was_left_out(digits, tmp_path):
    few = digits.select(np.arange(12))
    built = build_study(Detached(), few, tmp_path / "s", maps={"pca": "pixels"}, deep=True)
    assert not was_attacked(built)
    assert any("no gradient" in finding.text for finding in built.findings)
    with pytest.raises(InputError, match="No sample was attacked"):
        attempts(built)
    assert "No sample was attacked" in built.report(tmp_path / "report.html").read_text()


def test_large_images_are_attacked_less():
    few = chosen_samples(10_000, 224 * 224, np.array([3, 9_998]))
    assert FEWEST <= len(few) <= FEWEST + 2
    assert {3, 9_998} <= set(few.tolist())
    assert (np.diff(few) > 0).all()
    assert len(chosen_samples(10_000, 28 * 28, np.array([0]))) == MOST
    assert len(chosen_samples(7, 28 * 28, np.array([0]))) == 7
