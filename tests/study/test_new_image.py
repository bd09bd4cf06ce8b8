import io

import numpy as np
import pytest
from PIL import Image

from cutaway.data.drawing import DrawingForm
from cutaway.study.new_image import (
    MOST_BYTES,
    RefusedImageError,
    as_drawing,
    as_sample,
    read_new_image,
)

FORM = DrawingForm(8, 8, 0.75, (0.5, 0.5), 0.0, 255.0)


def encoded(pixels, kind="png"):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_a_png_is_read_as_it_is(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(read_new_image(encoded(pixels)).squeeze(), pixels)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "format"),
        (b"no image at all", "format"),
        (encoded(np.zeros((4, 4), np.uint8), "gif"), "format"),
        (
            encoded(np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8))[:600],
            "unusable",
        ),
        (bytes(MOST_BYTES + 1), "large"),
        (encoded(np.zeros((5000, 4000), np.uint8)), "large"),
    ],
    ids=["empty", "words", "gif", "cut off", "bytes", "pixels"],
)
def test_what_is_refused_says_why(body, kind):
    with pytest.raises(RefusedImageError) as refused:
        read_new_image(body)
    assert refused.value.kind == kind


def test_a_sample_of_the_right_form_is_left_alone():
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    image, done = as_sample(pixels, (3, 6, 4))
    assert np.array_equal(image, pixels)
    assert done == []


def test_all_that_is_done_to_a_sample_is_told():
    pixels = np.full((20, 40, 3), 7, np.uint8)
    pixels[:, :10] = pixels[:, 30:] = 200  # what the middle square does not hold
    image, done = as_sample(pixels, (1, 10, 10))
    assert image.shape == (10, 10, 1)
    assert (image == 7).all()
    assert len(done) == 3
    image, done = as_sample(image, (3, 10, 10))
    assert image.shape == (10, 10, 3)
    assert done == ["Grey became colour."]


@pytest.mark.parametrize("size", [(1, 1, 1), (1, 300, 3), (300, 1, 1)])
def test_extreme_shapes_are_brought_to_size(size):
    image, _ = as_sample(np.full(size, 9, np.uint8), (3, 8, 8))
    assert image.shape == (8, 8, 3)
    assert (image == 9).all()


def test_a_drawing_takes_the_form_of_the_samples():
    drawn = np.full((50, 50, 1), 255, np.uint8)
    drawn[5:25, 10:14] = 0
    image, done = as_drawing(drawn, FORM)
    assert image.shape == (8, 8, 1)
    assert image.max() == 255
    assert len(done) == 2


def test_an_empty_drawing_and_samples_that_are_none_are_refused():
    blank = np.full((50, 50, 1), 255, np.uint8)
    with pytest.raises(RefusedImageError, match="Nothing is drawn"):
        as_drawing(blank, FORM)
    with pytest.raises(RefusedImageError, match="no drawn signs"):
        as_drawing(blank, None)
