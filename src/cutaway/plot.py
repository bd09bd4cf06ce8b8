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

from cutaway.views.figures.activations import activations, compare_activations
from cutaway.views.figures.answers import answers
from cutaway.views.figures.attacked import attacked, attacked_maps
from cutaway.views.figures.attribution import attribution
from cutaway.views.figures.balance import class_balance
from cutaway.views.figures.beside_means import beside_means
from cutaway.views.figures.case import ActivationCase
from cutaway.views.figures.clusters import clusters
from cutaway.views.figures.compared_layers import compared_layers
from cutaway.views.figures.compared_recalls import compared_recalls
from cutaway.views.figures.complexity import complexity
from cutaway.views.figures.cues import cues
from cutaway.views.figures.curves import curves
from cutaway.views.figures.decoded import map_walk, reconstructions
from cutaway.views.figures.depth import separability
from cutaway.views.figures.duplicates import mean_images, twins
from cutaway.views.figures.feature_maps import feature_maps
from cutaway.views.figures.filter_effects import filter_effects
from cutaway.views.figures.filters import filters
from cutaway.views.figures.gradient_history import gradient_history
from cutaway.views.figures.gradients import gradients
from cutaway.views.figures.image import image_structure
from cutaway.views.figures.many_classes import confusion_overview
from cutaway.views.figures.maps import layer_maps, maps, perplexities
from cutaway.views.figures.matrix import confusion
from cutaway.views.figures.overlaid_maps import feature_maps_over_image
from cutaway.views.figures.parting import parting
from cutaway.views.figures.reliability import reliability
from cutaway.views.figures.robustness import attacks, robustness
from cutaway.views.figures.samples import samples
from cutaway.views.figures.scatter import map  # noqa: A004 (the public name is cutaway.plot.map)
from cutaway.views.figures.similarity import similarity
from cutaway.views.figures.steadiness import steadiness
from cutaway.views.figures.sureness import sureness
from cutaway.views.figures.svg import to_png, to_svg
from cutaway.views.figures.top_images import top_images
from cutaway.views.figures.unit_images import unit_images
from cutaway.views.figures.usage import unit_use

__all__ = [
    "ActivationCase",
    "activations",
    "answers",
    "attacked",
    "attacked_maps",
    "attacks",
    "attribution",
    "beside_means",
    "class_balance",
    "clusters",
    "compare_activations",
    "compared_layers",
    "compared_recalls",
    "complexity",
    "confusion",
    "confusion_overview",
    "cues",
    "curves",
    "feature_maps",
    "feature_maps_over_image",
    "filter_effects",
    "filters",
    "gradient_history",
    "gradients",
    "image_structure",
    "layer_maps",
    "map",
    "map_walk",
    "maps",
    "mean_images",
    "parting",
    "perplexities",
    "reconstructions",
    "reliability",
    "robustness",
    "samples",
    "separability",
    "similarity",
    "steadiness",
    "sureness",
    "to_png",
    "to_svg",
    "top_images",
    "twins",
    "unit_images",
    "unit_use",
]
