"""See what a data set looks like, what every layer of a network makes of it, and where it fails."""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Autoencoder": "cutaway.maps",
    "CNN": "cutaway.networks",
    "DataModule": "cutaway.data",
    "PCA": "cutaway.maps",
    "TSNE": "cutaway.maps",
    "UMAP": "cutaway.maps",
    "build_study": "cutaway.study",
    "capture": "cutaway.capture",
    "describe": "cutaway.data",
    "load_data": "cutaway.data",
    "load_model": "cutaway.networks",
    "open_study": "cutaway.study",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cutaway' has no attribute {name!r}; it has {sorted(_HOMES)}")
