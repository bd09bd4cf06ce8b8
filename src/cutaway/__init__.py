"""See what a data set looks like, what every layer of a network makes of it, and where it fails.

The names below are loaded when first used, so that `import cutaway` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cutaway import plot
    from cutaway.activations import (
        ablate,
        capture,
        edit,
        edit_gradients,
        parameter_gradients,
        scale,
        swap,
        tensor_gradients,
    )
    from cutaway.data import (
        DataModule,
        Images,
        ImageStream,
        InputTransform,
        describe,
        load_data,
    )
    from cutaway.diagnosis.complexity import complexity
    from cutaway.errors import CutawayError, InputError
    from cutaway.maps import PCA, TSNE, UMAP, Autoencoder, ParametricTSNE
    from cutaway.networks import CNN, load_model
    from cutaway.study import Comparison, Study, build_study, compare, open_study
    from cutaway.training import train

__version__ = "0.1.0"

__all__ = [
    "CNN",
    "PCA",
    "TSNE",
    "UMAP",
    "Autoencoder",
    "Comparison",
    "CutawayError",
    "DataModule",
    "ImageStream",
    "Images",
    "InputError",
    "InputTransform",
    "ParametricTSNE",
    "Study",
    "ablate",
    "build_study",
    "capture",
    "compare",
    "complexity",
    "describe",
    "edit",
    "edit_gradients",
    "load_data",
    "load_model",
    "open_study",
    "parameter_gradients",
    "plot",
    "scale",
    "swap",
    "tensor_gradients",
    "train",
]

_HOMES = {
    "CNN": "networks",
    "PCA": "maps",
    "TSNE": "maps",
    "UMAP": "maps",
    "Autoencoder": "maps",
    "Comparison": "study",
    "CutawayError": "errors",
    "DataModule": "data",
    "ImageStream": "data",
    "Images": "data",
    "InputError": "errors",
    "InputTransform": "data",
    "ParametricTSNE": "maps",
    "Study": "study",
    "ablate": "activations",
    "build_study": "study",
    "capture": "activations",
    "compare": "study",
    "complexity": "diagnosis.complexity",
    "describe": "data",
    "edit": "activations",
    "edit_gradients": "activations",
    "load_data": "data",
    "load_model": "networks",
    "open_study": "study",
    "parameter_gradients": "activations",
    "scale": "activations",
    "swap": "activations",
    "tensor_gradients": "activations",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return importlib.import_module("cutaway.plot")
    if name in _HOMES:
        value = getattr(importlib.import_module(f"cutaway.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'cutaway' has no attribute {name!r}; it has {__all__}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
