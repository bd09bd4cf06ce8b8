import numpy as np
import pytest
from torch import nn

from cutaway.data import InputTransform, infer_transform, load_data
from cutaway.study.input_range import say_range
from cutaway.study.plan import make_plan


def images(scale, dtype=np.float32):
    noise = np.random.default_rng(0).random((20, 1, 6, 6)) * scale
    return load_data(
        (noise.astype(dtype) if dtype is np.float32 else noise.astype(dtype)[:, 0], None)
    )


GIVEN = InputTransform(size=6, mean=(0.5,), std=(0.25,), channels=1)


@pytest.mark.parametrize(
    ("scale", "dtype", "said"),
    [
        (1, np.float32, ""),
        (255, np.uint8, ""),
        (255, np.float32, "The network would get inputs of mean 5"),
        (0.02, np.float32, "run from "),
    ],
)
def test_images_of_another_range_are_told_before_the_pass(capsys, scale, dtype, said):
    data = images(scale, dtype)
    say_range(GIVEN, data)
    heard = capsys.readouterr().err
    assert said in heard
    assert bool(heard) == bool(said)


def test_a_transform_measured_on_the_images_fits_them(capsys):
    data = images(255)
    transform = infer_transform(data, channels=1)
    capsys.readouterr()
    say_range(transform, data)
    assert not capsys.readouterr().err


def test_a_build_says_it_before_it_begins(capsys):
    network = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    make_plan(network, images(255), None, GIVEN, None, None, None, 0, "cpu")
    assert "Is the data scaled as the network expects" in capsys.readouterr().err
