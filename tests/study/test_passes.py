"""What a Study costs: what every build does passes the data through the network less than twice."""

import numpy as np
from torch import nn

from cutaway.data import load_data
from cutaway.study import build_study
from tests.study.conftest import small_network

BACKWARD = 2
"""A backward pass costs about as much as so many forward ones."""


class Counting(nn.Module):
    """Counts the samples that go through a network, forward and back."""

    def __init__(self):
        super().__init__()
        self.network, self.forwards, self.backwards = small_network(), 0, 0

    def forward(self, images):
        self.forwards += len(images)
        outputs = self.network(images)
        if outputs.requires_grad:
            outputs.register_hook(self.count_back)
        return outputs

    def count_back(self, gradient):
        self.backwards += len(gradient)


def test_a_build_costs_less_than_two_passes(tmp_path):
    network = Counting()
    images = load_data("digits").select(np.arange(1000))
    build_study(network, images, tmp_path / "s", layers="network.6", maps={"pca": "pixels"})
    cost = network.forwards + BACKWARD * network.backwards
    # All but the one pass is of a few samples, however many there are.
    assert 1000 < cost < 2 * 1000
    assert network.backwards
