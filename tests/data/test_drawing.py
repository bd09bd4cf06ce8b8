import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data import load_data
from cutaway.data.drawing import DrawingForm


def signs(ground=0, ink=255, n=6):
    """Upright bars of 12 pixels in images of 20 x 16, a little to the left."""
    images = np.full((n, 20, 16, 1), ground, np.uint8)
    images[:, 4:16, 5:8] = ink
    return images


def test_the_form_is_that_of_the_signs():
    form = DrawingForm.of(signs())
    assert (form.height, form.width) == (20, 16)
    assert form.extent == 12 / 20
    assert form.centre == pytest.approx((10 / 20, 6.5 / 16))
    assert (form.ground, form.ink) == (0, 255)


def test_dark_ink_on_light_ground():
    form = DrawingForm.of(signs(ground=230, ink=10))
    assert (form.ground, form.ink) == (230, 10)


def test_photographs_and_blank_images_are_no_signs():
    noise = np.random.default_rng(0).integers(0, 256, (9, 12, 12, 1), dtype=np.uint8)
    assert DrawingForm.of(noise) is None
    assert DrawingForm.of(np.zeros((3, 8, 8, 1), np.uint8)) is None


@given(
    top=st.integers(1, 30),
    left=st.integers(1, 30),
    scale=st.integers(1, 3),
    colours=st.sampled_from([(255, 0), (0, 255), (40, 200)]),
)
def test_where_how_large_and_in_what_colours_one_draws_makes_no_difference(
    top, left, scale, colours
):
    ground, ink = colours
    form = DrawingForm.of(signs())
    drawn = np.full((120, 120, 3), ground, np.uint8)
    drawn[top : top + 24 * scale, left : left + 6 * scale] = ink
    image = form.apply(drawn)
    reference = signs()[0].astype(int)
    # The bar of the samples, but for what its edges lose between pixels.
    assert np.abs(image.astype(int) - reference).mean() < 12
    assert image.max() == 255


def test_a_sign_wider_than_the_image_stays_within_it():
    form = DrawingForm(8, 20, 1.0, (0.5, 0.5), 0.0, 255.0)
    drawn = np.zeros((60, 60, 1), np.uint8)
    drawn[2:58, 25:30] = 255
    image = form.apply(drawn)
    assert image.shape == (8, 20, 1)
    assert image.max() == 255


def test_nothing_drawn_is_none():
    assert DrawingForm.of(signs()).apply(np.full((30, 30, 3), 90, np.uint8)) is None


def test_drawn_digits_stay_what_they_are():
    digits = load_data("digits").pixels
    form = DrawingForm.of(digits)
    again = np.stack(
        [form.apply(np.kron(image, np.ones((9, 9, 1), np.uint8))) for image in digits[:50]]
    )
    alike = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1]
        for one, other in zip(again, digits, strict=False)
    ]
    assert np.median(alike) > 0.7
