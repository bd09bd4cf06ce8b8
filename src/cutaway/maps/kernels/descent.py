"""One step of gradient descent with momentum and gains."""

import numpy as np
from jaxtyping import Float32

from cutaway.compiled import compiled

ZERO = np.float32(0)
ONE = np.float32(1)
LEAST = np.float32(1e-30)
FOUR = np.float32(4)
GAIN_RISE = np.float32(0.2)
GAIN_FALL = np.float32(0.8)
GAIN_LEAST = np.float32(0.01)


@compiled(nogil=True, fastmath=True, error_model="numpy")
def total(values: Float32[np.ndarray, "n"]) -> float:
    """The sum in float64."""
    result = 0.0
    for value in values:
        result += np.float64(value)
    return result


@compiled(nogil=True, fastmath=True, error_model="numpy")
def descend(
    attraction: Float32[np.ndarray, "2 n"],
    repulsion: Float32[np.ndarray, "2 n"],
    exaggeration: np.float32,
    normalization: np.float32,
    learning_rate: np.float32,
    momentum: np.float32,
    longest: np.float32,
    Y: Float32[np.ndarray, "2 n"],
    axes: int,
    velocity: Float32[np.ndarray, "2 n"],
    gains: Float32[np.ndarray, "2 n"],
    bounds: Float32[np.ndarray, "2 2"],
) -> float:
    """Moves Y down the gradient 4 (exaggeration · attraction − repulsion / Z).

    A coordinate's gain rises by 0.2 while its gradient keeps pushing the way it goes and falls by a
    fifth where it turns: Jacobs 1988, as in van der Maaten and Hinton 2008, section 3.4. No step is
    longer than `longest`. `bounds` receives the least and largest coordinates.

    Returns:
        The squared norm of the gradient along the first `axes` axes, which points move along.
    """
    squared_norm = 0.0
    for i in range(Y.shape[1]):
        for axis in range(axes):
            slope = FOUR * (exaggeration * attraction[axis, i] - repulsion[axis, i] / normalization)
            squared_norm += np.float64(slope * slope)
            gain = gains[axis, i]
            gain = gain + GAIN_RISE if slope * velocity[axis, i] < ZERO else gain * GAIN_FALL
            gain = max(gain, GAIN_LEAST)
            gains[axis, i] = gain
            velocity[axis, i] = momentum * velocity[axis, i] - learning_rate * gain * slope
        length = np.sqrt(velocity[0, i] * velocity[0, i] + velocity[1, i] * velocity[1, i])
        shortened = min(ONE, longest / max(length, LEAST))
        for axis in range(2):
            velocity[axis, i] *= shortened
            Y[axis, i] += velocity[axis, i]
    for axis in range(2):
        low, high = Y[axis, 0], Y[axis, 0]
        for value in Y[axis]:
            low, high = min(low, value), max(high, value)
        bounds[0, axis], bounds[1, axis] = low, high
    return squared_norm
