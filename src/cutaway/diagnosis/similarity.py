"""How alike two layers see the same samples: centred kernel alignment."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

_FEWEST = 4
_ROUNDING = 1e-9


def cka_matrix(
    layers: Sequence[np.ndarray],
    rows: Int64[np.ndarray, " rows"] | None = None,
    *,
    batch: int = 250,
) -> Float64[np.ndarray, "layers layers"]:
    """Linear centred kernel alignment between all layers, without the bias of few samples.

    Two layers that differ by a rotation, a shift or a scale get 1, unrelated ones about 0 (it may
    fall a little below). The unbiased estimate of dependence is summed over batches of samples, so
    that memory grows with the layers and not with the square of the samples. Sources: Kornblith et
    al. 2019, "Similarity of Neural Network Representations Revisited", arXiv:1905.00414; the
    estimate by batches is that of Nguyen et al. 2021, arXiv:2010.15327.

    Args:
        layers: Features of each, (samples, features); memory maps are read batch by batch.
        rows: Samples to compare; all by default.
        batch: About so many samples a batch.

    Returns:
        Symmetric, ones on the diagonal; NaN where features are not finite or all samples equal, and
        throughout where there are fewer than four samples.

    Example:
        >>> one = np.random.default_rng(0).normal(size=(40, 3))
        >>> cka_matrix([one, 5 - 2 * one[:, ::-1]]).round(6).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    if not layers:
        return np.ones((0, 0))
    chosen = np.arange(len(layers[0])) if rows is None else rows
    products = np.zeros((len(layers), len(layers)))
    if len(chosen) >= _FEWEST:
        parts = max(1, len(chosen) // max(batch, _FEWEST))
        for part in np.array_split(chosen, parts):
            centred = np.stack([_centred(np.asarray(layer[part])) for layer in layers])
            products += centred @ centred.T / (len(part) - 3)
    norms = np.sqrt(np.diag(products))
    norms[norms == 0] = np.nan
    aligned = products / np.outer(norms, norms)
    np.fill_diagonal(aligned, np.where(np.isfinite(norms), 1.0, np.nan))
    return aligned


def cross_cka(
    layers: Sequence[np.ndarray],
    others: Sequence[np.ndarray],
    rows: Int64[np.ndarray, " rows"] | None = None,
    other_rows: Int64[np.ndarray, " rows"] | None = None,
    *,
    batch: int = 250,
) -> Float64[np.ndarray, "layers others"]:
    """The same as `cka_matrix`, of each layer of one network to each of another.

    Args:
        layers: Features of each layer of the first, (samples, features).
        others: Of the second.
        rows: Samples to compare; all by default.
        other_rows: Where the same samples stand in `others`; as in `layers` by default.
        batch: About so many samples a batch.

    Example:
        >>> one = np.random.default_rng(0).normal(size=(40, 3))
        >>> cross_cka([one], [one[::-1] * 2, one], other_rows=np.arange(40)[::-1]).round(6)[0, 0]
        np.float64(1.0)
    """
    if not layers or not others:
        return np.ones((len(layers), len(others)))
    chosen = np.arange(len(layers[0])) if rows is None else rows
    others_chosen = chosen if other_rows is None else other_rows
    products = np.zeros((len(layers), len(others)))
    squares, other_squares = np.zeros(len(layers)), np.zeros(len(others))
    if len(chosen) >= _FEWEST:
        parts = max(1, len(chosen) // max(batch, _FEWEST))
        for part in np.array_split(np.arange(len(chosen)), parts):
            mine, theirs = (
                np.stack([_centred(np.asarray(layer[taken[part]])) for layer in of])
                for of, taken in ((layers, chosen), (others, others_chosen))
            )
            products += mine @ theirs.T / (len(part) - 3)
            squares += np.square(mine).sum(axis=1) / (len(part) - 3)
            other_squares += np.square(theirs).sum(axis=1) / (len(part) - 3)
    norms = np.sqrt(np.outer(squares, other_squares))
    return products / np.where(norms > 0, norms, np.nan)


def _centred(features: np.ndarray) -> Float64[np.ndarray, " pairs"]:
    """Products of all pairs of samples, U-centred, so that their inner products are unbiased.

    The inner product of two such vectors is n(n−3)/2 times the estimate of Song et al. 2012,
    "Feature selection via dependence maximization"; the centring is that of Székely and Rizzo 2014.
    """
    n = len(features)
    if not np.isfinite(features).all():
        return np.zeros(n * (n - 1) // 2)
    values = features.astype(np.float64)
    size = np.abs(values).max(initial=0)
    values -= values.mean(axis=0)
    # What is left of equal samples is rounding.
    values[np.abs(values) <= _ROUNDING * size] = 0
    products = values @ values.T
    np.fill_diagonal(products, 0)
    sums = products.sum(axis=0) / (n - 2)
    products += sums.sum() / (n - 1) - sums - sums[:, np.newaxis]
    return products[np.triu_indices(n, 1)]
