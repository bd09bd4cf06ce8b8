"""What an autoencoder of a Study draws."""

import numpy as np
import pytest
from torch import nn

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.study import build_study
from cutaway.study.decoded import decodes, reconstructions, walk
from tests.study.conftest import small_network


@pytest.fixture(scope="module")
def drawing(digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("drawing") / "study"
    return build_study(small_network(), digits, path, maps={"autoencoder": "pixels"})


def test_originals_are_the_images_and_reconstructions_are_nearer_than_the_mean(drawing, digits):
    before, after = reconstructions(drawing, np.arange(150))
    np.testing.assert_allclose(before, digits.tensor().permute(0, 2, 3, 1), atol=1e-6)
    assert after.shape == before.shape
    assert 0 <= after.min() <= after.max() <= 1
    mean_error = np.square(before - before.mean(axis=0)).mean()
    assert np.square(before - after).mean() < 0.9 * mean_error


def test_a_walk_covers_the_map(drawing):
    images = walk(drawing, size=4)
    assert images.shape == (4, 4, 8, 8, 1)
    assert np.abs(images[0, 0] - images[3, 3]).max() > 0.1


def test_large_images_are_drawn_as_the_blocks_they_are_averaged_over(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 80, 72, 3), dtype=np.uint8)
    network = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, 2))
    path = tmp_path / "study"
    built = build_study(network, load_data(pixels), path, maps={"autoencoder": "pixels"})
    side = int((4096 / 3) ** 0.5)
    assert walk(built, size=2).shape == (2, 2, side, side, 3)


def test_the_report_shows_them(drawing, tmp_path):
    page = drawing.report(tmp_path / "report.html").read_text()
    assert "What the autoencoder draws" in page


def test_a_study_without_an_autoencoder_says_how_to_have_one(study):
    assert not decodes(study)
    for draw in (walk, lambda each: reconstructions(each, np.arange(3))):
        with pytest.raises(InputError, match="build it with --map autoencoder=pixels"):
            draw(study)
