"""Shifts and flips against a loop over images."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data.augment import flip_batch, shift_batch


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def naive_shift(image, top, left, pixels):
    moved = torch.zeros_like(image)
    for row in range(image.shape[1]):
        for column in range(image.shape[2]):
            r, c = row + top - pixels, column + left - pixels
            if 0 <= r < image.shape[1] and 0 <= c < image.shape[2]:
                moved[:, row, column] = image[:, r, c]
    return moved


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 99))
def test_shift_equals_the_naive_twin(pixels, seed):
    images = torch.rand(3, 2, 5, 6, generator=seeded(seed))
    moved = shift_batch(images, pixels, seeded(seed + 1))
    tops, lefts = torch.randint(0, 2 * pixels + 1, (2, 3, 1), generator=seeded(seed + 1))
    for at in range(3):
        assert torch.equal(
            moved[at], naive_shift(images[at], int(tops[at]), int(lefts[at]), pixels)
        )


def test_each_image_is_flipped_or_not():
    images = torch.rand(200, 3, 4, 5, generator=seeded(0))
    flipped = flip_batch(images, seeded(1))
    kept = (flipped == images).flatten(1).all(dim=1)
    mirrored = (flipped == images.flip(3)).flatten(1).all(dim=1)
    assert (kept ^ mirrored).all()
    assert 60 < kept.sum() < 140
