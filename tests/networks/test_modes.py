"""A network in eval mode for a while."""

import pytest
from torch import nn

from cutaway.networks.modes import evaluating


def test_every_module_gets_its_own_mode_back():
    network = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2)))
    network[0].eval()
    with pytest.raises(ZeroDivisionError), evaluating(network):
        assert not any(module.training for module in network.modules())
        _ = 1 / 0
    assert [module.training for module in network.modules()] == [True, False, True, True]
