"""InputTransform: shapes, the numbers it makes, and dictionaries from strangers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data import Images, InputTransform, infer_transform, load_data
from cutaway.errors import InputError

GOOD = {"size": [8, 9], "mean": [0.5], "std": [0.25], "channels": 1, "origin": "given"}


def images(shape, dtype=np.uint8, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)
    return Images(pixels, None, None, "noise", None, tuple(map(str, range(len(pixels)))))


@settings(max_examples=25, deadline=None)
@given(
    side=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    given_channels=st.sampled_from([1, 3]),
    seed=st.integers(0, 99),
)
def test_each_image_is_transformed_on_its_own(side, size, given_channels, seed):
    batch = images((3, *side, given_channels), seed=seed).tensor()
    transform = InputTransform(size=size, mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6), channels=3)
    whole = transform(batch)
    assert whole.shape == (3, 3, *size)
    assert torch.isfinite(whole).all()
    for at in range(3):
        assert torch.allclose(whole[at : at + 1], transform(batch[at : at + 1]), atol=1e-6)


def test_without_resizing_it_is_plain_arithmetic():
    batch = images((4, 5, 6, 3)).tensor()
    mean, std = (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)
    made = InputTransform(size=(5, 6), mean=mean, std=std, channels=3)(batch)
    for channel in range(3):
        expected = (batch[:, channel] - mean[channel]) / std[channel]
        assert torch.allclose(made[:, channel], expected, atol=1e-6)


def test_constant_images_stay_constant_when_resized():
    plain = InputTransform(size=32, mean=(0.0,), std=(1.0,), channels=1)
    made = plain(torch.full((1, 1, 8, 8), 0.3))
    assert torch.allclose(made, torch.full((1, 1, 32, 32), 0.3))


def test_colour_for_a_grey_network_is_an_error():
    transform = InputTransform(size=4, mean=(0.5,), std=(0.5,), channels=1)
    with pytest.raises(InputError, match="images have 3 channels and the transform makes 1"):
        transform(torch.zeros(1, 3, 4, 4))


def test_dictionary_and_back():
    transform = InputTransform(size=(8, 9), mean=(0.5,), std=(0.25,), channels=1, origin="model")
    assert InputTransform.from_dict(transform.to_dict()) == transform
    assert (transform.height, transform.width) == (8, 9)
    assert InputTransform.from_dict(GOOD | {"size": 8}).size == (8, 8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": [0, 8]}, "expected sides from 1 to 4096"),
        ({"size": 10**9}, "expected sides from 1 to 4096"),
        ({"size": True}, "size=True; expected an integer"),
        ({"size": "8"}, r"expected \[height, width\]"),
        ({"size": [8]}, r"expected \[height, width\]"),
        ({"size": [8, 8.5]}, "size=8.5; expected an integer"),
        ({"mean": 0.5}, "mean=0.5; expected a list of numbers"),
        ({"mean": ["0.5"]}, "expected a list of numbers"),
        ({"mean": [0.5, 0.5]}, r"expected 1 finite number\(s\)"),
        ({"mean": [float("nan")]}, "finite"),
        ({"std": [0.0]}, "expected numbers above 0"),
        ({"std": [-1]}, "expected numbers above 0"),
        ({"channels": 2}, "channels=2; expected 1"),
        ({"channels": None}, "channels=None; expected an integer"),
        ({"origin": "elsewhere"}, "origin='elsewhere'; expected one of"),
        ({"origin": []}, "expected one of"),
        ({"__reduce__": 1}, "expected the keys"),
    ],
)
def test_hostile_dictionaries_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        InputTransform.from_dict(GOOD | changes)


def test_a_missing_key_is_told():
    with pytest.raises(InputError, match=r"transform holds \['size'\]; expected the keys"):
        InputTransform.from_dict({"size": 8})


def test_inference_measures_and_says_so(capsys):
    digits = load_data("digits")
    transform = infer_transform(digits, channels=3, size=32)
    said = capsys.readouterr().err
    assert "inferred from 'digits': images are resized from 8x8 to 32x32" in said
    assert "expanded from grey to RGB" in said
    values = digits.pixels.astype(np.float64) / 255
    assert transform.mean == pytest.approx((values.mean(),) * 3)
    assert transform.std == pytest.approx((values.std(),) * 3)
    assert (transform.size, transform.channels, transform.origin) == ((32, 32), 3, "inferred")


def test_inferred_values_normalize_the_data():
    data = images((50, 6, 6, 3))
    made = infer_transform(data)(data.tensor())
    assert made.mean(dim=(0, 2, 3)) == pytest.approx([0, 0, 0], abs=1e-5)
    assert made.std(dim=(0, 2, 3), correction=0) == pytest.approx([1, 1, 1], abs=1e-5)


def test_a_constant_channel_is_only_centred():
    data = Images(np.full((2, 3, 3, 1), 51, np.uint8), None, None, "flat", None, ("a", "b"))
    transform = infer_transform(data)
    assert transform.std == (1.0,)
    assert transform(data.tensor()).abs().max() < 1e-6


def test_colour_data_for_a_grey_network_is_told():
    with pytest.raises(InputError, match="'noise' has 3 channels and the network takes 1"):
        infer_transform(images((2, 4, 4, 3)), channels=1)
