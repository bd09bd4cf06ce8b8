"""Maps of high-dimensional data: estimators that also place new samples, and their quality."""

import importlib
from typing import Any

_HOMES = {
    "Autoencoder": "autoencoder",
    "ClusterComparison": "clusters",
    "PCA": "pca",
    "ParametricTSNE": "parametric",
    "Quality": "quality",
    "TSNE": "tsne",
    "UMAP": "umap",
    "align": "alignment",
    "compare_clusters": "clusters",
    "map_quality": "quality",
}

__all__ = [
    "PCA",
    "TSNE",
    "UMAP",
    "Autoencoder",
    "ClusterComparison",
    "ParametricTSNE",
    "Quality",
    "align",
    "compare_clusters",
    "map_quality",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"cutaway.maps.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'cutaway.maps' has no attribute {name!r}; it has {__all__}")


def __dir__() -> list[str]:
    return sorted(_HOMES)
