"""What layers return: captured by name, altered, summed up over a data set in one pass."""

from cutaway.capture.backward import parameter_gradients, tensor_gradients
from cutaway.capture.captured import Activations, AddressError, Captured
from cutaway.capture.collect import Collection, collect
from cutaway.capture.edits import Edits, edit, edit_gradients
from cutaway.capture.features import FeatureFile, feature_path
from cutaway.capture.hooks import capture
from cutaway.capture.layers import named_layers, select_layers
from cutaway.capture.modes import evaluating
from cutaway.capture.statistics import LayerStatistics
from cutaway.capture.summary import unit_means

__all__ = [
    "Activations",
    "AddressError",
    "Captured",
    "Collection",
    "Edits",
    "FeatureFile",
    "LayerStatistics",
    "capture",
    "collect",
    "edit",
    "edit_gradients",
    "evaluating",
    "feature_path",
    "named_layers",
    "parameter_gradients",
    "select_layers",
    "tensor_gradients",
    "unit_means",
]
