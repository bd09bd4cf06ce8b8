"""The usual way from features to a map: principal components first, then the method by name."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from cutaway.errors import InputError
from cutaway.maps.pca import PCA

METHODS = ("pca", "tsne", "umap", "autoencoder")
"""The methods that go by name."""

REDUCED = 50
"""t-SNE and UMAP see at most this many principal components, as is usual: it removes noise."""


@dataclass(frozen=True)
class Map:
    """A finished map.

    Attributes:
        embedding: Float32 (n, 2).
        placement: The arrays that place new samples, their names led by the step's ("pca.mean");
            `finished_map` reads them.
    """

    embedding: Float32[np.ndarray, "n 2"]
    placement: dict[str, np.ndarray]


def make_map(
    features: Float32[np.ndarray, "n d"], method: str, *, seed: int = 0, **options: Any
) -> Map:
    """Maps features to two dimensions by a method's name.

    Args:
        features: Float32, shape (n, d), finite.
        method: "pca", "tsne", "umap" or "autoencoder".
        seed: Equal seeds give equal maps.
        **options: The estimator's own, such as `perplexity=50`.

    Raises:
        InputError: The method is unknown.

    Example:
        >>> import numpy as np
        >>> features = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
        >>> make_map(features, "pca").embedding.shape
        (20, 2)
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} is not known; expected one of {METHODS}")
    if len(features) < 2:  # a single sample has one place only
        return Map(np.zeros((len(features), 2), dtype=np.float32), {})
    if method == "pca":
        return _principal_components(features, seed)
    if method == "autoencoder":
        return _autoencoder(features, seed, options)
    from cutaway.maps import TSNE, UMAP

    placement = {}
    if min(features.shape) > REDUCED:
        reduction = PCA(REDUCED, random_state=seed)
        features = reduction.fit_transform(features)
        placement = _named("pca", reduction)
    estimator = (TSNE if method == "tsne" else UMAP)(random_state=seed, **options)
    embedding = estimator.fit_transform(features)
    return Map(embedding, placement | _named(method, estimator))


def _principal_components(features: Float32[np.ndarray, "n d"], seed: int) -> Map:
    components = min(2, *features.shape)
    estimator = PCA(components, random_state=seed)
    embedding = np.zeros((len(features), 2), dtype=np.float32)
    embedding[:, :components] = estimator.fit_transform(features)
    return Map(embedding, _named("pca", estimator))


def _autoencoder(features: Float32[np.ndarray, "n d"], seed: int, options: dict[str, Any]) -> Map:
    from cutaway.maps import Autoencoder

    estimator = Autoencoder(min(2, features.shape[1]), random_state=seed, **options)
    embedding = np.zeros((len(features), 2), dtype=np.float32)
    embedding[:, : estimator.n_components] = estimator.fit_transform(features)
    return Map(embedding, _named("autoencoder", estimator))


def _named(step: str, estimator: Any) -> dict[str, np.ndarray]:
    return {
        f"{step}.{name}": np.ascontiguousarray(array)
        for name, array in estimator.to_arrays().items()
    }
