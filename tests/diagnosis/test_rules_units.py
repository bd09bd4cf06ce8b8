"""Rules on units, width and gradients: each finds its fault and leaves a healthy layer alone."""

import numpy as np
import pandas as pd
import pytest

from cutaway.diagnosis import Evidence
from cutaway.diagnosis.rules import gradients, units


def evidence(layers=(), table=None, norms=None, in_use=None, **columns):
    """Layers are pairs of type and width; columns say which units of the first are concerned."""
    rows = [(str(number), kind, width) for number, (kind, width) in enumerate(layers)]
    frames = [
        pd.DataFrame(
            {
                "layer": name,
                "unit": np.arange(width),
                "saturated": False,
                "near_constant": False,
                "duplicate_of": -1,
                **(columns if not number else {}),
            }
        )
        for number, (name, _, width) in enumerate(rows)
    ]
    return Evidence(
        summary={},
        samples=pd.DataFrame(),
        layers=pd.DataFrame(
            {
                "layer": [name for name, *_ in rows],
                "type": [kind for _, kind, _ in rows],
                "directions": table or [-1] * len(rows),
                "in_use": in_use or [np.nan] * len(rows),
            }
        ),
        units=pd.concat(frames) if frames else pd.DataFrame(),
        gradients=norms,
    )


def kinds(rules, given):
    return [finding.kind for rule in rules for finding in rule(given)]


@pytest.mark.parametrize(
    ("kind", "layer", "columns"),
    [
        ("saturated units", "Tanh", {"saturated": [True] * 2 + [False] * 8}),
        ("near-constant units", "Linear", {"near_constant": [True] + [False] * 9}),
        ("duplicate filters", "Conv2d", {"duplicate_of": [-1, 0] + [-1] * 8}),
        ("duplicate units", "Linear", {"duplicate_of": [-1, 0] + [-1] * 8}),
    ],
)
def test_faulty_units_are_found_and_healthy_ones_are_not(kind, layer, columns):
    assert kinds(units.RULES, evidence([(layer, 10)], **columns)) == [kind]
    assert kinds(units.RULES, evidence([(layer, 10)])) == []


def test_pixels_may_hardly_change():
    still = {"near_constant": [True] * 3 + [False] * 7}
    assert kinds(units.RULES, evidence([("Flatten", 10), ("Linear", 10)], **still)) == []
    assert kinds(units.RULES, evidence([("ReLU", 10), ("Linear", 10)], **still)) == []


def test_what_only_passes_copies_on_is_not_blamed():
    columns = {"duplicate_of": [-1, 0] + [-1] * 8}
    assert kinds(units.RULES, evidence([("ReLU", 10)], **columns)) == []


def test_a_wide_layer_of_few_directions_could_be_smaller():
    layers = [("Linear", 256), ("ReLU", 256), ("Linear", 10)]
    (finding,) = units.RULES[-1](evidence(layers, [12, 60, 9], in_use=[0.03, 0.05, 0.9]))
    assert (finding.kind, finding.layer) == ("too wide", "0")
    assert "12 of its 256 directions" in finding.text
    assert "1 fills 5.0% of its width. Some 26 units" in finding.text
    assert finding.weight == pytest.approx((256 - 26) / 522)


@pytest.mark.parametrize(
    ("directions", "in_use"),
    [
        ([60, 60, 9], [0.2, 0.05, 0.9]),
        ([12, 60, 9], [0.03, 0.3, 0.9]),
        ([-1, 60, 9], [np.nan, 0.05, 0.9]),
        ([12, -1, 9], [0.03, np.nan, 0.9]),
    ],
)
def test_a_layer_that_fills_its_width_or_is_not_known_is_left_alone(directions, in_use):
    layers = [("Linear", 256), ("ReLU", 256), ("Linear", 10)]
    assert kinds(units.RULES, evidence(layers, directions, in_use=in_use)) == []


def gradient_table(norms):
    return pd.DataFrame(
        {"layer": list("abcd")[: len(norms)], "norm": norms, "parameter_norm": [1.0, np.nan, 1, 1]}
    )


@pytest.mark.parametrize(
    ("norms", "found"),
    [
        ([0.5, 0.4, 0.6, 1.0], []),
        ([1e-5, 0.1, 0.1, 1.0], ["vanishing gradients"]),
        ([0.0, 0.0, 0.1, 1.0], ["vanishing gradients"]),
        ([5e4, 10.0, 10.0, 1.0], ["exploding gradients"]),
        ([np.nan, np.inf, 1.0, 1.0], ["exploding gradients"]),
        ([0.0, 0.0, 0.0, 0.0], []),
        ([0.5, 1e-9, 0.6, 1.0], []),
    ],
)
def test_gradients_that_vanish_or_explode_are_found(norms, found):
    assert kinds(gradients.RULES, evidence(norms=gradient_table(norms))) == found


def test_without_gradients_nothing_is_said():
    assert kinds(gradients.RULES, evidence()) == []
