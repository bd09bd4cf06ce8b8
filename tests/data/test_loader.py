"""BatchLoader: every sample once, in an order that seed and epoch alone decide."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data import InputTransform, load_data
from cutaway.data.dataset import ImageDataset
from cutaway.data.loader import BatchLoader

DATASET = ImageDataset(
    load_data("digits", limit=50), InputTransform(size=8, mean=(0.3,), std=(0.4,), channels=1)
)


def rows(loader):
    """Which sample each image of a pass is."""
    everything = DATASET.batch(range(50))[0].flatten(1)
    inputs = torch.cat([inputs for inputs, _ in loader]).flatten(1)
    return [int((everything == one).all(dim=1).nonzero()[0, 0]) for one in inputs]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 60), st.integers(0, 9), st.integers(0, 9))
def test_every_sample_comes_once(batch_size, seed, epoch):
    loader = BatchLoader(DATASET, batch_size, seed=seed, shuffled=True)
    loader.set_epoch(epoch)
    order = rows(loader)
    assert sorted(order) == list(range(50))
    assert len(list(loader)) == len(loader)


def test_order_depends_on_seed_and_epoch_alone():
    loader = BatchLoader(DATASET, 7, seed=3, shuffled=True)
    first, second = rows(loader), rows(loader)
    assert first != second
    resumed = BatchLoader(DATASET, 20, seed=3, shuffled=True)
    resumed.set_epoch(1)
    assert rows(resumed) == second
    assert rows(BatchLoader(DATASET, 7, seed=4, shuffled=True)) != first


def test_without_shuffling_the_order_is_the_sets():
    loader = BatchLoader(DATASET, 16)
    assert rows(loader) == rows(loader) == list(range(50))
    assert [len(labels) for _, labels in loader] == [16, 16, 16, 2]


def test_augmentation_is_fixed_by_seed_epoch_and_batch():
    def passes(epoch, **options):
        loader = BatchLoader(DATASET, 16, seed=1, **options)
        loader.set_epoch(epoch)
        return torch.cat([inputs for inputs, _ in loader])

    both = {"shift": 2, "flip": True}
    assert torch.equal(passes(0, **both), passes(0, **both))
    assert not torch.equal(passes(0, **both), passes(1, **both))
    assert not torch.equal(passes(0, shift=2), passes(0))
    assert not torch.equal(passes(0, flip=True), passes(0))


def test_global_randomness_is_neither_used_nor_changed():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    list(BatchLoader(DATASET, 16, shuffled=True, shift=1, flip=True))
    assert torch.equal(torch.rand(3), expected)
