"""Bringing rows to the scale that networks train on."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cutaway.maps.stored_arrays import Arrays, damaged, finite_array, stored_size


@dataclass(frozen=True)
class Standardization:
    """Takes off each feature's mean and divides all by one scale, which keeps shapes and distances.

    Attributes:
        mean: Of each feature.
        scale: Root mean square of the centred values; 1 where they are all equal.

    Example:
        >>> standard = Standardization.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> standard.mean.tolist(), round(standard.scale, 3)
        ([2.0, 5.0], 0.707)
    """

    mean: Float64[np.ndarray, " features"]
    scale: float

    @classmethod
    def of(cls, X: Float[np.ndarray, "samples features"]) -> "Standardization":
        """The standardization under which `X` has mean 0 and variance 1 over all its values."""
        mean = X.mean(axis=0, dtype=np.float64)
        scale = float(np.sqrt(np.square(X - mean).mean()))
        return cls(mean, scale if scale > 0 else 1.0)

    def apply(self, X: Float[np.ndarray, "samples features"]) -> Float[Tensor, "samples features"]:
        """The standardized rows, in the precision of `X`."""
        centred = np.subtract(X, self.mean.astype(X.dtype))
        centred /= X.dtype.type(self.scale)
        return torch.from_numpy(centred)

    def undo(
        self, rows: Float[Tensor, "samples features"]
    ) -> Float[np.ndarray, "samples features"]:
        """Rows in the units of the data, float32."""
        return (rows.numpy() * self.scale + self.mean).astype(np.float32)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Mean and scale, as plain arrays for a file."""
        return {"mean": self.mean, "scale": np.array([self.scale])}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Standardization":
        """The standardization whose `to_arrays` gave these.

        Raises:
            InputError: One is missing or not finite, or the scale is not above 0.
        """
        mean = finite_array(arrays, "mean", (stored_size(arrays, "mean"),)).astype(np.float64)
        scale = float(finite_array(arrays, "scale", (1,))[0])
        if scale <= 0:
            raise damaged("scale", arrays["scale"], "one number above 0")
        return cls(mean, scale)
