import pytest
from torch import nn

from cutaway.activations.unit_axis import unit_axis


@pytest.mark.parametrize(
    ("module", "shape", "axis"),
    [
        (nn.Conv2d(3, 8, 3), (8, 6, 6), 0),
        (nn.Conv1d(3, 8, 3), (8, 6), 0),
        (nn.Linear(3, 8), (8,), 0),
        (nn.Linear(3, 8), (5, 8), 1),
        (nn.Linear(3, 8), (5, 5, 8), 2),
        (nn.LayerNorm(8), (5, 8), 1),
        (nn.GELU(), (5, 8), 1),
        (nn.GELU(), (8, 5, 5), 0),
        (nn.Conv3d(3, 8, 3), (8, 4, 4, 4), 0),
    ],
)
def test_channels_of_maps_and_features_of_tokens_are_units(module, shape, axis):
    assert unit_axis(module, shape) == axis
