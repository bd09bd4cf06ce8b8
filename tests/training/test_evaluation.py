"""Tallies of loss and accuracy, and answers from several looks, against plain twins."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cutaway.networks import CNN
from cutaway.training.evaluation import Looks, Tally, evaluate

CPU = torch.device("cpu")


def test_tally_does_not_depend_on_batches():
    logits, labels = torch.randn(10, 3), torch.arange(10) % 3
    whole, parts = Tally(), Tally()
    whole.add(logits, labels)
    for start in (0, 4, 9):
        stop = {0: 4, 4: 9, 9: 10}[start]
        parts.add(logits[start:stop], labels[start:stop])
    assert parts.accuracy == whole.accuracy == int((logits.argmax(1) == labels).sum()) / 10
    assert parts.loss == pytest.approx(whole.loss)
    assert whole.loss == pytest.approx(float(functional.cross_entropy(logits, labels)), abs=1e-5)


def test_empty_tally_is_nan():
    assert math.isnan(Tally().loss)
    assert math.isnan(Tally().accuracy)


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_keeps_the_mode(training):
    network = CNN(1, 2, 16).train(training)
    evaluate(network, [(torch.zeros(2, 1, 16, 16), torch.tensor([0, 1]))], CPU)
    assert network.training is training
    assert int(network.block1[1].num_batches_tracked) == 0


def naive_answer(network, image, flip, shift):
    """The mean probabilities over padded and cut copies of one image."""
    height, width = image.shape[1:]
    padded = functional.pad(image[None], (shift,) * 4, mode="reflect") if shift else image[None]
    total, count = torch.zeros(1), 0
    for row in {0, shift, 2 * shift}:
        for column in {0, shift, 2 * shift}:
            seen = padded[:, :, row : row + height, column : column + width]
            for each in (seen, seen.flip(3)) if flip else (seen,):
                total, count = total + network(each).softmax(dim=1), count + 1
    return total[0] / count, count


@given(st.booleans(), st.integers(0, 2), st.integers(0, 99))
def test_looks_equal_the_naive_twin(flip, shift, seed):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Flatten(), nn.Linear(2 * 5 * 4, 3))
    images = torch.randn(3, 2, 5, 4)
    looks = Looks(flip=flip, shift=shift)
    found = looks.logits(network, images).softmax(dim=1)
    for row, image in zip(found, images, strict=True):
        expected, count = naive_answer(network, image, flip, shift)
        assert looks.count == count
        torch.testing.assert_close(row, expected)


def test_one_look_is_the_network_itself():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    images = torch.randn(2, 1, 2, 2)
    assert torch.equal(Looks().logits(network, images), network(images))


def test_what_follows_the_labels_is_passed_over():
    batch = torch.tensor([[9.0, 0.0]]), torch.tensor([0]), torch.zeros(1, 2)
    assert evaluate(nn.Identity(), [batch], CPU).accuracy == 1
