"""The averaged weights against a list of all weights that there were."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Trainer
from torch import nn

from cutaway.training.averaging import Averaging
from cutaway.training.module import Classifier
from cutaway.training.recipe import Recipe


class Place(Trainer):
    """A trainer that is told its step."""

    global_step = 0

    def __init__(self):
        super().__init__(logger=False, accelerator="cpu", plugins=[LightningEnvironment()])


def module(seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    return Classifier(network, Recipe(), steps=1, seed=0, facts={})


def weights(classifier):
    return [value.clone() for value in classifier.network.state_dict().values()]


def step(trainer, classifier, callback):
    trainer.global_step += 1
    for value in classifier.network.state_dict().values():
        value.add_(torch.randn(value.shape).to(value.dtype))
    callback.on_train_batch_end(trainer, classifier, None, None, 0)


def naive_average(history, decay):
    """The weight of each step's weights, multiplied out."""
    average = history[0].double()
    for at, value in enumerate(history[1:], start=1):
        kept = min(decay, at / (at + 9))
        average = kept * average + (1 - kept) * value.double()
    return average


@settings(max_examples=15)
@given(st.floats(0, 0.99), st.integers(1, 30), st.integers(0, 99))
def test_the_average_equals_its_naive_twin(decay, steps, seed):
    classifier, trainer, callback = module(seed), Place(), Averaging(decay)
    callback.on_train_epoch_start(trainer, classifier)
    history = [weights(classifier)]
    for _ in range(steps):
        step(trainer, classifier, callback)
        history.append(weights(classifier))
    callback.on_validation_start(trainer, classifier)
    for found, *each in zip(weights(classifier), *history, strict=True):
        if found.is_floating_point():
            expected = naive_average(each, decay)
            torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)
        else:
            assert torch.equal(found, each[-1])


@pytest.mark.parametrize("validated", [True, False])
def test_training_goes_on_from_the_weights_it_left(validated):
    classifier, trainer, callback = module(), Place(), Averaging(0.9)
    callback.on_train_epoch_start(trainer, classifier)
    step(trainer, classifier, callback)
    before = weights(classifier)
    if validated:
        callback.on_validation_start(trainer, classifier)
    callback.on_train_epoch_end(trainer, classifier)
    assert not torch.equal(weights(classifier)[0], before[0])
    callback.on_train_epoch_start(trainer, classifier)
    assert all(map(torch.equal, weights(classifier), before))


def test_a_resumed_run_has_the_same_average():
    whole, trainer, callback = module(), Place(), Averaging(0.9)
    callback.on_train_epoch_start(trainer, whole)
    step(trainer, whole, callback)
    callback.on_train_epoch_end(trainer, whole)
    resumed, taken_up = module(seed=1), Averaging(0.9)
    resumed.network.load_state_dict(whole.network.state_dict())
    taken_up.load_state_dict(callback.state_dict())
    for classifier, each in ((whole, callback), (resumed, taken_up)):
        torch.manual_seed(7)
        trainer.global_step = 1
        each.on_train_epoch_start(trainer, classifier)
        step(trainer, classifier, each)
        each.on_train_epoch_end(trainer, classifier)
    assert all(map(torch.equal, weights(whole), weights(resumed)))
