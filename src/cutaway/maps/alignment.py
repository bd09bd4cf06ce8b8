"""Laying maps of the same samples onto each other, so that a sample can be followed through all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64

from cutaway.errors import InputError
from cutaway.maps.stored_arrays import Arrays, damaged, finite_array, stored_size


@dataclass(frozen=True)
class Similarity:
    """A rotation or reflection, a scale and a shift, which leave a map's shape as it is.

    Attributes:
        rotation: Orthogonal matrix that a row is multiplied with from the right.
        scale: Above 0.
        source: Centre of the map that is moved.
        target: Centre that it is moved to.
        disparity: Share of the reference's squared extent that is left between the two, in [0, 1].
    """

    rotation: Float64[np.ndarray, "axes axes"]
    scale: float
    source: Float64[np.ndarray, " axes"]
    target: Float64[np.ndarray, " axes"]
    disparity: float

    def apply(self, positions: Float[np.ndarray, "n axes"]) -> Float32[np.ndarray, "n axes"]:
        """The positions moved; also those of samples that were placed later."""
        moved = self.scale * (positions - self.source) @ self.rotation + self.target
        return moved.astype(np.float32)

    def undo(self, positions: Float[np.ndarray, "n axes"]) -> Float64[np.ndarray, "n axes"]:
        """Where `apply` took the positions from."""
        return (positions - self.target) @ self.rotation.T / self.scale + self.source

    @classmethod
    def none(cls, axes: int) -> "Similarity":
        """The one that moves nothing."""
        return cls(np.eye(axes), 1.0, np.zeros(axes), np.zeros(axes), 0.0)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The fields as plain arrays for a file."""
        sizes = np.array([self.scale, self.disparity])
        return {
            "rotation": np.ascontiguousarray(self.rotation),
            "source": self.source,
            "target": self.target,
            "scale_and_disparity": sizes,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Similarity":
        """The similarity whose `to_arrays` gave these.

        Raises:
            InputError: An array is missing, is not finite, or does not fit; the scale is not above
                0; or the rotation is none.
        """
        axes = stored_size(arrays, "source")
        shapes = {"rotation": (axes, axes), "source": (axes,), "target": (axes,)}
        found = {name: finite_array(arrays, name, shape) for name, shape in shapes.items()}
        scale, disparity = finite_array(arrays, "scale_and_disparity", (2,))
        if scale <= 0:
            raise damaged("scale_and_disparity", arrays["scale_and_disparity"], "a scale above 0")
        rotation = found["rotation"].astype(np.float64)
        if not np.allclose(rotation @ rotation.T, np.eye(axes), atol=1e-6):
            raise damaged("rotation", arrays["rotation"], "an orthogonal matrix")
        return cls(rotation, float(scale), found["source"], found["target"], float(disparity))


def procrustes(
    positions: Float[np.ndarray, "n axes"],
    reference: Float[np.ndarray, "m dimensions"],
    *,
    scale: bool = True,
) -> Similarity:
    """The similarity that brings `positions` nearest to `reference`, by least squares over rows.

    Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem"; the
    scale is Schönemann and Carroll's 1970.

    Args:
        positions: Map to move.
        reference: Map of the same samples in the same order.
        scale: Whether it may grow or shrink.

    Raises:
        InputError: The shapes differ, there are no rows, or a value is not finite.

    Example:
        >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0], [0.0, 1.0]])
        >>> turned = square @ np.array([[0.0, 3.0], [-3.0, 0.0]]) + 7
        >>> bool(np.allclose(procrustes(turned, square).apply(turned), square, atol=1e-6))
        True
    """
    _require_same_samples(positions, reference)
    source, target = positions.mean(axis=0, dtype=float), reference.mean(axis=0, dtype=float)
    moving, fixed = positions - source, reference - target
    extent, goal = np.square(moving).sum(), np.square(fixed).sum()
    left, stretch, right = np.linalg.svd(moving.T @ fixed)
    overlap = float(stretch.sum())
    grown = overlap / extent if scale and extent > 0 and overlap > 0 else 1.0
    left_over = goal - 2 * grown * overlap + grown**2 * extent
    disparity = float(np.clip(left_over / goal, 0, 1)) if goal > 0 else float(extent > 0)
    return Similarity(left @ right, float(grown), source, target, disparity)


def align(
    maps: Sequence[Float[np.ndarray, "_ _"]],
    reference: Float[np.ndarray, "_ _"] | None = None,
    *,
    scale: bool = True,
) -> list[Float32[np.ndarray, "_ _"]]:
    """Lays each map of the same samples onto the one before it, the first onto `reference`.

    Only rotation, reflection, scale and shift: what is near on a map stays near. Equal maps come
    out equal.

    Args:
        maps: Of successive layers, epochs or methods; rows are the same samples in the same order.
        reference: What the first is laid onto; None leaves the first where it is.
        scale: Whether maps may grow or shrink to fit.

    Raises:
        InputError: The maps differ in shape, or one is not finite.

    Example:
        >>> first = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
        >>> mirrored = first * [-1, 1]
        >>> aligned = align([first, mirrored])
        >>> bool(np.allclose(*aligned, atol=1e-6))
        True
    """
    aligned: list[np.ndarray] = []
    before = reference
    for positions in maps:
        _require_same_samples(positions, positions if before is None else before)
        rounded = positions.astype(np.float32)
        if before is not None and not np.array_equal(rounded, before.astype(np.float32)):
            rounded = procrustes(positions, before, scale=scale).apply(positions)
        aligned.append(rounded)
        before = rounded
    return aligned


def _require_same_samples(positions: np.ndarray, reference: np.ndarray) -> None:
    if positions.ndim != 2 or positions.shape != reference.shape or not len(positions):
        raise InputError(
            f"maps of shape {positions.shape} and {reference.shape} cannot be aligned; expected "
            "(n, axes) of the same n samples in the same order: select the samples they share"
        )
    if not (np.isfinite(positions).all() and np.isfinite(reference).all()):
        raise InputError(
            "a map to align holds NaN or infinity; expected finite positions: leave out those rows"
        )
