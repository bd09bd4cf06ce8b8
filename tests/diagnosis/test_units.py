"""The table of units: dead, saturated, most moving samples."""

from dataclasses import replace

import numpy as np

from cutaway.activations import LayerStatistics
from cutaway.diagnosis import unit_table


def statistics(kind, mean, minimum, maximum):
    units = len(mean)
    return LayerStatistics(
        address=kind.lower(),
        type=kind,
        shape=(units,),
        parameters=0,
        count=10,
        mean=np.array(mean),
        var=np.ones(units),
        minimum=np.array(minimum, dtype=np.float64),
        maximum=np.array(maximum, dtype=np.float64),
        active=np.full(units, 0.5),
        live=np.full(units, 0.5),
        top_values=np.array([[2.0, 1.0, -np.inf]] * units, dtype=np.float64),
        nonfinite=np.zeros(units, dtype=np.int64),
        top_ids=np.array([[4, 2, -1]] * units),
        top_positions=np.zeros((units, 3), dtype=np.int64),
        histogram=np.tile(np.arange(32), (units, 1)),
        histogram_low=np.full(units, -1.0),
        histogram_high=np.full(units, 3.0),
    )


def test_a_unit_that_never_changes_is_dead():
    table = unit_table({"relu": statistics("ReLU", [0.0, 0.3], [0.0, 0.0], [0.0, 2.0])})
    assert table["dead"].tolist() == [True, False]
    assert table["unit"].tolist() == [0, 1]
    assert table["layer"].unique().tolist() == ["relu"]


def test_saturation_counts_for_bounded_functions_only():
    layers = {
        "sigmoid": statistics("Sigmoid", [0.99, 0.5, 0.01], [0, 0, 0], [1, 1, 1]),
        "tanh": statistics("Tanh", [-0.99, 0.0], [-1, -1], [1, 1]),
        "relu6": statistics("ReLU6", [0.01, 5.9], [0, 0], [6, 6]),
        "linear": statistics("Linear", [0.99], [0], [1]),
    }
    found = unit_table(layers).groupby("layer", sort=False)["saturated"].agg(list).to_dict()
    assert found == {
        "sigmoid": [True, False, True],
        "tanh": [True, False],
        "relu6": [False, True],
        "linear": [False],
    }


def test_a_unit_that_jumps_between_its_bounds_is_saturated():
    tanh = statistics("Tanh", [0.0, 0.0], [-1, -1], [1, 1])
    counts = np.zeros((2, 32), dtype=np.int64)
    counts[0, [0, 31]] = 48
    counts[0, 16] = 4
    counts[1] = 3
    spread = replace(
        tanh, histogram=counts, histogram_low=np.full(2, -1.0), histogram_high=np.full(2, 1.0)
    )
    assert unit_table({"tanh": spread})["saturated"].tolist() == [True, False]


def test_a_unit_that_hardly_changes_is_near_constant_and_a_dead_one_is_not():
    layer = statistics("ReLU", [1.0, 1.0, 1.0, 0.0], [0, 0, 0, 0], [2, 2, 2, 0])
    table = unit_table({"relu": replace(layer, var=np.array([1.0, 2.0, 1e-5, 0.0]))})
    assert table["near_constant"].tolist() == [False, False, True, False]


def test_a_dead_unit_is_not_called_saturated():
    table = unit_table({"sigmoid": statistics("Sigmoid", [1.0], [1.0], [1.0])})
    assert table["dead"].item()
    assert not table["saturated"].item()


def test_missing_top_samples_are_left_out():
    table = unit_table({"relu": statistics("ReLU", [1.0], [0.0], [2.0])})
    assert table["top"].item() == [4, 2]
    assert table["top_positions"].item() == [0, 0]


def test_each_unit_has_its_histogram():
    table = unit_table({"relu": statistics("ReLU", [1.0, 2.0], [0.0, 0.0], [2.0, 2.0])})
    assert table["histogram"].tolist() == [list(range(32))] * 2
    assert table[["histogram_low", "histogram_high"]].to_numpy().tolist() == [[-1.0, 3.0]] * 2


def test_no_layers_give_an_empty_table():
    assert list(unit_table({}).columns)[:3] == ["layer", "unit", "mean"]
