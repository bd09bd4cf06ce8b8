"""What layers return: captured by name, altered, summed up over a data set in one pass."""

from cutaway.activations.backward import parameter_gradients, tensor_gradients
from cutaway.activations.captured import Activations, AddressError, Captured
from cutaway.activations.collect import Collection, collect
from cutaway.activations.edits import Edits, edit, edit_gradients
from cutaway.activations.features import FeatureFile, feature_path
from cutaway.activations.hooks import capture
from cutaway.activations.layers import named_layers, select_layers
from cutaway.activations.modes import evaluating
from cutaway.activations.statistics import LayerStatistics
from cutaway.activations.summary import unit_means
from cutaway.activations.units import ablate, scale, swap

__all__ = [
    "Activations",
    "AddressError",
    "Captured",
    "Collection",
    "Edits",
    "FeatureFile",
    "LayerStatistics",
    "ablate",
    "capture",
    "collect",
    "edit",
    "edit_gradients",
    "evaluating",
    "feature_path",
    "named_layers",
    "parameter_gradients",
    "scale",
    "select_layers",
    "swap",
    "tensor_gradients",
    "unit_means",
]
