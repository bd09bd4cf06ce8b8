"""What a deep Study says of images without a cue, and of calibration, against plain loops."""

import numpy as np
import pytest
import torch

from cutaway.data import InputTransform
from cutaway.diagnosis.cues import CUES, altered
from tests.study.conftest import small_network


def test_a_row_a_strength_holds_what_the_network_makes_of_images_changed_so(deep_study, digits):
    table = deep_study.cues
    tried = [(cue, strength) for cue, (_, levels) in CUES.items() for strength in levels]
    assert list(zip(table["cue"], table["strength"], strict=True)) == [
        pair for pair in tried if pair[0] != "grey"
    ]
    network = small_network().eval()
    transform = InputTransform.from_dict(deep_study.record["transform"])
    labels, images = digits.labels, digits.tensor()
    with torch.no_grad():
        whole = network(transform(images)).argmax(dim=1).numpy()
        for row in table[table["cue"] != "patch shuffle"].itertuples():
            alone = [altered(image[None], row.cue, row.strength) for image in images]
            found = network(transform(torch.cat(alone))).argmax(dim=1).numpy()
            assert row.accuracy == pytest.approx(np.mean(found == labels))
            assert row.changed == pytest.approx(np.mean(found != whole))
    untouched = table[table["strength"] == 0]
    assert (untouched["changed"] == 0).all()
    assert untouched["accuracy"].nunique() == 1


def test_calibration_is_that_of_the_data_without_the_reference(study):
    own = study.studied
    gap, right = 0.0, own["label"] == own["predicted"]
    bins = np.ceil(own["confidence"].to_numpy(np.float64) * 15)
    for number in np.unique(bins):
        chosen = bins == number
        apart = right[chosen].mean() - own.loc[chosen, "confidence"].mean()
        gap += chosen.mean() * abs(apart)
    assert study.calibration["error"] == pytest.approx(gap, abs=1e-6)
    assert study.calibration["accuracy"] == pytest.approx(right.mean())
    assert sum(each["count"] for each in study.calibration["bins"]) == len(own) < len(study.samples)
