"""Matching names and shapes, and telling random weights from trained ones."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.errors import InputError
from cutaway.networks import CNN, load_weights, looks_untrained
from cutaway.networks.weights import PREFIXES, is_finite, match_names

METRICS = {
    "accuracy.correct": torch.tensor(1),
    "train_acc.tp": torch.ones(3),
    "val_metrics.MulticlassAccuracy.tn": torch.ones(3),
    "confmat.confmat": torch.ones(2, 2),
    "criterion.weight": torch.ones(10),
    "loss_fn.weight": torch.ones(10),
}


@given(st.lists(st.sampled_from(PREFIXES), max_size=3))
def test_any_chain_of_prefixes_is_taken_off(prefixes):
    names = CNN().state_dict()
    prefixed = {"".join(prefixes) + name: value for name, value in names.items()}
    assert list(match_names(prefixed, names)) == list(names)


def test_entries_of_metrics_and_losses_are_left_out():
    names = CNN().state_dict()
    assert list(match_names(METRICS | names, names)) == list(names)


def test_a_networks_own_module_called_model_keeps_its_name():
    network = nn.ModuleDict({"model": nn.Linear(2, 1), "metric_head": nn.Linear(2, 1)})
    names = network.state_dict()
    assert list(match_names(names, names)) == list(names)


def test_two_sets_of_weights_are_refused():
    weights = {"net.weight": torch.ones(1), "weight": torch.ones(1)}
    with pytest.raises(InputError, match="holds 'weight' twice, once as 'weight'; expected the"):
        match_names(weights, ["weight"])


def test_weights_arrive():
    source, target = CNN(1, 3, 16), CNN(1, 3, 16)
    load_weights(target, source.state_dict(), "a.ckpt")
    for name, value in source.state_dict().items():
        assert torch.equal(target.state_dict()[name], value)


def test_counts_of_batches_may_be_missing():
    weights = {k: v for k, v in CNN().state_dict().items() if "num_batches" not in k}
    load_weights(CNN(), weights, "a.ckpt")


def test_every_difference_is_listed_with_its_shapes():
    weights = CNN(classes=4).state_dict()
    del weights["block1.0.bias"]
    weights["head.weight"] = torch.ones(2, 2)
    with pytest.raises(InputError) as caught:
        load_weights(CNN(classes=10), weights, "a.ckpt")
    assert str(caught.value) == (
        "'a.ckpt' does not fit CNN: missing block1.0.bias (64,); not of this network head.weight "
        "(2, 2); of another shape fc_layers.6.weight (4, 32), expected (10, 32), fc_layers.6.bias "
        "(4,), expected (10,); give the network that it was trained with: "
        "load_model(path, network=...)"
    )


def test_nothing_is_changed_where_something_does_not_fit():
    network = CNN(classes=10)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(InputError):
        load_weights(network, CNN(classes=4).state_dict(), "a.ckpt")
    assert all(torch.equal(before[n], v) for n, v in network.state_dict().items())


def test_long_lists_are_cut():
    with pytest.raises(InputError, match="and 12 more; not of this network a"):
        load_weights(CNN(), {"a": torch.ones(1)}, "a.ckpt")


@pytest.mark.parametrize(
    "fresh",
    [
        CNN,
        lambda: nn.Linear(40, 20),
        lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=2)),
        lambda: nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8)),
    ],
)
def test_fresh_networks_look_untrained(fresh):
    for seed in range(10):
        torch.manual_seed(seed)
        assert looks_untrained(fresh())


@pytest.mark.parametrize("width", [4, 64])
def test_trained_networks_do_not(width):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 2))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    images, labels = torch.randn(64, 8), torch.arange(64) % 2
    for _ in range(20):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()
    assert not looks_untrained(network)


def test_norms_that_scale_nothing_tell_of_weights_drawn_in_any_way():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 16), nn.GroupNorm(2, 16)
    )
    for layer in (network[0], network[3]):
        nn.init.trunc_normal_(layer.weight, std=0.02)
    assert looks_untrained(network)
    step = torch.optim.SGD(network.parameters(), lr=0.1)
    network(torch.randn(4, 8)).square().mean().backward()
    step.step()
    assert not looks_untrained(network)


def test_one_batch_through_a_batchnorm_counts_as_trained(trained_cnn):
    assert not looks_untrained(trained_cnn())


def test_networks_without_weights_count_as_trained():
    assert not looks_untrained(nn.Identity())


def test_nan_is_found():
    network = nn.Linear(2, 1)
    assert is_finite(network)
    with torch.no_grad():
        network.bias[0] = float("nan")
    assert not is_finite(network)
