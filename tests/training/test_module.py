"""Lightning's view of a network."""

import torch
from torch import nn

from cutaway.training.module import Classifier
from cutaway.training.recipe import Recipe


def classifier(seed=0):
    network = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 2))
    return Classifier(network, Recipe(), steps=1, seed=seed, facts={"a": 1})


def test_a_checkpoint_has_the_networks_own_names_and_comes_back():
    module = classifier()
    checkpoint = {"state_dict": module.state_dict()}
    module.on_save_checkpoint(checkpoint)
    assert list(checkpoint["state_dict"]) == ["2.weight", "2.bias"]
    assert checkpoint["hyper_parameters"] == {"a": 1}
    other = classifier()
    other.on_load_checkpoint(checkpoint)
    other.load_state_dict(checkpoint["state_dict"])
    assert torch.equal(other.network[2].weight, module.network[2].weight)


def test_dropout_depends_on_seed_and_step_alone():
    batch = torch.randn(3, 1, 2, 2), torch.tensor([0, 1, 0])
    module = classifier(seed=4)
    first = module.training_step(batch, 0)
    torch.rand(100)
    assert torch.equal(module.training_step(batch, 1), first)
    module.seed = 5
    assert not torch.equal(module.training_step(batch, 0), first)
