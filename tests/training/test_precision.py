"""Choosing between float32 and bfloat16."""

import pytest
import torch

from cutaway.errors import InputError
from cutaway.networks import CNN
from cutaway.training.precision import choose_precision


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CNN(1, 2, 16)


IMAGES = torch.zeros(8, 1, 16, 16)


def test_a_short_run_is_float32_everywhere(network):
    assert choose_precision("auto", network, IMAGES, total_images=1000) == ("float32", None)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_asked_for_is_not_tried(network, precision):
    assert choose_precision(precision, network, IMAGES, total_images=10**9) == (precision, None)


def test_a_long_run_is_tried_and_the_network_left_as_it_was(network):
    state = {name: value.clone() for name, value in network.state_dict().items()}
    chosen, gain = choose_precision("auto", network, IMAGES, total_images=10**9)
    assert gain > 0
    assert chosen == ("bfloat16" if gain >= 1.2 else "float32")
    assert all(torch.equal(state[n], v) for n, v in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_unknown_precision(network):
    with pytest.raises(InputError, match="precision='half' is unknown; expected one of"):
        choose_precision("half", network, IMAGES, total_images=1)
