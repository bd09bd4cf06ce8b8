"""ImageDataset: one sample, a batch, and what has no labels."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from cutaway.data import InputTransform, load_data
from cutaway.data.dataset import ImageDataset
from cutaway.errors import InputError

TRANSFORM = InputTransform(size=8, mean=(0.3,), std=(0.4,), channels=1)


def test_samples_are_normalized_images_and_integer_labels():
    digits = load_data("digits", limit=20)
    dataset = ImageDataset(digits, TRANSFORM)
    image, label = dataset[3]
    assert image.shape == (1, 8, 8)
    assert torch.allclose(image, (digits.tensor([3])[0] - 0.3) / 0.4)
    assert (label, type(label)) == (3, int)
    assert dataset[-1][1] == dataset[19][1]
    assert len(dataset) == 20
    with pytest.raises(IndexError, match="index 20 is outside a set of 20 images"):
        dataset[20]
    assert len(list(dataset)) == 20


def test_a_batch_is_its_samples():
    dataset = ImageDataset(load_data("digits", limit=20), TRANSFORM)
    inputs, labels = dataset.batch(np.array([5, 2, 5]))
    for row, at in enumerate([5, 2, 5]):
        assert torch.allclose(inputs[row], dataset[at][0])
        assert labels[row] == dataset[at][1]


def test_torchs_own_loader_takes_it():
    dataset = ImageDataset(load_data("digits", limit=20), TRANSFORM)
    inputs, labels = next(iter(DataLoader(dataset, batch_size=4)))
    assert inputs.shape == (4, 1, 8, 8)
    assert labels.tolist() == [0, 1, 2, 3]


def test_without_labels_there_is_nothing_to_learn():
    images = load_data(np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(InputError, match="'arrays' has no labels, and training needs them"):
        ImageDataset(images, TRANSFORM)
