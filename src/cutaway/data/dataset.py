"""Labelled images as a torch data set of what a network takes."""

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch.utils.data import Dataset

from cutaway.data.image_set import Selection
from cutaway.data.images import Images
from cutaway.data.transform import InputTransform
from cutaway.errors import InputError


class ImageDataset(Dataset):
    """Images with labels behind an input transform; bytes become floats when they are asked for.

    Args:
        images: The images, labelled.
        transform: What the network takes.

    Raises:
        InputError: The images have no labels.
    """

    def __init__(self, images: Images, transform: InputTransform) -> None:
        if images.labels is None:
            raise InputError(
                f"{images.name!r} has no labels, and training needs them; expected a sub-folder a "
                "class, a label column, or (images, labels)"
            )
        self.images = images
        self.transform = transform
        self.labels = torch.from_numpy(np.array(images.labels))

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Float32[torch.Tensor, "channels height width"], int]:
        """The image at `index` as the network takes it, and its label."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is outside a set of {len(self)} images")
        inputs, labels = self.batch([index])
        return inputs[0], int(labels[0])

    def batch(
        self, indices: Selection
    ) -> tuple[
        Float32[torch.Tensor, "picked channels height width"], Int64[torch.Tensor, " picked"]
    ]:
        """The images at `indices` as one batch, and their labels."""
        inputs = self.transform(self.images.tensor(indices))
        return inputs, self.labels[torch.as_tensor(indices)]
