"""Why one cannot simply cluster a t-SNE map, said with a comparison's own figures."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cutaway.maps.clusters import ClusterComparison
else:
    ClusterComparison = object

_SAME = 0.9
_ALIKE = 0.6
_BETTER = 0.02

WARNING = (
    "A neighbour map such as t-SNE keeps who is near whom. It does not keep how far apart "
    "clusters lie, how large or how dense they are, and it can tear one cluster in two or draw a "
    "clump where the data has none. Cluster the features, and use the map to look at the result."
)
"""Stands under every answer."""


def answer(comparison: ClusterComparison) -> str:
    """A paragraph of evidence and the warning."""
    sentences = [
        "Can one simply cluster the map?",
        *evidence(comparison),
        WARNING,
        "A new sample belongs to the cluster whose centre is nearest among the features.",
    ]
    return " ".join(sentences)


def evidence(comparison: ClusterComparison) -> list[str]:
    """What the comparison found, a sentence each."""
    return [
        *(_agreement(comparison, name) for name in comparison.agreement),
        *_labels(comparison),
        *_geometry(comparison),
    ]


def _agreement(comparison: ClusterComparison, method: str) -> str:
    ari = comparison.agreement[method]["ari"]
    verdict = (
        "the same groups"
        if ari >= _SAME
        else "much the same groups"
        if ari >= _ALIKE
        else "different groups"
    )
    of_features = comparison.groupings[f"{method} of the features"]
    of_map = comparison.groupings[f"{method} of the map"]
    counts = f"{of_features.clusters} and {of_map.clusters} clusters"
    if max(of_features.noise, of_map.noise) > 0:
        counts += f", {of_features.noise:.0%} and {of_map.noise:.0%} of the samples in none"
    return f"{method} finds {verdict} in the features and on the map (ARI {ari:.2f}; {counts})."


def _labels(comparison: ClusterComparison) -> list[str]:
    figures = {
        name: grouping.ari
        for name, grouping in comparison.groupings.items()
        if grouping.ari is not None
    }
    if not figures:
        return []
    listed = ", ".join(f"{name} {ari:.2f}" for name, ari in figures.items())
    sentences = [f"Agreement with the labels, where 1 is perfect and 0 is chance (ARI): {listed}."]
    if any(
        figures[f"{method} of the map"] > figures[f"{method} of the features"] + _BETTER
        for method in comparison.agreement
    ):
        sentences.append(
            "Here the map's clusters are the nearer to the labels, since the map sharpens "
            "neighbourhoods; without labels nothing on it would say that they are."
        )
    return sentences


def _geometry(comparison: ClusterComparison) -> list[str]:
    parts = [
        f"{what} by {value:.2f}"
        for what, value in (
            ("distances between clusters", comparison.distances_kept),
            ("their sizes", comparison.sizes_kept),
        )
        if value is not None
    ]
    if not parts:
        return []
    return [f"The map keeps the order of {' and of '.join(parts)} (1 is all, 0 is nothing)."]
