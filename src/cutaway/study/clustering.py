"""Clusters of a Study's features and of its maps, and how far the two agree."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from cutaway.files import atomic_file
from cutaway.maps import ClusterComparison, compare_clusters
from cutaway.maps.cluster_words import WARNING, evidence
from cutaway.progress import track
from cutaway.study.arrays import read_array
from cutaway.study.layout import clusters_file, features_file, map_file
from cutaway.study.mapping import chosen_maps
from cutaway.study.plan import Plan

CLUSTERED = 4_000
"""Of more samples a random choice of so many is clustered: HDBSCAN's cost grows with the square."""
_NEIGHBOUR_MAPS = ("tsne", "umap")


def write_clusters(plan: Plan, folder: Path) -> None:
    """Writes the clusters of the first and the last layer that have a map by t-SNE or UMAP."""
    due = clustered_maps(plan, folder)
    for layer, method in track(due, "Comparing clusters"):
        features = read_array(features_file(folder, layer))
        places = pd.read_parquet(map_file(folder, layer, method), columns=["x", "y"])
        found = compare_clusters(
            features, places.to_numpy(), plan.labels, most=CLUSTERED, seed=plan.seed
        )
        _write(folder, layer, method, found)


def clustered_maps(plan: Plan, folder: Path) -> list[tuple[str, str]]:
    """Pairs of layer and method: at most two layers, and of each its t-SNE rather than its UMAP."""
    layers = pd.read_parquet(folder / "layers.parquet")
    drawn: dict[str, str] = {}
    for layer, method in chosen_maps(plan.maps, layers):
        if method in _NEIGHBOUR_MAPS and map_file(folder, layer, method).exists():
            drawn.setdefault(layer, method)
    pairs = list(drawn.items())
    return pairs if len(pairs) < 2 else [pairs[0], pairs[-1]]


def cluster_records(plan: Plan, folder: Path) -> list[dict[str, Any]]:
    """What was found at every layer that was clustered, in words and figures."""
    return [
        json.loads(clusters_file(folder, layer).with_suffix(".json").read_text())
        for layer, _ in clustered_maps(plan, folder)
    ]


def _write(folder: Path, layer: str, method: str, found: ClusterComparison) -> None:
    table = pd.DataFrame({"id": found.chosen})
    for name, grouping in found.groupings.items():
        table[name] = grouping.labels
    record = {
        "layer": layer,
        "method": method,
        "words": found.in_words(),
        "evidence": evidence(found),
        "warning": WARNING,
        **found.to_dict(),
    }
    file = clusters_file(folder, layer)
    file.parent.mkdir(exist_ok=True)
    file.with_suffix(".json").write_text(json.dumps(record))
    with atomic_file(file) as temporary:
        table.to_parquet(temporary, index=False)
