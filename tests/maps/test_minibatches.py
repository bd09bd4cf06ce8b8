import numpy as np
import pytest
import torch
from torch import nn

from cutaway.errors import InputError
from cutaway.maps.minibatches import train_on_minibatches


def train(loss, network, **options):
    settings = {"epochs": 60, "batch_size": 8, "learning_rate": 0.05, "seed": 0}
    return train_on_minibatches(
        network, loss, 40, description="Training", **{**settings, **options}
    )


def test_it_finds_the_least_squares_line():
    X = torch.linspace(-1, 1, 40)[:, None]
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    history = train(
        lambda batch: nn.functional.mse_loss(network(X[batch]), 3 * X[batch] + 1), network
    )
    assert network.weight.item() == pytest.approx(3, abs=0.05)
    assert network.bias.item() == pytest.approx(1, abs=0.05)
    assert len(history) == 60
    assert history[-1] < 1e-2 * history[0]
    assert not network.training


def test_each_epoch_goes_over_the_samples_once_in_another_order():
    network, seen = nn.Linear(1, 1), []

    def loss(batch):
        seen.append(batch)
        return network.weight.sum()

    train(loss, network, epochs=2)
    orders = torch.cat(seen).reshape(2, 40).numpy()
    assert (np.sort(orders, axis=1) == np.arange(40)).all()
    assert (orders[0] != orders[1]).any()


def test_a_loss_that_is_no_number_is_an_error_with_a_smaller_rate():
    network = nn.Linear(1, 1)
    with pytest.raises(InputError, match=r"learning_rate=0.05; .* try 0.005"):
        train(lambda batch: network.weight.sum() * float("nan"), network)
