"""What a convolution's filters do to an image, told from their frequency response."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float

from cutaway.diagnosis.colour_opponents import split_colour

FLAT = 0.7
"""A filter smooths where fine detail passes with less than this share of the brightness's gain."""
PASSES_BRIGHTNESS = 0.9
"""A filter is led by brightness where that passes with at least this share of its largest gain."""
KEEPS_BRIGHTNESS = 0.075
"""A filter that favours detail sharpens where brightness passes with at least this share of its
largest gain; one that lets less through has a centre against its surround."""
ORIENTED = 0.5
"""A symmetric filter is oriented where its power gathers along one direction: 0 for all alike, 1
for one alone."""
NOISE_PERCENTILE = 95
"""A filter is noise-like unless it is more symmetric than this percentage of random filters."""

_FREQUENCIES = 32
_FINE = 0.25
_RANDOM_FILTERS = 400


def filter_effects(weights: Float[np.ndarray, "filters channels height width"]) -> list[str]:
    """Names each filter of a convolution for what it does, in plain words.

    A filter over three channels is taken apart into a colour and a pattern (its first singular
    vectors): where the colour is no shade of grey it is a colour opponent, else the pattern is
    named. Of filters over other numbers of channels the one of the largest weights is named, as
    `cutaway.plot.filters` draws it.

    The pattern's frequency response H says what passes: brightness at frequency 0, detail above
    0.25 cycles a pixel. A pattern that is odd around some centre, or symmetric with its power along
    one direction, is an oriented edge; its angle is that of the edge itself, counted from the
    horizontal against the clock, to 5 degrees. A symmetric pattern led by brightness smooths, or
    leaves the image as it is (identity); one that favours detail sharpens, or where brightness is
    held back has a centre against its surround. What turns brightness over is inverting. A pattern
    less symmetric than 95% of random ones of its size is noise-like, unless one pair of colours
    explains 80% of the filter; so small filters of noise are
    named wrongly in about one case of twenty.

    Source: linear filters by their response, as in R. Gonzalez and R. Woods, Digital Image
    Processing (2018), chapters 3 and 4; first layers named so in C. Olah and others, An Overview of
    Early Vision in InceptionV1 (2020), https://doi.org/10.23915/distill.00024.002.

    Returns:
        "smoothing", "identity", "sharpening", "inverting", "centre-surround",
        "oriented edge (45°)", "colour opponent (red–green)", "noise-like", or "" for one of zeros.

    Example:
        >>> sobel = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
        >>> filter_effects(np.array([[sobel], [np.ones((3, 3))]]))
        ['oriented edge (90°)', 'smoothing']
    """
    values = np.asarray(weights, dtype=np.float64)
    patterns, colours, sure = _patterns(values)
    names = _pattern_names(patterns)
    return [
        f"colour opponent ({colour})" if colour and (certain or name != "noise-like") else name
        for name, colour, certain in zip(names, colours, sure, strict=True)
    ]


def effect_kind(effect: str) -> str:
    """An effect without its particulars.

    Example:
        >>> effect_kind("oriented edge (45°)")
        'oriented edge'
    """
    return effect.partition(" (")[0]


@dataclass(frozen=True)
class Response:
    """Figures of the frequency response of each of several patterns.

    Attributes:
        brightness: Gain at frequency 0 over the largest, with its sign, in [-1, 1].
        detail: Gain above 0.25 cycles a pixel (root mean square) over that at 0.
        coherence: How far the power gathers along one direction, in [0, 1].
        angle: Along which edges run that pass best, degrees in [0, 180).
        even: The pattern's symmetry around its best centre, at most 1.
        odd: The same for its mirror image of opposite sign.
    """

    brightness: Float[np.ndarray, " filters"]
    detail: Float[np.ndarray, " filters"]
    coherence: Float[np.ndarray, " filters"]
    angle: Float[np.ndarray, " filters"]
    even: Float[np.ndarray, " filters"]
    odd: Float[np.ndarray, " filters"]


def frequency_response(patterns: Float[np.ndarray, "filters height width"]) -> Response:
    """Sums up how patterns respond to waves of every frequency and direction.

    Example:
        >>> found = frequency_response(np.ones((1, 3, 3)))
        >>> found.brightness, found.even.round(6)
        (array([1.]), array([1.]))
    """
    count = max(_FREQUENCIES, 2 * max(patterns.shape[1:]))
    spectrum = np.fft.fft2(patterns, s=(count, count))
    power = np.square(np.abs(spectrum))
    down, across = np.meshgrid(*[np.fft.fftfreq(count)] * 2, indexing="ij")
    radius = np.hypot(down, across)
    largest = np.maximum(np.sqrt(power.max(axis=(1, 2))), np.finfo(np.float64).tiny)
    total = patterns.sum(axis=(1, 2))
    fine = np.sqrt(power[:, radius > _FINE].mean(axis=1))
    coherence, angle = _orientation(power, down, across)
    even, odd = _symmetries(patterns)
    return Response(
        brightness=total / largest,
        detail=fine / np.maximum(np.abs(total), 1e-9 * largest),
        coherence=coherence,
        angle=angle,
        even=even,
        odd=odd,
    )


def _patterns(
    values: Float[np.ndarray, "filters channels height width"],
) -> tuple[Float[np.ndarray, "filters height width"], list[str], Bool[np.ndarray, " filters"]]:
    """What is named of each filter, its pair of colours ("" for grey), and whether that is sure."""
    if values.shape[1] == 3:
        return split_colour(values)
    strongest = np.square(values).sum(axis=(2, 3)).argmax(axis=1)
    chosen = values[np.arange(len(values)), strongest]
    return chosen, [""] * len(values), np.zeros(len(values), dtype=bool)


def _pattern_names(patterns: Float[np.ndarray, "filters height width"]) -> list[str]:
    height, width = patterns.shape[1:]
    if not len(patterns):
        return []
    response = frequency_response(patterns)
    noise = _noise_symmetry(height, width)
    silent = np.abs(patterns).max(axis=(1, 2)) == 0
    return [
        "" if silent[row] else _name(response, row, noise=noise) for row in range(len(patterns))
    ]


def _name(response: Response, row: int, *, noise: float) -> str:
    even, odd = float(response.even[row]), float(response.odd[row])
    brightness = float(response.brightness[row])
    if max(even, odd) < noise:
        return "noise-like"
    if abs(brightness) >= PASSES_BRIGHTNESS:
        plain = "smoothing" if response.detail[row] < FLAT else "identity"
        return plain if brightness > 0 else "inverting"
    if odd > even or response.coherence[row] >= ORIENTED:
        return f"oriented edge ({round(float(response.angle[row]) / 5) * 5 % 180}°)"
    if abs(brightness) >= KEEPS_BRIGHTNESS:
        return "sharpening" if brightness > 0 else "inverting"
    return "centre-surround"


def _orientation(
    power: Float[np.ndarray, "filters down across"],
    down: Float[np.ndarray, "down across"],
    across: Float[np.ndarray, "down across"],
) -> tuple[Float[np.ndarray, " filters"], Float[np.ndarray, " filters"]]:
    """How far power gathers along one direction, and the edges' angle; octaves weigh alike."""
    square = np.square(down) + np.square(across)
    square[0, 0] = np.inf
    weighed = (power / square).reshape(len(power), -1)
    # Doubled angles, so that a direction and its opposite are one.
    double = 2 * np.arctan2(down, across).ravel()
    whole = np.maximum(weighed.sum(axis=1), np.finfo(np.float64).tiny)
    cosine, sine = weighed @ np.cos(double) / whole, weighed @ np.sin(double) / whole
    # Rows run downwards, and an edge runs across the direction in which its wave goes.
    angle = (90 - np.degrees(np.arctan2(sine, cosine)) / 2) % 180
    return np.hypot(cosine, sine), angle


def _symmetries(
    patterns: Float[np.ndarray, "filters height width"],
) -> tuple[Float[np.ndarray, " filters"], Float[np.ndarray, " filters"]]:
    """The highest and lowest value of each pattern's convolution with itself, over its power."""
    height, width = patterns.shape[1:]
    shape = (2 * height - 1, 2 * width - 1)
    itself = np.fft.irfft2(np.square(np.fft.rfft2(patterns, s=shape)), s=shape)
    power = np.maximum(np.square(patterns).sum(axis=(1, 2)), np.finfo(np.float64).tiny)
    return itself.max(axis=(1, 2)) / power, -itself.min(axis=(1, 2)) / power


@cache
def _noise_symmetry(height: int, width: int) -> float:
    """How symmetric random filters of a size get at most, but for a few."""
    if height * width <= 2:
        return 0.0
    random = np.random.default_rng(0).normal(size=(_RANDOM_FILTERS, height, width))
    return float(np.percentile(np.maximum(*_symmetries(random)), NOISE_PERCENTILE))
