"""Whether images have the range that a network expects, said before the pass begins."""

import numpy as np

from cutaway.data import Images, InputTransform
from cutaway.progress import say

SAMPLES = 64
"""How many images are looked at."""

FARTHEST_MEAN = 4.0
"""Inputs lie about 0 after the transform that a network was trained with. A mean farther off, where
the spread is to be 1, is that of other images, such as values up to 255 where 1 was meant."""

SPREAD = (0.05, 8.0)
"""Their standard deviation is then near 1: below or above these the images are of another scale."""


def say_range(transform: InputTransform, images: Images) -> None:
    """Says where the images that go into the network are not about 0 with a spread near 1.

    A transform that was measured on the images themselves fits them, so nothing is said.

    Args:
        transform: What the network expects.
        images: The data.
    """
    if transform.origin == "inferred":
        return
    step = max(1, len(images) // SAMPLES)
    inputs = transform(images.tensor(np.arange(0, len(images), step)[:SAMPLES]))
    mean, spread = float(inputs.mean()), float(inputs.std())
    if abs(mean) <= FARTHEST_MEAN and SPREAD[0] <= spread <= SPREAD[1]:
        return
    low, high = float(images.pixels.min()), float(images.pixels.max())
    say(
        f"The network would get inputs of mean {mean:.3g} and standard deviation {spread:.3g}, and "
        f"its transform ({transform.origin}) is to bring them near 0 and 1; the pixels of "
        f"{images.name!r} run from {low:.4g} to {high:.4g}. Is the data scaled as the network "
        "expects, floats from 0 to 1?"
    )
