"""Images in a list: files, pictures, arrays of several sizes, or pairs with a label."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from cutaway.data.labels import labels_from

_ITEMS = (str, Path, bytes, Image.Image, tuple, Mapping)


class Listed:
    """A list as a data set with an index.

    Args:
        images: Each in any of the kinds that `cutaway.data.values.record_of` takes.
        labels: One an image, or None where the items bring their own or have none.

    Raises:
        InputError: The labels are none, or not as many as the images.

    Example:
        >>> Listed(["cat.png", "dog.png"], ["cat", "dog"])[1]
        ('dog.png', 1)
    """

    classes: tuple[str, ...] | None

    def __init__(self, images: Sequence[Any], labels: Any = None) -> None:
        self._images = images
        self._labels, self.classes = labels_from(labels, len(images))

    def __len__(self) -> int:
        """Number of images."""
        return len(self._images)

    def __getitem__(self, at: int) -> Any:
        """An image with its label, or the item as it is."""
        image = self._images[at]
        return image if self._labels is None else (image, int(self._labels[at]))


def holds_items(images: Any) -> bool:
    """Whether a list holds single images that no array could hold together as they are.

    Example:
        >>> holds_items(["cat.png"]), holds_items([[[0, 255]], [[255, 0]]])
        (True, False)
    """
    if not isinstance(images, list) or not images:
        return False
    shapes = {tuple(getattr(image, "shape", ())) for image in images}
    # Floats are never resized, so those of several shapes are no set.
    floats = any("float" in str(getattr(image, "dtype", "")) for image in images)
    return isinstance(images[0], _ITEMS) or (len(shapes) > 1 and not floats)
