"""What the network makes of images that are read otherwise, sample by sample."""

from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from cutaway.data import InputTransform
from cutaway.diagnosis.readings import READINGS
from cutaway.study import build_study
from cutaway.study.edge_spots import read_edge_spots
from cutaway.study.readings import FIRST, read_readings
from tests.study.conftest import small_network


def test_a_row_a_reading_counts_what_is_right_only_with_it_and_only_without(study, digits):
    table = read_readings(study.folder)
    assert table["reading"].tolist() == list(READINGS)[1:]  # grey has no red and blue
    rows = np.random.default_rng(0).permutation(len(digits))
    network = small_network().eval()
    transform = InputTransform.from_dict(study.record["transform"])
    for row in table.itertuples():
        assert row.samples in {FIRST, len(digits)}
        counts = {"right": 0, "gained": 0, "lost": 0}
        for sample in rows[: row.samples]:
            image, label = digits.tensor([sample]), digits.labels[sample]
            with torch.no_grad():
                as_is, otherwise = (
                    int(network(transform(each)).argmax()) == label
                    for each in (image, READINGS[row.reading](image))
                )
            counts["right"] += as_is
            counts["gained"] += otherwise and not as_is
            counts["lost"] += as_is and not otherwise
        assert counts == {name: getattr(row, name) for name in counts}


def test_nothing_is_tried_without_labels(digits, tmp_path):
    bare = replace(digits.select(np.arange(20)), labels=None)
    made = build_study(small_network(), bare, tmp_path / "study", maps={"pca": "pixels"})
    assert read_readings(made.folder) is None
    assert read_edge_spots(made.folder) == {}


def test_a_spot_of_larger_images_stands_in_their_own_pixels(digits, tmp_path):
    labels = np.arange(120) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (120, 96, 96, 1), dtype=np.uint8)
    pixels[:, 90:, :6] = (90 * labels)[:, None, None, None]
    network = torch.nn.Sequential(
        torch.nn.AvgPool2d(6), torch.nn.Flatten(), torch.nn.Linear(256, 3)
    )
    with torch.no_grad():  # it looks at nothing but that corner
        network[2].weight.zero_()
        network[2].weight[:, 240] = torch.tensor([-1.0, 0.0, 1.0])
        network[2].bias.copy_(torch.tensor([0.0, 0.17, 0.0]))
    transform = InputTransform(size=(96, 96), mean=(0.35,), std=(1.0,), channels=1)
    made = build_study(
        network, (pixels, labels), tmp_path / "study", transform=transform,
        maps={"pca": "pixels"},
    )  # fmt: skip
    (spot,) = read_edge_spots(made.folder).values()
    assert spot["row"] >= 90
    assert spot["column"] < 6
    assert (spot["accuracy"], spot["right"]) == (1.0, 1.0)
    assert spot["painted"] < 0.5
    assert isinstance(read_readings(made.folder), pd.DataFrame | None)
