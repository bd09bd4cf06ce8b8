"""What layers return: captured by name, altered, summed up over a data set in one pass."""

from cutaway.activations.backward import parameter_gradients, tensor_gradients
from cutaway.activations.captured import Activations, AddressError, Captured
from cutaway.activations.cluster import engage, require_workers
from cutaway.activations.collect import collect
from cutaway.activations.collection import Collection
from cutaway.activations.edits import Edits, edit, edit_gradients
from cutaway.activations.features import FeatureFile, feature_path
from cutaway.activations.hooks import capture
from cutaway.activations.layer_state import LayerStatistics
from cutaway.activations.layers import named_layers, select_layers
from cutaway.activations.modes import evaluating
from cutaway.activations.summary import unit_means
from cutaway.activations.units import ablate, scale, swap
from cutaway.activations.workers import Workers

__all__ = [
    "Activations",
    "AddressError",
    "Captured",
    "Collection",
    "Edits",
    "FeatureFile",
    "LayerStatistics",
    "Workers",
    "ablate",
    "capture",
    "collect",
    "edit",
    "edit_gradients",
    "engage",
    "evaluating",
    "feature_path",
    "named_layers",
    "parameter_gradients",
    "require_workers",
    "scale",
    "select_layers",
    "swap",
    "tensor_gradients",
    "unit_means",
]
