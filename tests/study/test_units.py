"""What a build says of units: copies, class detectors, filters' effects, places in images."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from cutaway.activations import capture, evaluating
from cutaway.data import InputTransform
from cutaway.study.plan import make_plan
from cutaway.study.probe import probe_batches, probed_samples
from cutaway.study.receptive import read_fields
from cutaway.study.units import describe_units


@pytest.fixture(scope="session")
def units(study):
    return study.units.set_index(["layer", "unit"])


def test_every_unit_and_layer_has_the_new_columns(study):
    assert {
        "near_constant",
        "duplicate_of",
        "selectivity",
        "selective_class",
        "effect",
        "top_places",
    } <= set(study.units)
    assert {"in_use", "directions", "receptive_field"} <= set(study.layers)
    assert study.units["selectivity"].between(0, 1).all()
    assert study.layers["in_use"].dropna().between(0, 1).all()


def test_only_convolutions_have_effects(study):
    named = study.units[study.units["effect"] != ""]
    assert named["layer"].unique().tolist() == ["0"]
    assert len(named) == 6


def test_layers_know_how_far_they_see(study):
    sides = study.layers.set_index("layer")["receptive_field"].to_dict()
    assert sides == {"pixels": 1, "0": 3, "1": 3, "2": 4, "3": 8, "4": 8, "5": 8, "6": 8}


def test_use_is_that_of_the_features_of_vectors(study):
    rows = np.array(study.features("5"), dtype=np.float64)
    values = np.linalg.eigvalsh(np.cov(rows, rowvar=False)).clip(min=0)
    shares = values[values > values.max() * 1e-7] / values.sum()
    expected = np.exp(-(shares * np.log(shares)).sum()) / 16
    found = study.layers.set_index("layer").loc["5", "in_use"]
    assert found == pytest.approx(expected, rel=1e-3)


def test_top_places_hold_what_moves_the_unit(study, digits, training_digits, units):
    """Outside of its places an image may be anything, and the unit still answers as it did."""
    from tests.study.conftest import small_network

    model = small_network().eval()
    transform = InputTransform.from_dict(study.record["transform"])
    images = digits.join(training_digits)
    row = units.loc[("2", 4)]
    assert len(row["top_places"]) == 4 * len(row["top"]) == 36
    for sample, box in zip(row["top"], np.reshape(row["top_places"], (-1, 4)), strict=True):
        top, left, bottom, right = box
        inputs = transform(images.tensor(np.array([sample])))
        other = torch.randn_like(inputs) * 0
        other[..., top:bottom, left:right] = inputs[..., top:bottom, left:right]
        with evaluating(model, torch.device("cpu")), capture(model, "2") as acts:
            model(other)
        assert float(acts["2"][0, 4].max()) >= row["max"] * 0 + _highest(model, inputs) - 1e-5


def _highest(model, inputs):
    with evaluating(model, torch.device("cpu")), capture(model, "2") as acts:
        model(inputs)
    return float(acts["2"][0, 4].max())


def test_fields_are_kept_for_the_views(study):
    (height, width), fields = read_fields(study.folder)
    assert (height, width) == (8, 8)
    assert fields["2"].box(4) == (2, 2, 6, 6)


def test_copies_of_filters_and_units_are_found(digits, tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(180, 6), nn.Linear(6, 10)
    )
    with torch.no_grad():
        model[0].weight[3] = 2 * model[0].weight[1]
        model[0].bias[3] = 0.1
        model[3].weight[4] = model[3].weight[0]
    built = _tables(model, digits, tmp_path)
    units = built.set_index(["layer", "unit"])["duplicate_of"]
    assert units["0"].tolist() == [-1, -1, -1, 1, -1]
    assert units["3"].tolist() == [-1, -1, -1, -1, 0, -1]


def _tables(model, digits, folder):
    from cutaway.study.activations import collect_activations, write_filters

    plan = make_plan(model, digits, None, None, None, None, None, 0, "cpu")
    collect_activations(plan, folder)
    write_filters(plan, folder)
    describe_units(plan, folder)
    once = pd.read_parquet(folder / "units.parquet")
    describe_units(plan, folder)  # as after a kill within the stage
    pd.testing.assert_frame_equal(once, pd.read_parquet(folder / "units.parquet"))
    return once


def test_probed_samples_spread_over_the_data_or_what_was_learned(digits, training_digits, tmp_path):
    from tests.study.conftest import small_network

    plan = make_plan(small_network(), digits, training_digits, None, None, None, None, 0, "cpu")
    assert probed_samples(plan, count=3).tolist() == [0, 174, 349]
    assert probed_samples(plan, learned=True, count=3).tolist() == [150, 249, 349]
    assert len(probed_samples(plan)) == 128
    pd.DataFrame({"layer": ["pixels", "0"], "shape": [[1, 8, 8], [5_000_000]]}).to_parquet(
        tmp_path / "layers.parquet"
    )
    sizes = [len(rows) for rows, _ in probe_batches(plan, tmp_path, np.arange(25))]
    assert sizes == [10, 10, 5]


def test_a_wide_layer_of_few_directions_is_measured_on_few_samples(digits, tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 4), nn.Linear(4, 400), nn.Linear(400, 10))
    _tables(model, digits, tmp_path)
    layers = pd.read_parquet(tmp_path / "layers.parquet").set_index("layer")
    assert layers.loc["2", "directions"] <= 4
    assert layers.loc["2", "in_use"] < 0.01
