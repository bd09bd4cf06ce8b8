"""Views of images against a loop over their pixels."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data.augment import Views, view_batch


def naive_place(place, size):
    """Walks off the edge and back."""
    while not 0 <= place < size:
        place = -place if place < 0 else 2 * (size - 1) - place
    return place


def naive_view(image, down, right, mirrored):
    _, height, width = image.shape
    moved = torch.empty_like(image)
    for row in range(height):
        for column in range(width):
            from_row, from_column = (
                naive_place(row - down, height),
                naive_place(column - right, width),
            )
            to = width - 1 - column if mirrored else column
            moved[:, row, to] = image[:, from_row, from_column]
    return moved


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 99))
def test_a_view_equals_the_naive_twin(height, width, seed):
    random = torch.Generator().manual_seed(seed)
    images = torch.rand(3, 2, height, width, generator=random)
    down, right = torch.randint(-8, 9, (2, 3), generator=random)
    mirrored = torch.rand(3, generator=random) < 0.5
    moved = view_batch(images, down, right, mirrored)
    for at in range(3):
        expected = naive_view(images[at], int(down[at]), int(right[at]), bool(mirrored[at]))
        assert torch.equal(moved[at], expected)


def test_one_pixel_stays():
    pixel = torch.ones(1, 1, 1, 1)
    assert torch.equal(view_batch(pixel, *torch.tensor([[5], [-3]]), torch.tensor([True])), pixel)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5), st.integers(0, 9), st.integers(1, 9), st.integers(0, 30))
def test_views_follow_from_seed_and_number_alone(shift, seed, period, epoch):
    views = Views(samples=40, shift=shift, flip=True, seed=seed, period=period)
    view, again = views.at(epoch), Views(40, shift, True, seed).at(epoch % period)
    for ours, theirs in zip(vars(view).values(), vars(again).values(), strict=True):
        assert np.array_equal(ours, theirs)
    assert max(np.abs(view.down).max(), np.abs(view.right).max()) <= shift


def test_an_image_is_mirrored_in_every_other_epoch():
    views = Views(samples=200, shift=0, flip=True, seed=0)
    mirrored = np.stack([views.at(epoch).mirrored for epoch in range(4)])
    assert (mirrored[0] != mirrored[1]).all()
    assert (mirrored[0] == mirrored[2]).all()
    assert 60 < mirrored[0].sum() < 140
    assert not Views(samples=200, shift=1, flip=False, seed=0).at(1).mirrored.any()
