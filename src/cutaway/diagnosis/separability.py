"""How far apart the classes lie in a layer: k-nearest-neighbour and linear-probe accuracy."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

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
    nearest: Int64[np.ndarray, "samples neighbours"] | None = None,
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
        nearest: Rows of each sample's nearest others, nearest first, where they are known already;
            without a reference only.
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
    if reference is None and nearest is not None and nearest.shape[1] >= k:
        knn_accuracy = _votes_right(nearest[:, :k], labels, labels)
    else:
        knn_accuracy = _knn_accuracy(features, labels, reference, k)
    return Separability(
        knn_accuracy=knn_accuracy,
        probe_accuracy=_probe_accuracy(features, labels, reference, seed),
    )


def _knn_accuracy(features: Features, labels: Labels, reference: Reference | None, k: int) -> float:
    pool, pool_labels = (features, labels) if reference is None else reference
    k = min(k, len(pool) - (reference is None))
    centre = pool.mean(axis=0)
    gallery = torch.from_numpy(pool - centre)
    queries = torch.from_numpy(features - centre)
    squares = (gallery**2).sum(dim=1)
    nearest = np.empty((len(queries), k), dtype=np.int64)
    for start in range(0, len(queries), _BLOCK):
        distances = squares - 2 * queries[start : start + _BLOCK] @ gallery.T
        if reference is None:
            rows = torch.arange(len(distances))
            distances[rows, start + rows] = torch.inf
        nearest[start : start + _BLOCK] = distances.topk(k, largest=False).indices.numpy()
    return _votes_right(nearest, pool_labels, labels)


def _votes_right(
    nearest: Int64[np.ndarray, "samples k"],
    pool_labels: Int64[np.ndarray, " pool"],
    labels: Labels,
) -> float:
    """Share of samples whose neighbours' most frequent class is theirs, the lower of equals."""
    votes_of = np.eye(int(pool_labels.max()) + 1, dtype=np.int32)
    right = 0
    for start in range(0, len(nearest), _BLOCK):
        votes = votes_of[pool_labels[nearest[start : start + _BLOCK]]].sum(axis=1)
        right += int((votes.argmax(axis=1) == labels[start : start + _BLOCK]).sum())
    return right / len(labels)


def _probe_accuracy(
    features: Features, labels: Labels, reference: Reference | None, seed: int
) -> float:
    learned, learned_labels = (features, labels) if reference is None else reference
    classes, targets = np.unique(learned_labels, return_inverse=True)
    probe = _Probe(learned, targets, len(classes))
    if reference is not None:
        return float((classes[probe.predict(probe.standardized(features))] == labels).mean())
    folds = np.random.default_rng(seed).permutation(len(labels)) % min(5, len(labels))
    predicted = np.empty(len(labels), dtype=np.int64)
    for fold in range(folds.max() + 1):
        held_out = np.flatnonzero(folds == fold)
        predicted[held_out] = probe.predict(probe.rows[held_out], without=held_out)
    return float((predicted == targets).mean())


class _Probe:
    """Ridge regression on class indicators; the penalty is a hundredth of the samples.

    What it learns from is summed up once, and samples that are held out are taken off the sums.
    """

    def __init__(
        self, features: Features, targets: Int64[np.ndarray, " samples"], classes: int
    ) -> None:
        self._mean = features.mean(axis=0)
        scale = features.std(axis=0)
        scale[scale < np.finfo(np.float32).eps * (1 + np.abs(self._mean))] = np.inf
        self._scale = scale
        self.rows = self.standardized(features)
        self._indicators = torch.nn.functional.one_hot(torch.tensor(targets), classes).float()
        self._gram = self.rows.T @ self.rows
        self._moments = self.rows.T @ self._indicators
        self._counts = self._indicators.sum(dim=0)

    def standardized(self, features: Features) -> Tensor:
        return torch.from_numpy((features - self._mean) / self._scale)

    def predict(
        self, rows: Tensor, without: Int64[np.ndarray, " held"] | None = None
    ) -> Int64[np.ndarray, " rows"]:
        """Numbers of the classes that `rows` are taken for, learned without some samples."""
        gram, moments, counts = self._gram, self._moments, self._counts
        samples, sums = len(self.rows), torch.zeros(len(gram))
        if without is not None:
            held, marks = self.rows[without], self._indicators[without]
            gram, moments = gram - held.T @ held, moments - held.T @ marks
            counts, samples, sums = counts - marks.sum(dim=0), samples - len(held), -held.sum(dim=0)
        centre, prior = sums / samples, counts / samples
        gram = gram - samples * torch.outer(centre, centre)
        moments = moments - samples * torch.outer(centre, prior)
        weights = torch.linalg.solve(gram + 0.01 * samples * torch.eye(len(gram)), moments)
        return ((rows - centre) @ weights + prior).argmax(dim=1).numpy()
