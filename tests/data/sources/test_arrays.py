"""Arrays and tensors: how axes and values are read, and what is refused."""

import numpy as np
import pytest
import torch

from cutaway.data import load_data
from cutaway.errors import InputError

NOISE = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3)).astype(np.uint8)


def test_bytes_with_and_without_channels():
    assert np.array_equal(load_data(NOISE).pixels, NOISE)
    assert np.array_equal(load_data(NOISE[..., 0]).pixels, NOISE[..., :1])
    assert np.array_equal(load_data(torch.from_numpy(NOISE)).pixels, NOISE)
    assert np.array_equal(load_data(list(NOISE)).pixels, NOISE)


def test_floats_have_their_channels_first():
    floats = (NOISE / 255).transpose(0, 3, 1, 2)
    for given in (floats, torch.from_numpy(floats), torch.from_numpy(floats).requires_grad_()):
        images = load_data(given)
        assert images.pixels.dtype == np.float32
        assert images.pixels == pytest.approx(NOISE / 255)
        assert images.remarks == ()
    assert load_data(floats[:, 0]).pixels.shape == (4, 6, 5, 1)
    assert load_data(torch.from_numpy(floats).bfloat16()).pixels.shape == NOISE.shape


def test_the_other_order_is_taken_where_only_it_fits(capsys):
    first = load_data(NOISE.transpose(0, 3, 1, 2))
    assert np.array_equal(first.pixels, NOISE)
    assert "bytes of shape (4, 3, 6, 5) were read as (n, channels, height" in first.remarks[0]
    last = load_data(NOISE / 255)
    assert last.pixels == pytest.approx(NOISE / 255)
    assert "floats of shape (4, 6, 5, 3) were read as (n, height" in capsys.readouterr().err


def test_floats_that_fit_both_orders_are_not_guessed():
    with pytest.raises(InputError, match="can be read as .* give a torch tensor"):
        load_data(np.zeros((2, 3, 8, 3)))
    assert load_data(torch.zeros(2, 3, 8, 3)).pixels.shape == (2, 8, 3, 3)
    assert load_data(np.zeros((2, 3, 8, 3), np.uint8)).pixels.shape == (2, 3, 8, 3)


def test_a_fourth_channel_is_opacity():
    rgba = np.zeros((1, 2, 2, 4), np.uint8)
    rgba[..., 3] = [[0, 255], [128, 255]]
    images = load_data(rgba)
    assert images.pixels[0, :, :, 0].tolist() == [[255, 0], [127, 0]]
    assert "opacity" in images.remarks[0]


def test_other_integers_within_bytes_are_bytes():
    images = load_data(NOISE.astype(np.int64))
    assert np.array_equal(images.pixels, NOISE)
    assert images.remarks == ("int64 values were read as bytes from 0 to 255",)
    assert load_data(np.ones((1, 2, 2), bool)).pixels.max() == 255


def test_the_arrays_are_copied():
    given, labels = NOISE.copy(), np.array([0, 1, 0, 1])
    images = load_data((given, labels))
    given[:] = 0
    labels[:] = 0
    assert np.array_equal(images.pixels, NOISE)
    assert images.labels.tolist() == [0, 1, 0, 1]
    floats = np.ones((2, 1, 4, 4), np.float32)
    loaded = load_data(floats)
    floats[:] = 0
    assert loaded.pixels.min() == 1


def test_limit_and_names():
    images = load_data((NOISE, ["b", "a", "b", "c"]), limit=2)
    assert images.labels.tolist() == [1, 0]
    assert images.class_names == ("a", "b", "c")
    assert images.sources == ("arrays/0", "arrays/1")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (np.full((2, 1, 4, 4), np.nan), "NaN or infinite values in 2 of 2, first in image 0"),
        (np.full((1, 4, 4), np.inf), "NaN or infinite"),
        (np.full((1, 4, 4), 1e300), "NaN or infinite"),
        (np.zeros((0, 4, 4), np.uint8), r"shape \(0, 4, 4\); expected bytes"),
        (np.zeros((3, 64), np.uint8), r"shape \(3, 64\); expected bytes"),
        (np.zeros((3, 8, 8, 7), np.uint8), "neither 1 nor 3 channels"),
        (np.array([object()]), "images hold object values"),
        (np.array(["a"]), "images hold <U1 values"),
        ([np.zeros((2, 2)), np.zeros((3, 3))], "images are not of one shape"),
        (np.full((1, 4, 4), 256), "int64 values from 256 to 256; expected bytes"),
        (np.full((1, 4, 4), -1), "from -1 to -1"),
        ((NOISE, [0, 1]), "4 images and 2 labels"),
        ((NOISE, [0, 1, 2, -1]), "labels hold -1"),
        ((NOISE,), "a tuple of 1 was given as data"),
        (7, "data is a int; expected one of 'digits'"),
        (None, "data is a NoneType"),
    ],
)
def test_what_is_refused(data, words):
    with pytest.raises(InputError, match=words):
        load_data(data)


def test_arrays_have_no_splits():
    with pytest.raises(InputError, match="'arrays' is one whole and has no splits"):
        load_data(NOISE, split="test")
