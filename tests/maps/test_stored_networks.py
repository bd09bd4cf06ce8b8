import numpy as np
import pytest
import torch

from cutaway.errors import InputError
from cutaway.maps.encoders import dense
from cutaway.maps.stored_arrays import finite_array, stored_size
from cutaway.maps.stored_networks import load_network, network_to_arrays, stored_widths

ARRAYS = network_to_arrays(dense((4, 3, 2)), "encoder")


def test_a_network_comes_back_with_its_widths():
    assert stored_widths(ARRAYS, "encoder") == (4, 3, 2)
    with torch.device("meta"):
        empty = dense((4, 3, 2))
    again = load_network(empty, ARRAYS, "encoder")
    assert not again.training
    for name, value in network_to_arrays(again, "encoder").items():
        np.testing.assert_array_equal(value, ARRAYS[name])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("encoder.0.weight", np.zeros(3)),
        ("encoder.0.weight", np.zeros((3, 0))),
        ("encoder.2.weight", np.zeros((2, 9))),
    ],
)
def test_weights_that_do_not_follow_on_each_other_are_named(name, wrong):
    with pytest.raises(InputError, match=f"the stored array '{name}'"):
        stored_widths({**ARRAYS, name: wrong}, "encoder")
    with pytest.raises(InputError, match=r"'decoder\.0\.weight' is missing"):
        stored_widths(ARRAYS, "decoder")


@pytest.mark.parametrize("wrong", [None, np.full(3, np.inf), np.zeros(2), np.array(["a"] * 3)])
def test_parameters_that_do_not_fit_are_named(wrong):
    arrays = {name: array for name, array in ARRAYS.items() if name != "encoder.0.bias"}
    if wrong is not None:
        arrays["encoder.0.bias"] = wrong
    with pytest.raises(InputError, match=r"'encoder\.0\.bias' .*finite floats of shape \(3,\)"):
        load_network(dense((4, 3, 2)), arrays, "encoder")


def test_sizes_and_finite_arrays_are_read():
    assert stored_size(ARRAYS, "encoder.0.weight") == 12
    assert finite_array(ARRAYS, "encoder.2.bias", (2,)).shape == (2,)
    for arrays in ({}, {"a": np.empty(0)}):
        with pytest.raises(InputError, match="'a' .*an array of one value or more"):
            stored_size(arrays, "a")
