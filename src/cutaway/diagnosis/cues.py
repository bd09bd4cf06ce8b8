"""Images without one of the cues that a network may go by: colour, detail, shape, shading."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import conv2d, pad

from cutaway.errors import InputError

Images = Float[Tensor, "batch channels height width"]
Strength = float | int

_LUMA = (0.299, 0.587, 0.114)
_HIGH_PASS_SIDE = 0.05
_LEVELS = 256


def grey(images: Images, strength: Strength) -> Images:
    """Images whose colours fade: 0 changes nothing, 1 leaves brightness alone (ITU-R BT.601)."""
    return images + strength * (_brightness(images) - images)


def blur(images: Images, strength: Strength) -> Images:
    """Images through a Gaussian, whose deviation is `strength` times the shorter side.

    Fine detail goes, colour and coarse shape stay. Borders are mirrored.
    """
    deviation = strength * min(images.shape[2:])
    if deviation <= 0:
        return images.clone()
    for axis in (2, 3):
        images = _blurred_along(images, deviation, axis)
    return images


def high_pass(images: Images, strength: Strength) -> Images:
    """Images whose areas fade while edges stay: at 1 only what a blur of 5% of the side takes away.

    What is taken off is the blurred image less the image's own mean, so that it keeps its tint.
    """
    coarse = blur(images, _HIGH_PASS_SIDE) - images.mean(dim=(2, 3), keepdim=True)
    return (images - strength * coarse).clamp(0, 1) if strength else images.clone()


def patch_shuffle(images: Images, strength: Strength, seed: int = 0) -> Images:
    """Images cut into `strength` × `strength` parts that change places at random.

    Detail and colour stay, shape goes. Pixels that make up no whole part stay where they are, at
    the right and at the bottom; 0 and 1 change nothing. Each image has an order of its own.
    """
    parts = int(strength)
    height, width = (side // parts if parts else side for side in images.shape[2:])
    if parts < 2 or not height or not width:
        return images.clone()
    random = torch.Generator().manual_seed(seed)
    orders = torch.rand(len(images), parts**2, generator=random).argsort(dim=1)
    batch, channels = images.shape[:2]
    whole = images[:, :, : parts * height, : parts * width]
    tiles = whole.reshape(batch, channels, parts, height, parts, width).permute(0, 2, 4, 1, 3, 5)
    tiles = tiles.reshape(batch, parts**2, channels, height, width)
    tiles = tiles[torch.arange(batch)[:, None], orders.to(images.device)]
    tiles = tiles.reshape(batch, parts, parts, channels, height, width).permute(0, 3, 1, 4, 2, 5)
    shuffled = images.clone()
    shuffled[:, :, : parts * height, : parts * width] = tiles.reshape(whole.shape)
    return shuffled


def silhouette(images: Images, strength: Strength) -> Images:
    """Images that turn into a black figure on white: 0 changes nothing, 1 leaves the outline.

    Figure and ground are told apart by Otsu's threshold of brightness (Otsu 1979); the ground is
    the side that most of the image's border lies on. Where brightness does not tell the object from
    its background, the outline is not the object's.
    """
    brightness = _brightness(images)[:, :1]
    levels = (brightness.clamp(0, 1) * (_LEVELS - 1)).long()
    bright = (levels > _otsu(levels)).to(images.dtype)
    border = torch.cat([bright[..., 0, :], bright[..., -1, :], bright[..., 0], bright[..., -1]], -1)
    bright_ground = (border.mean(dim=-1) >= 0.5)[..., None, None]
    ground = torch.where(bright_ground, bright, 1 - bright)
    return images + strength * (ground - images)


CUES: dict[str, tuple[Callable[[Images, Strength], Images], tuple[Strength, ...]]] = {
    "grey": (grey, (0, 0.5, 1)),
    "blur": (blur, (0, 0.02, 0.04, 0.08)),
    "high-pass": (high_pass, (0, 0.5, 1)),
    "patch shuffle": (patch_shuffle, (0, 2, 4, 8)),
    "silhouette": (silhouette, (0, 0.5, 1)),
}
"""What is done to images, by name, and the strengths that are tried; 0 changes nothing."""


def altered(images: Images, cue: str, strength: Strength) -> Images:
    """Images with one cue taken away.

    Args:
        images: Values in [0, 1], before the network's transform.
        cue: A key of `CUES`.
        strength: As the function of that name takes it; 0 changes nothing.

    Raises:
        InputError: There is no such cue.

    Example:
        >>> altered(torch.rand(2, 3, 8, 8), "grey", 1.0).std(dim=1).max().item() < 1e-6
        True
    """
    if cue not in CUES:
        raise InputError(f"cue={cue!r} is not known; expected one of {list(CUES)}")
    return CUES[cue][0](images, strength)


def _brightness(images: Images) -> Images:
    if images.shape[1] != 3:
        return images.mean(dim=1, keepdim=True).expand_as(images)
    weights = images.new_tensor(_LUMA)[:, None, None]
    return (images * weights).sum(dim=1, keepdim=True).expand_as(images)


def _blurred_along(images: Images, deviation: Strength, axis: int) -> Images:
    # A mirrored border cannot reach beyond the image.
    reach = min(int(4 * deviation + 0.5), images.shape[axis] - 1)
    steps = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    weights = torch.exp(-0.5 * (steps / deviation) ** 2)
    shape = [1, 1, 1, 1]
    shape[axis] = len(weights)
    border = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
    flat = pad(images.flatten(0, 1)[:, None], border, mode="reflect")
    return conv2d(flat, (weights / weights.sum()).reshape(shape)).reshape(images.shape)


def _otsu(levels: Int64[Tensor, "batch 1 height width"]) -> Int64[Tensor, "batch 1 1 1"]:
    """The level that parts brightness best, with most variance between the two sides."""
    flat = levels.flatten(1)
    counts = torch.zeros(len(flat), _LEVELS, dtype=torch.float64, device=levels.device)
    counts.scatter_add_(1, flat, torch.ones_like(flat, dtype=torch.float64))
    below = counts.cumsum(dim=1)
    sums = (counts * torch.arange(_LEVELS, device=levels.device)).cumsum(dim=1)
    total, whole = below[:, -1:], sums[:, -1:]
    between = (sums * total - whole * below) ** 2 / (below * (total - below)).clamp(min=1)
    return between.argmax(dim=1)[:, None, None, None]
