"""A drawing by hand in the form of a set of drawn signs: their size, place, ground and ink."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image

_INKED = 0.2
"""A pixel counts as ink where it is this share of the strongest away from the ground."""
_EVEN = 0.1
"""A ground is even where the border of most images stays within this share of it."""
_EXAMPLES = 300
_SHARP = 8
"""Drawings are first brought to so many times the final size, so that their place is exact."""


@dataclass(frozen=True)
class DrawingForm:
    """How the signs of a data set lie in their images.

    Attributes:
        height: Of an image, in pixels.
        width: Of an image, in pixels.
        extent: Larger side of a sign over that of the image, the median.
        centre: Where the mass of a sign is, (row, column) as shares of the image, the median.
        ground: Value of the ground, from 0 to 255.
        ink: Value of full ink.
    """

    height: int
    width: int
    extent: float
    centre: tuple[float, float]
    ground: float
    ink: float

    @classmethod
    def of(cls, images: UInt8[np.ndarray, "n height width 1"]) -> "DrawingForm | None":
        """Measures it on examples; None where they are no signs on an even ground.

        Example:
            >>> images = np.zeros((4, 10, 10, 1), dtype=np.uint8)
            >>> images[:, 2:8, 4:6] = 255
            >>> DrawingForm.of(images).extent
            0.6
        """
        n, height, width = images.shape[:3]
        values = images[:: max(1, n // _EXAMPLES), ..., 0].astype(np.float64)
        border = np.concatenate([values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], 1)
        ground = float(np.median(border))
        spread = np.abs(values - ground).reshape(len(values), -1).max(axis=1)
        uneven = np.median(np.abs(border - ground), axis=1) > _EVEN * 255
        if not spread.any() or uneven.mean() > _EVEN:
            return None
        signs = [_sign(np.abs(image - ground)) for image in values[spread > 0]]
        larger = [max(bottom - top, right - left) for (top, left, bottom, right), _ in signs]
        centres = np.median([centre for _, centre in signs], axis=0)
        away = values - ground
        side = 1.0 if np.abs(away.max()) >= np.abs(away.min()) else -1.0
        return cls(
            height=height,
            width=width,
            extent=float(np.median(larger)) / max(height, width),
            centre=(float(centres[0]) / height, float(centres[1]) / width),
            ground=ground,
            ink=float(np.clip(ground + side * np.median(spread), 0, 255)),
        )

    def apply(
        self, drawing: UInt8[np.ndarray, "rows columns channels"]
    ) -> UInt8[np.ndarray, "height width 1"] | None:
        """The drawing with size, place, ground and ink of the data's signs; None if it is empty.

        Args:
            drawing: Strokes of any colour on an even ground of any other.
        """
        strength = _strength(drawing)
        if strength is None:
            return None
        (top, left, bottom, right), _ = _sign(strength)
        sign = Image.fromarray((strength[top:bottom, left:right] * 255).astype(np.uint8))
        scale = self.extent * max(self.height, self.width) * _SHARP / max(sign.size)
        size = tuple(max(1, round(side * scale)) for side in sign.size)
        resized = np.asarray(sign.resize(size, Image.Resampling.BOX), dtype=np.float64)  # type: ignore[arg-type]
        canvas = self._centred(resized)
        fine = canvas.reshape(self.height, _SHARP, self.width, _SHARP).mean(axis=(1, 3))
        fine /= max(fine.max(), 1e-9)
        values = self.ground + fine * (self.ink - self.ground)
        return np.rint(values.clip(0, 255)).astype(np.uint8)[..., None]

    def _centred(self, sign: Float64[np.ndarray, "rows columns"]) -> np.ndarray:
        """The sign on an empty canvas, its mass where the data's is, shifted to stay whole."""
        sides = (self.height * _SHARP, self.width * _SHARP)
        canvas = np.zeros(sides)
        _, mass = _sign(sign)
        starts = [
            int(np.clip(round(share * side - at), 0, max(side - length, 0)))
            for share, side, at, length in zip(self.centre, sides, mass, sign.shape, strict=True)
        ]
        part = sign[: sides[0], : sides[1]]
        canvas[starts[0] : starts[0] + part.shape[0], starts[1] : starts[1] + part.shape[1]] = part
        return canvas


def _strength(drawing: np.ndarray) -> np.ndarray | None:
    """How far each pixel is from the ground, from 0 to 1; None where nothing was drawn."""
    values = drawing.astype(np.float64)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    away = np.abs(values - np.median(border, axis=0)).max(axis=2)
    most = float(away.max())
    return None if most < _INKED * 255 else away / most


def _sign(
    strength: np.ndarray,
) -> tuple[tuple[int, int, int, int], tuple[float, float]]:
    """The box of the ink, (top, left, bottom, right), and the middle of its mass."""
    inked = strength > _INKED * strength.max()
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    box = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    total = strength.sum()
    middle = [
        float((strength.sum(axis=1 - axis) * (np.arange(length) + 0.5)).sum() / total)
        for axis, length in enumerate(strength.shape)
    ]
    return box, (middle[0], middle[1])
