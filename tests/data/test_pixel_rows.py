import torch

from cutaway.data.pixel_rows import PIXEL_FEATURES, pixel_rows


def test_small_images_are_their_pixels_and_large_ones_means_of_blocks():
    small = torch.rand(2, 1, 64, 64)
    assert torch.equal(pixel_rows(small), small.flatten(1))
    large = torch.rand(2, 1, 128, 128)
    means = large.reshape(2, 64, 2, 64, 2).mean(dim=(2, 4))
    torch.testing.assert_close(pixel_rows(large), means.flatten(1))
    assert pixel_rows(torch.rand(1, 3, 50, 224)).shape[1] <= PIXEL_FEATURES
