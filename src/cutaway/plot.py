"""Plain figures of data, maps, filters, feature maps, activations and training.

Every function takes arrays, tensors or `Images`, and returns matplotlib Axes or a Figure. None
touches pyplot, opens a window or changes matplotlib's settings.

Example:
    >>> import numpy as np
    >>> from cutaway import plot
    >>> axes = plot.class_balance({"cat": 3, "dog": 5}, theme="dark")
    >>> plot.to_svg(axes)[:4]
    '<svg'
"""

from cutaway.views.figures import (
    ActivationCase,
    activations,
    class_balance,
    compare_activations,
    confusion,
    curves,
    feature_maps,
    filters,
    image_structure,
    layer_maps,
    map,  # noqa: A004 (the public name is cutaway.plot.map)
    map_walk,
    maps,
    perplexities,
    reconstructions,
    samples,
    separability,
    to_png,
    to_svg,
    unit_use,
)

__all__ = [
    "ActivationCase",
    "activations",
    "class_balance",
    "compare_activations",
    "confusion",
    "curves",
    "feature_maps",
    "filters",
    "image_structure",
    "layer_maps",
    "map",
    "map_walk",
    "maps",
    "perplexities",
    "reconstructions",
    "samples",
    "separability",
    "to_png",
    "to_svg",
    "unit_use",
]
