"""The linear autoencoder: two matrices that minimize the squared error of reconstruction."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cutaway.maps.moments import Moments
from cutaway.progress import task

_LARGEST_SCATTER = 4096
_STEPS_A_CALL = 25
_FLAT = 1e-7
_SETTLED = 1e-7

Product = Callable[[Tensor], Tensor]


def train_linear(
    X: Float[np.ndarray, "samples features"], n_components: int, *, steps: int, seed: int
) -> Float64[Tensor, "features k"]:
    """Weights W of the autoencoder x ↦ x W Wᵀ, found by L-BFGS on its squared error.

    The decoder is tied to the encoder, and both biases are at their optimum when the rows are
    centred. The error of all rows depends on them through their scatter alone, so it is summed over
    the rows once, or, where there are very many features, in each step. Its only minimum that is no
    saddle spans the leading principal components: Baldi and Hornik 1989, "Neural networks and
    principal component analysis". L-BFGS: Liu and Nocedal 1989.

    Args:
        X: Rows.
        n_components: Width of the bottleneck, at most the number of features.
        steps: Most steps of L-BFGS; it stops once the error falls no more.
        seed: Of the start: random combinations of the rows, orthonormal.
    """
    total, product = _scatter(X)
    start = torch.from_numpy(
        np.random.default_rng(seed).standard_normal((X.shape[1], n_components))
    )
    if total == 0:
        return torch.linalg.qr(start).Q
    weights = torch.linalg.qr(product(start)).Q.contiguous().requires_grad_()
    _minimize(lambda: excess_error(product, weights), weights, steps)
    return weights.detach()


def excess_error(product: Product, weights: Float64[Tensor, "features k"]) -> Float64[Tensor, ""]:
    """‖X − X W Wᵀ‖² − ‖X‖², as a share of ‖X‖², by the scatter S = Xᵀ X.

    ‖X − X W Wᵀ‖² = tr S − 2 tr(Wᵀ S W) + tr(Wᵀ S W Wᵀ W).
    """
    within = weights.T @ product(weights)
    return (within * (weights.T @ weights)).sum() - 2 * within.trace()


def _scatter(X: Float[np.ndarray, "samples features"]) -> tuple[float, Product]:
    """Squared length of the centred rows, and products with their scatter divided by it."""
    if X.shape[1] <= _LARGEST_SCATTER:
        scatter = Moments.of(X).scatter
        total = float(np.trace(scatter))
        matrix = torch.from_numpy(scatter / total) if total > 0 else torch.zeros(0)
        return total, lambda vectors: matrix @ vectors
    rows = torch.from_numpy(X - X.mean(axis=0, dtype=np.float64).astype(X.dtype))
    total = float(rows.square().sum(dtype=torch.float64))
    return total, lambda vectors: (rows.T @ (rows @ vectors.to(rows.dtype))).double() / total


def _minimize(loss: Callable[[], Tensor], weights: Tensor, steps: int) -> None:
    optimizer = torch.optim.LBFGS(
        [weights],
        max_iter=_STEPS_A_CALL,
        history_size=20,
        tolerance_grad=_FLAT,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def closure() -> float:
        optimizer.zero_grad()
        error = loss()
        error.backward()
        return float(error.detach())

    previous = float("inf")
    with task("Training the linear autoencoder", total=steps) as progress:
        for _ in range(0, steps, _STEPS_A_CALL):
            error = optimizer.step(closure)
            progress.advance(_STEPS_A_CALL)
            if previous - error < _SETTLED:
                break
            previous = error
