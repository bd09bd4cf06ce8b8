"""BatchLoader: every sample once, in an order that seed and epoch alone decide."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data import InputTransform, load_data
from cutaway.data.augment import Views
from cutaway.data.dataset import ImageDataset
from cutaway.data.loader import BatchLoader, EpochOrder
from cutaway.errors import InputError

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


@pytest.mark.parametrize(("batch_size", "sizes"), [(7, [7] * 6 + [8]), (49, [50]), (1, [1] * 50)])
def test_of_shuffled_ones_none_is_left_alone(batch_size, sizes):
    loader = BatchLoader(DATASET, batch_size, shuffled=True)
    assert [len(labels) for _, labels in loader] == sizes
    assert len(loader) == len(sizes)


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


def test_views_are_those_of_the_epoch_whatever_the_order():
    views = Views(samples=50, shift=2, flip=True, seed=1, period=3)

    def passes(epoch, **options):
        loader = BatchLoader(DATASET, 16, views=views, **options)
        loader.set_epoch(epoch)
        return torch.cat([inputs for inputs, _ in loader])

    assert torch.equal(passes(1), passes(4))
    assert not torch.equal(passes(1), passes(2))
    order = EpochOrder(50, seed=5, shuffled=True)
    order.set_epoch(4)
    assert torch.equal(passes(4, shuffled=True, seed=5), passes(1)[order.indices()])


def test_targets_are_asked_for_by_the_number_of_the_view():
    asked = []

    def targets(number):
        asked.append(number)
        return torch.arange(50.0)[:, None] + number

    views = Views(samples=50, shift=1, flip=False, seed=0, period=2)
    loader = BatchLoader(DATASET, 20, views=views, targets=targets, shuffled=True)
    for epoch in range(3):
        order = torch.from_numpy(loader.sampler.indices())
        found = torch.cat([target for _, _, target in loader])[:, 0]
        assert torch.equal(found, order.float() + epoch % 2)
    assert asked == [0, 1, 0]


def test_global_randomness_is_neither_used_nor_changed():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    list(BatchLoader(DATASET, 16, shuffled=True, views=Views(50, 1, True, 0)))
    assert torch.equal(torch.rand(3), expected)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(5, 20), st.booleans())
def test_processes_share_every_batch(processes, batch_size, shuffled):
    loaders = [
        BatchLoader(DATASET, batch_size, seed=3, shuffled=shuffled, share=(rank, processes))
        for rank in range(processes)
    ]
    shares = [rows(loader) for loader in loaders]
    everything = sorted(row for share in shares for row in share)
    left_out = 50 % processes if shuffled else 0
    assert len(everything) == len(set(everything)) == 50 - left_out
    if shuffled:
        # All take as many steps, and the weight of every image is the same.
        assert len({len(share) for share in shares}) == 1
        batches = [[len(inputs) for inputs, _ in loader] for loader in loaders]
        assert all(sizes == batches[0] and len(sizes) == len(loaders[0]) for sizes in batches)


def test_a_batch_must_have_an_image_for_every_process():
    with pytest.raises(InputError, match="batch_size=3 is too small for 4 processes"):
        BatchLoader(DATASET, 3, share=(0, 4))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 60), st.integers(0, 50))
def test_a_pass_goes_on_from_its_place(batch_size, taken):
    whole = BatchLoader(DATASET, batch_size, seed=3, shuffled=True)
    whole.set_epoch(2)
    order = rows(whole)
    broken = BatchLoader(DATASET, batch_size, seed=3, shuffled=True)
    taken = min(taken, len(broken) - 1)
    passing = iter(broken)
    for _ in range(taken):
        next(passing)
    resumed = BatchLoader(DATASET, batch_size, seed=3, shuffled=True)
    resumed.load_state_dict(broken.state_dict())
    resumed.set_epoch(2)
    assert rows(resumed) == order[taken * batch_size :]
    assert resumed.state_dict() == {"batches": 0}
