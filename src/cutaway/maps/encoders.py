"""Networks from rows to map coordinates and back."""

import copy
import itertools

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from cutaway.maps.stored_arrays import damaged

_FILTERS = (32, 64)

ImageShape = tuple[int, int, int]


def dense(widths: tuple[int, ...]) -> nn.Sequential:
    """Fully connected layers of the given widths, with GELU between and nothing after the last.

    Example:
        >>> [tuple(p.shape) for p in dense((4, 3, 2)).parameters()]
        [(3, 4), (3,), (2, 3), (2,)]
    """
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.GELU()]
    return nn.Sequential(*layers[:-1])


def linear(weights: Float[Tensor, "outputs inputs"]) -> nn.Sequential:
    """One layer of the given weights, without bias, stored like `dense` ones."""
    with torch.device("meta"):
        network = dense((weights.shape[1], weights.shape[0]))
    state = {"0.weight": weights.float().contiguous(), "0.bias": torch.zeros(len(weights))}
    network.load_state_dict(state, assign=True)
    return network


class ConvolutionalEncoder(nn.Module):
    """Rows of pixels to coordinates, by convolutions that halve height and width.

    Args:
        image_shape: Height, width and channels of the image that a row holds in that order.
        n_components: Number of coordinates.
    """

    def __init__(self, image_shape: ImageShape, n_components: int) -> None:
        super().__init__()
        self.image_shape = image_shape
        channels = (image_shape[2], *_FILTERS)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
            for inputs, outputs in itertools.pairwise(channels)
        )
        height, width = feature_map_sizes(image_shape)[-1]
        self.head = nn.Linear(_FILTERS[-1] * height * width, n_components)

    def forward(self, rows: Float[Tensor, "samples features"]) -> Float[Tensor, "samples k"]:
        """Coordinates of the rows."""
        maps = rows.unflatten(1, self.image_shape).permute(0, 3, 1, 2)
        for convolution in self.convolutions:
            maps = nn.functional.gelu(convolution(maps))
        return self.head(maps.flatten(1))


class ConvolutionalDecoder(nn.Module):
    """Coordinates to rows of pixels: the encoder's sizes backwards, by resizing and convolving.

    Resizing by the nearest pixel before a convolution leaves no checkerboard, which transposed
    convolutions do: Odena, Dumoulin and Olah 2016, "Deconvolution and checkerboard artifacts".
    """

    def __init__(self, image_shape: ImageShape, n_components: int) -> None:
        super().__init__()
        self.sizes = feature_map_sizes(image_shape)[::-1]
        height, width = self.sizes[0]
        self.start = (_FILTERS[-1], height, width)
        self.head = nn.Linear(n_components, _FILTERS[-1] * height * width)
        channels = (*_FILTERS[::-1], image_shape[2])
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1)
            for inputs, outputs in itertools.pairwise(channels)
        )

    def forward(self, coordinates: Float[Tensor, "samples k"]) -> Float[Tensor, "samples features"]:
        """The rows at the coordinates."""
        maps = self.head(coordinates).unflatten(1, self.start)
        for convolution, size in zip(self.convolutions, self.sizes[1:], strict=True):
            maps = nn.functional.interpolate(nn.functional.gelu(maps), size=size)
            maps = convolution(maps)
        return maps.permute(0, 2, 3, 1).flatten(1)


def feature_map_sizes(image_shape: ImageShape) -> list[tuple[int, int]]:
    """Height and width of the image and after each convolution.

    Example:
        >>> feature_map_sizes((28, 28, 1))
        [(28, 28), (14, 14), (7, 7)]
    """
    sizes = [(image_shape[0], image_shape[1])]
    for _ in _FILTERS:
        height, width = sizes[-1]
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    return sizes


def stored_image_shape(stored: object, features: int) -> ImageShape:
    """Height, width and channels as stored in a file, if their product is the number of features.

    Raises:
        InputError: They are not three whole numbers above 0 with that product.
    """
    if isinstance(stored, np.ndarray) and stored.dtype.kind in "iu" and stored.shape == (3,):
        height, width, channels = (int(size) for size in stored)
        if min(height, width, channels) > 0 and height * width * channels == features:
            return height, width, channels
    raise damaged("image_shape", stored, f"three whole numbers whose product is {features}")


def apply_rowwise(
    network: nn.Module, rows: Float[Tensor, "samples inputs"], block: int = 512
) -> Float[Tensor, "samples outputs"]:
    """The network's outputs as float32, computed in float64.

    Float32 sums depend on how many rows are multiplied at once, by about one part in a million;
    rounded from float64, a row's output does not depend on the rows beside it.
    """
    parameter = next(network.parameters())
    device = torch.device("cpu") if parameter.device.type == "mps" else parameter.device
    exact = copy.deepcopy(network).to(device).double().eval()
    with torch.inference_mode():
        outputs = [
            exact(part.to(device, torch.float64)).float().cpu() for part in rows.split(block)
        ]
    return torch.cat(outputs)
