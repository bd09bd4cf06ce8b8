"""One step of gradient descent with momentum and gains."""

import numpy as np
from jaxtyping import Float32

from cutaway.compiled import compiled

ZERO = np.float32(0)
ONE = np.float32(1)
FOUR = np.float32(4)
GAIN_RISE = np.float32(0.2)
GAIN_FALL = np.float32(0.8)
GAIN_LEAST = np.float32(0.01)


@compiled(nogil=True, fastmath=True)
def total(values: Float32[np.ndarray, "n"]) -> float:
    """The sum in float64."""
    result = 0.0
    for value in values:
        result += np.float64(value)
    return result


@compiled(nogil=True, fastmath=True)
def descend(
    attraction: Float32[np.ndarray, "n 2"],
    repulsion: Float32[np.ndarray, "n 2"],
    exaggeration: np.float32,
    normalization: np.float32,
    learning_rate: np.float32,
    momentum: np.float32,
    longest: np.float32,
    Y: Float32[np.ndarray, "n 2"],
    axes: int,
    velocity: Float32[np.ndarray, "n 2"],
    gains: Float32[np.ndarray, "n 2"],
    bounds: Float32[np.ndarray, "2 2"],
) -> float:
    """Moves Y down the gradient 4 (exaggeration · attraction − repulsion / Z) and measures its extent.

    A coordinate's gain rises by 0.2 while its gradient keeps pushing the way it goes and falls by a
    fifth where it turns: Jacobs 1988, as in van der Maaten and Hinton 2008, section 3.4. No step is
    longer than `longest`. `bounds` receives the least and largest coordinates.

    Returns:
        The squared norm of the gradient along the first `axes` axes, which points move along.
    """
    squared_norm = 0.0
    low_x, low_y, high_x, high_y = Y[0, 0], Y[0, 1], Y[0, 0], Y[0, 1]
    for i in range(len(Y)):
        for axis in range(axes):
            slope = FOUR * (exaggeration * attraction[i, axis] - repulsion[i, axis] / normalization)
            squared_norm += np.float64(slope * slope)
            gain = gains[i, axis]
            gain = gain + GAIN_RISE if slope * velocity[i, axis] < ZERO else gain * GAIN_FALL
            gain = max(gain, GAIN_LEAST)
            gains[i, axis] = gain
            velocity[i, axis] = momentum * velocity[i, axis] - learning_rate * gain * slope
        length = np.sqrt(velocity[i, 0] ** 2 + velocity[i, 1] ** 2)
        if length > longest:
            velocity[i, 0] *= longest / length
            velocity[i, 1] *= longest / length
        Y[i, 0] += velocity[i, 0]
        Y[i, 1] += velocity[i, 1]
        low_x, high_x = min(low_x, Y[i, 0]), max(high_x, Y[i, 0])
        low_y, high_y = min(low_y, Y[i, 1]), max(high_y, Y[i, 1])
    bounds[0, 0], bounds[0, 1] = low_x, low_y
    bounds[1, 0], bounds[1, 1] = high_x, high_y
    return squared_norm
