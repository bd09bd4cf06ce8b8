"""How far apart the classes lie in a layer: k-nearest-neighbour and linear-probe accuracy."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64

Features = Float32[np.ndarray, "samples features"]
Labels = Int64[np.ndarray, " samples"]
Reference = tuple[Float32[np.ndarray, "others features"], Int64[np.ndarray, " others"]]

_BLOCK = 2048
_MINIMUM_FOLD = 2


@dataclass(frozen=True)
class Separability:
    """Accuracies in [0, 1] of two simple classifiers that see nothing but one layer."""

    knn_accuracy: float
    probe_accuracy: float


def separability(
    features: Features,
    labels: Labels,
    reference: Reference | None = None,
    *,
    k: int = 10,
    seed: int = 0,
) -> Separability | None:
    """Scores how well classes come apart in one layer's features.

    Two classifiers are trained on the layer's features alone. k-NN asks whether neighbours share a
    label; a linear probe (ridge regression on class indicators of standardized features) asks
    whether flat boundaries separate the classes (Alain and Bengio 2016, arXiv:1610.01644).

    Args:
        features: Float32, shape (samples, features): the samples that are scored.
        labels: Int64, shape (samples,).
        reference: Features and labels that the classifiers learn from, such as the training split.
            Without it k-NN leaves each sample out of its own vote and the probe is cross-validated
            over five folds.
        k: Number of neighbours that vote; fewer where there are fewer.
        seed: Assigns samples to folds.

    Returns:
        Both accuracies, or None where there is nothing to tell apart: fewer than two classes, or
        fewer than four samples.

    Example:
        >>> import numpy as np
        >>> apart = np.repeat([[0.0], [9.0]], 10, axis=0).astype(np.float32)
        >>> separability(apart, np.repeat([0, 1], 10), k=3)
        Separability(knn_accuracy=1.0, probe_accuracy=1.0)
    """
    learned = labels if reference is None else reference[1]
    if len(np.unique(learned)) < _MINIMUM_FOLD or len(labels) < 2 * _MINIMUM_FOLD:
        return None
    return Separability(
        knn_accuracy=_knn_accuracy(features, labels, reference, k),
        probe_accuracy=_probe_accuracy(features, labels, reference, seed),
    )


def _knn_accuracy(features: Features, labels: Labels, reference: Reference | None, k: int) -> float:
    pool, pool_labels = (features, labels) if reference is None else reference
    k = min(k, len(pool) - (reference is None))
    centre = pool.mean(axis=0)
    gallery = torch.from_numpy(pool - centre)
    queries = torch.from_numpy(features - centre)
    squares = (gallery**2).sum(dim=1)
    votes_of = torch.nn.functional.one_hot(torch.tensor(pool_labels)).to(torch.int32)
    right = 0
    for start in range(0, len(queries), _BLOCK):
        distances = squares - 2 * queries[start : start + _BLOCK] @ gallery.T
        if reference is None:
            rows = torch.arange(len(distances))
            distances[rows, start + rows] = torch.inf
        nearest = distances.topk(k, largest=False).indices
        votes = votes_of[nearest].sum(dim=1)
        right += int((votes.argmax(dim=1).numpy() == labels[start : start + _BLOCK]).sum())
    return right / len(labels)


def _probe_accuracy(
    features: Features, labels: Labels, reference: Reference | None, seed: int
) -> float:
    if reference is not None:
        learned, learned_labels = reference
        return float((_probe(learned, learned_labels, features) == labels).mean())
    folds = np.random.default_rng(seed).permutation(len(labels)) % min(5, len(labels))
    right = 0
    for fold in range(folds.max() + 1):
        held_out = folds == fold
        if len(np.unique(labels[~held_out])) < _MINIMUM_FOLD:
            continue
        predicted = _probe(features[~held_out], labels[~held_out], features[held_out])
        right += int((predicted == labels[held_out]).sum())
    return right / len(labels)


def _probe(
    features: Features,
    labels: Labels,
    queries: Float32[np.ndarray, "others features"],
) -> Int64[np.ndarray, " others"]:
    """Predicts the queries' classes by ridge regression; the penalty is a hundredth of n."""
    mean = features.mean(axis=0)
    scale = features.std(axis=0)
    scale[scale < np.finfo(np.float32).eps * (1 + np.abs(mean))] = np.inf
    x = torch.from_numpy((features - mean) / scale)
    classes, indices = np.unique(labels, return_inverse=True)
    y = torch.nn.functional.one_hot(torch.from_numpy(indices)).to(x.dtype)
    y -= (prior := y.mean(dim=0))
    gram = x.T @ x + 0.01 * len(x) * torch.eye(x.shape[1])
    weights = torch.linalg.solve(gram, x.T @ y)
    scores = torch.from_numpy((queries - mean) / scale) @ weights + prior
    return classes[scores.argmax(dim=1).numpy()]
