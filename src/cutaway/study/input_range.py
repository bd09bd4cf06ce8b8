"""Whether images have the range that a network expects, said before the pass begins."""

import numpy as np

from cutaway.data import ImageSet, InputTransform
from cutaway.diagnosis.rules.inputs import out_of_range
from cutaway.progress import say

SAMPLES = 64
"""How many images are looked at."""


def input_moments(transform: InputTransform, images: ImageSet) -> tuple[float, float]:
    """Mean and standard deviation of what some of the images become for the network."""
    step = max(1, len(images) // SAMPLES)
    inputs = transform(images.tensor(np.arange(0, len(images), step)[:SAMPLES]))
    return float(inputs.mean()), float(inputs.std(correction=0))


def say_range(transform: InputTransform, images: ImageSet) -> None:
    """Says where the images that go into the network are not about 0 with a spread near 1.

    A transform that was measured on the images themselves fits them, so nothing is said.

    Args:
        transform: What the network expects.
        images: The data.
    """
    if transform.origin == "inferred":
        return
    mean, spread = input_moments(transform, images)
    if not out_of_range((mean, spread)):
        return
    low, high = images.value_range
    say(
        f"The network would get inputs of mean {mean:.3g} and standard deviation {spread:.3g}, and "
        f"its transform ({transform.origin}) is to bring them near 0 and 1; the pixels of "
        f"{images.name!r} run from {low:.4g} to {high:.4g}. Is the data scaled as the network "
        "expects, floats from 0 to 1?"
    )
