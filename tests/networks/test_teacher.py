"""The network to learn from."""

import pytest
import torch

from cutaway.errors import InputError
from cutaway.networks.teacher import Residual, Teacher


@pytest.mark.parametrize(("channels", "side"), [(1, 8), (3, 32), (3, 28)])
def test_logits_for_any_image_of_eight_pixels_or_more(channels, side):
    network = Teacher(channels, classes=7, width=2)
    assert network(torch.zeros(3, channels, side, side)).shape == (3, 7)


def test_it_has_the_size_that_is_stated():
    assert sum(parameter.numel() for parameter in Teacher().parameters()) == 1_041_840


def test_a_residual_adds_to_what_it_was_given():
    residual = Residual(3).eval()
    torch.nn.init.zeros_(residual.second[1].weight)
    maps = torch.randn(1, 3, 4, 4)
    assert torch.equal(residual(maps), maps)


def test_too_small_numbers():
    with pytest.raises(InputError, match="width=0 is too few"):
        Teacher(width=0)
