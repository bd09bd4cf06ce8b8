"""The usual way from features to a map: principal components first, then the method by name."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from cutaway.errors import InputError
from cutaway.maps.pca import PCA
from cutaway.maps.reduction import REDUCED, Reduction

METHODS = ("pca", "tsne", "umap", "autoencoder")
"""The methods that go by name."""


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
    features: Float32[np.ndarray, "n d"] | Reduction,
    method: str,
    *,
    seed: int = 0,
    **options: Any,
) -> Map:
    """Maps features to two dimensions by a method's name.

    Args:
        features: Float32, shape (n, d), finite; or what `reduce_stream` made of them. Of that the
            map by PCA is the first two components, and every other method sees all of them.
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
    if isinstance(features, Reduction):
        return _map_of_components(features, method, seed, options)
    if method == "pca":
        return _principal_components(features, seed)
    if method == "autoencoder":
        return _autoencoder(features, seed, options)
    if min(features.shape) > REDUCED:
        pca = PCA(REDUCED, random_state=seed)
        reduction = Reduction(pca, pca.fit_transform(features))
        return _map_of_components(reduction, method, seed, options)
    from cutaway.maps import TSNE, UMAP

    estimator = (TSNE if method == "tsne" else UMAP)(random_state=seed, **options)
    return Map(estimator.fit_transform(features), _named(method, estimator))


def _map_of_components(
    reduction: Reduction, method: str, seed: int, options: dict[str, Any]
) -> Map:
    if method == "pca":
        two = reduction.first(2)
        return Map(_on_two_axes(two.rows), _named("pca", two.pca))
    made = make_map(reduction.rows, method, seed=seed, **options)
    return Map(made.embedding, _named("pca", reduction.pca) | made.placement)


def _principal_components(features: Float32[np.ndarray, "n d"], seed: int) -> Map:
    components = min(2, *features.shape)
    estimator = PCA(components, random_state=seed)
    return Map(_on_two_axes(estimator.fit_transform(features)), _named("pca", estimator))


def _autoencoder(features: Float32[np.ndarray, "n d"], seed: int, options: dict[str, Any]) -> Map:
    from cutaway.maps import Autoencoder

    estimator = Autoencoder(min(2, features.shape[1]), random_state=seed, **options)
    return Map(_on_two_axes(estimator.fit_transform(features)), _named("autoencoder", estimator))


def _on_two_axes(rows: Float32[np.ndarray, "n components"]) -> Float32[np.ndarray, "n 2"]:
    """One feature gives one component; a map has two axes."""
    return np.pad(rows, ((0, 0), (0, 2 - rows.shape[1])))


def _named(step: str, estimator: Any) -> dict[str, np.ndarray]:
    return {
        f"{step}.{name}": np.ascontiguousarray(array)
        for name, array in estimator.to_arrays().items()
    }
