"""Clusters of the features and of their map, and how far the two agree."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from sklearn.base import ClusterMixin
from threadpoolctl import threadpool_limits

from cutaway.errors import InputError
from cutaway.maps.pca import PCA
from cutaway.maps.rows import require_count

_DIMENSIONS = 50
_SMALLEST_SHARE = 0.01
_FEWEST = 5

Labels = Int64[np.ndarray, " n"]


@dataclass(frozen=True)
class Clustering:
    """One way of grouping the samples.

    Attributes:
        labels: Group of each sample; −1 is HDBSCAN's noise.
        clusters: Number of groups, noise apart.
        noise: Share of samples that are noise, in [0, 1].
        ari: Adjusted Rand index with the labels, 1 where they are the same, about 0 by chance; None
            without labels. Source: Hubert and Arabie 1985.
        nmi: Normalized mutual information with the labels, in [0, 1]; None without labels.
    """

    labels: Labels
    clusters: int
    noise: float
    ari: float | None
    nmi: float | None


@dataclass(frozen=True)
class ClusterComparison:
    """What clustering the features and clustering their map find, beside each other.

    Attributes:
        groupings: By method and space: "k-means of the features", "k-means of the map", "HDBSCAN of
            the features", "HDBSCAN of the map".
        agreement: For each method, ARI and NMI between its groups of the features and of the map.
        distances_kept: Rank correlation, in [−1, 1], between distances of cluster centres in the
            features and on the map; None of fewer than three.
        sizes_kept: The same for the clusters' spreads about their centres.
        samples: Number of samples that were grouped.
        chosen: Their indices, to which the groupings' labels belong.
        centres: Mean features of each k-means cluster of the features, in order of their numbers.
    """

    groupings: dict[str, Clustering]
    agreement: dict[str, dict[str, float]]
    distances_kept: float | None
    sizes_kept: float | None
    samples: int
    chosen: Int64[np.ndarray, " n"]
    centres: Float[np.ndarray, "clusters features"]

    def predict(self, features: Float[np.ndarray, "k features"]) -> Int64[np.ndarray, " k"]:
        """Cluster of new samples: the nearest k-means centre in feature space, never on the map."""
        if features.ndim != 2 or features.shape[1] != self.centres.shape[1]:
            raise InputError(
                f"features has shape {features.shape}; "
                f"expected (samples, {self.centres.shape[1]}), the features that were clustered"
            )
        from sklearn.metrics import pairwise_distances_argmin

        nearest = pairwise_distances_argmin(features.astype(np.float64), self.centres)
        return np.unique(self.groupings["k-means of the features"].labels)[nearest]

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain JSON, without the label of each sample."""
        figures = {name: asdict(grouping) for name, grouping in self.groupings.items()}
        for grouping in figures.values():
            del grouping["labels"]
        return {
            "groupings": figures,
            "agreement": self.agreement,
            "distances_kept": self.distances_kept,
            "sizes_kept": self.sizes_kept,
            "samples": self.samples,
        }

    def in_words(self) -> str:
        """Answers, with the evidence, why one should not simply cluster a t-SNE map."""
        from cutaway.maps.cluster_words import answer

        return answer(self)


def compare_clusters(
    features: Float[np.ndarray, "n features"],
    embedding: Float[np.ndarray, "m axes"],
    labels: Any = None,
    *,
    clusters: int | None = None,
    most: int = 10_000,
    seed: int = 0,
) -> ClusterComparison:
    """Clusters the features and the map by k-means and by HDBSCAN, and compares what they find.

    Features of more than 50 dimensions are seen through their leading 50 principal components.
    Groups bear the numbers of the labels that they share most samples with, or without labels those
    of the k-means of the features; groups beyond them follow.
    HDBSCAN: Campello, Moulavi and Sander 2013; its cost grows with the square of the samples.

    Args:
        features: Rows that the map was made of.
        embedding: The map.
        labels: Class of each sample, or None.
        clusters: Groups for k-means; None takes the number of classes, or 10 without labels.
        most: Of more samples a random choice of so many is clustered.
        seed: Of k-means and of the sample.

    Raises:
        InputError: The lengths differ, or there are fewer samples than clusters.

    Example:
        >>> features = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.eye(40)[:, :2]
        >>> found = compare_clusters(features, features, np.repeat([0, 1], 20))
        >>> found.agreement["k-means"]["ari"], found.groupings["k-means of the map"].ari
        (1.0, 1.0)
    """
    truth = None if labels is None else np.asarray(labels)
    _require_equal_lengths(features, embedding, truth)
    require_count("most", most)
    chosen = _sample(len(features), most, seed)
    features, embedding = features[chosen], embedding[chosen]
    truth = None if truth is None else truth[chosen]
    if clusters is None:
        clusters = 10 if truth is None else len(np.unique(truth))
        clusters = min(clusters, len(features))
    require_count("clusters", clusters)
    if clusters > len(features):
        raise InputError(
            f"clusters={clusters} for {len(features)} samples; expected no more groups"
        )
    reduced = _reduced(features)
    methods = _methods(clusters, len(features), seed)
    with threadpool_limits(1):  # sets of some thousands are grouped fastest on one thread
        groups = {
            f"{name} of the {space}": _groups(method(), rows)
            for name, method in methods.items()
            for space, rows in (("features", reduced), ("map", embedding))
        }
    found = groups["k-means of the features"]
    distances_kept, sizes_kept = _geometry_kept(reduced, embedding, found)
    guide = found if truth is None else truth
    groups = {name: matched(each, guide) for name, each in groups.items()}
    return ClusterComparison(
        groupings={name: _judged(each, truth) for name, each in groups.items()},
        agreement={name: _agreement(groups, name) for name in methods},
        distances_kept=distances_kept,
        sizes_kept=sizes_kept,
        samples=len(chosen),
        chosen=chosen,
        centres=_centres(features, groups["k-means of the features"]),
    )


def matched(groups: Labels, reference: np.ndarray) -> Labels:
    """Groups renumbered as those of the reference that they share most samples with, one to one.

    Groups without a counterpart get the numbers after the reference's largest; noise stays −1.
    Where the reference's values are no numbers from 0 up, their ranks stand for them.

    Example:
        >>> matched(np.array([7, 7, 2, 2, 5, -1]), np.array([0, 0, 1, 1, 1, 1])).tolist()
        [0, 0, 1, 1, 2, -1]
    """
    from scipy.optimize import linear_sum_assignment

    own, rows = np.unique(groups, return_inverse=True)
    kinds, columns = np.unique(reference, return_inverse=True)
    numbered = kinds.dtype.kind in "iu" and kinds.min() >= 0
    numbers = kinds.astype(np.int64) if numbered else np.arange(len(kinds))
    shared = np.zeros((len(own), len(kinds)), dtype=np.int64)
    np.add.at(shared, (rows, columns), 1)
    shared[own < 0] = 0
    names = np.full(len(own), -1, dtype=np.int64)
    row, column = linear_sum_assignment(shared[own >= 0], maximize=True)
    places = np.flatnonzero(own >= 0)
    names[places[row]] = numbers[column]
    rest = np.setdiff1d(places, places[row])
    names[rest] = numbers.max() + 1 + np.arange(len(rest))
    return names[rows]


def _methods(clusters: int, samples: int, seed: int) -> dict[str, Callable[[], ClusterMixin]]:
    from sklearn.cluster import HDBSCAN, KMeans

    smallest = max(_FEWEST, int(_SMALLEST_SHARE * samples))
    methods: dict[str, Callable[[], ClusterMixin]] = {
        "k-means": lambda: KMeans(clusters, n_init=5, random_state=seed)
    }
    if samples >= smallest:
        methods["HDBSCAN"] = lambda: HDBSCAN(
            min_cluster_size=smallest, min_samples=_FEWEST, copy=True
        )
    return methods


def _groups(method: ClusterMixin, rows: Float[np.ndarray, "n columns"]) -> Labels:
    # One k-means centre for all rows where they are equal is right, and scikit-learn's warning not.
    distinct = len(np.unique(rows, axis=0))
    if distinct < getattr(method, "n_clusters", 1):
        method.set_params(n_clusters=distinct)
    return np.asarray(method.fit_predict(rows), dtype=np.int64)


def _judged(groups: Labels, truth: np.ndarray | None) -> Clustering:
    ari, nmi = (None, None) if truth is None else _scores(truth, groups)
    count = len(np.unique(groups[groups >= 0]))
    return Clustering(groups, count, float(np.mean(groups < 0)), ari, nmi)


def _agreement(groups: dict[str, Labels], method: str) -> dict[str, float]:
    of_both = groups[f"{method} of the features"], groups[f"{method} of the map"]
    return dict(zip(("ari", "nmi"), _scores(*of_both), strict=True))


def _scores(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return (
        float(adjusted_rand_score(one, other)),
        float(normalized_mutual_info_score(one, other)),
    )


def _geometry_kept(
    features: Float[np.ndarray, "n columns"], embedding: Float[np.ndarray, "n axes"], groups: Labels
) -> tuple[float | None, float | None]:
    """Rank correlations of the clusters' distances and of their spreads, features against map."""
    from scipy.spatial.distance import pdist

    distances, sizes = [], []
    for rows in (features, embedding):
        centres = _centres(rows, groups)
        distances.append(pdist(centres))
        offsets = np.square(rows - centres[groups]).sum(axis=1)
        sizes.append(np.sqrt(np.bincount(groups, offsets) / np.bincount(groups)))
    return _rank_correlation(*distances), _rank_correlation(*sizes)


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    from scipy.stats import spearmanr

    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other).statistic)


def _centres(rows: np.ndarray, groups: Labels) -> Float[np.ndarray, "clusters columns"]:
    return np.stack([rows[groups == group].mean(axis=0) for group in np.unique(groups)])


def _reduced(features: Float[np.ndarray, "n features"]) -> Float[np.ndarray, "n columns"]:
    if min(features.shape) <= _DIMENSIONS:
        return features
    return PCA(_DIMENSIONS).fit_transform(features)


def _sample(samples: int, most: int, seed: int) -> Int64[np.ndarray, " chosen"]:
    if samples <= most:
        return np.arange(samples)
    chosen = np.random.default_rng(seed).choice(samples, most, replace=False)
    return np.sort(chosen).astype(np.int64)


def _require_equal_lengths(
    features: np.ndarray, embedding: np.ndarray, truth: np.ndarray | None
) -> None:
    lengths = {"features": len(features), "embedding": len(embedding)}
    if truth is not None:
        lengths["labels"] = len(truth)
    if len(set(lengths.values())) > 1 or len(features) < 2:
        raise InputError(f"{lengths} samples; expected equal numbers of two or more")
