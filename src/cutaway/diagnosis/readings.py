"""Other ways to read the same images: what goes wrong between one library and another."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

Images = Float[Tensor, "batch channels height width"]

READINGS: dict[str, Callable[[Images], Images]] = {
    "red and blue exchanged": lambda images: images.flip(1),
    "light and dark exchanged": lambda images: 1 - images,
    "rows and columns exchanged": lambda images: images.transpose(2, 3),
    "top and bottom exchanged": lambda images: images.flip(2),
}
"""What becomes of images with values in [0, 1]: by OpenCV, in negative, transposed, upside down."""


def readings_of(channels: int, height: int, width: int) -> tuple[str, ...]:
    """The ways that change images of a shape and keep the shape.

    Example:
        >>> readings_of(1, 28, 32)
        ('light and dark exchanged', 'top and bottom exchanged')
    """
    possible = {
        "red and blue exchanged": channels == 3,
        "rows and columns exchanged": height == width > 1,
        "top and bottom exchanged": height > 1,
    }
    return tuple(name for name in READINGS if possible.get(name, True))
