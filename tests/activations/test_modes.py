import pytest
import torch
from torch import nn

from cutaway.activations.modes import evaluating
from cutaway.errors import InputError


def test_each_module_gets_its_own_mode_back_also_after_an_error():
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2), nn.ReLU()).train()
    model[1].eval()
    with pytest.raises(RuntimeError, match="told to"), evaluating(model, torch.device("cpu")):
        assert not any(module.training for module in model.modules())
        assert not torch.is_grad_enabled()
        raise RuntimeError("told to")
    assert [module.training for module in model.modules()] == [True, True, False, True]
    assert torch.is_grad_enabled()


def test_a_network_without_weights_is_refused():
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(2, 2))
    with (
        pytest.raises(InputError, match="Sequential is on the device 'meta', where its '0.weight'"),
        evaluating(model, torch.device("cpu")),
    ):
        pass
