"""Other ways to read images: each keeps the shape, and undoes itself."""

import pytest
import torch

from cutaway.diagnosis.readings import READINGS, readings_of


@pytest.mark.parametrize("reading", READINGS)
def test_twice_is_as_before_and_once_is_not(reading):
    images = torch.rand(2, 3, 6, 6)
    once = READINGS[reading](images)
    assert once.shape == images.shape
    assert not torch.equal(once, images)
    assert torch.allclose(READINGS[reading](once), images)


def test_only_what_changes_images_and_keeps_their_shape_is_tried():
    assert readings_of(3, 8, 8) == tuple(READINGS)
    assert readings_of(1, 1, 1) == ("light and dark exchanged",)
