"""Making a Study's maps: which layers by which method, how far to trust each, how to place more."""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32
from safetensors.numpy import save_file

from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.maps import map_quality
from cutaway.maps.recipe import METHODS, make_map
from cutaway.progress import track
from cutaway.study.layout import PIXELS, features_file, map_file, placement_file
from cutaway.study.plan import Plan

RANKED = 2_000
"""Trustworthiness and continuity are measured at so many points, each ranked among all."""
SMALLEST_NEIGHBOURHOOD = 4
"""With fewer samples there are no neighbourhoods that t-SNE or UMAP could keep."""
_IDENTITIES = {"Dropout", "Dropout2d", "Identity", "Flatten"}


def build_maps(plan: Plan, folder: Path) -> None:
    """Writes every map that is asked for and not there yet."""
    layers = pd.read_parquet(folder / "layers.parquet")
    due = [
        (layer, method)
        for layer, method in chosen_maps(plan.maps, layers)
        if not map_file(folder, layer, method).exists()
    ]
    for layer, method in track(due, f"Making {len(due)} maps"):
        features = np.load(features_file(folder, layer))
        usable = method == "pca" or len(features) >= SMALLEST_NEIGHBOURHOOD
        if usable and np.isfinite(features).all():
            _write_map(folder, layer, method, features, plan.seed)


def chosen_maps(
    maps: Mapping[str, str | Sequence[str]] | None, layers: pd.DataFrame
) -> list[tuple[str, str]]:
    """Pairs of layer and method, in order of layers.

    Raises:
        InputError: A method is unknown or a pattern matches no layer.
    """
    names = layers["layer"].tolist()
    wanted = {method: _listed(on) for method, on in (maps or _default(layers)).items()}
    for method, patterns in wanted.items():
        if method not in METHODS:
            raise InputError(f"maps names the method {method!r}; expected one of {METHODS}")
        for pattern in patterns:
            if not any(_matches(name, pattern) for name in names):
                raise InputError(f"maps[{method!r}]={pattern!r} matches no layer; they are {names}")
    return [
        (name, method)
        for name in names
        for method in METHODS
        if any(_matches(name, pattern) for pattern in wanted.get(method, []))
    ]


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _listed(patterns: str | Sequence[str]) -> list[str]:
    return [patterns] if isinstance(patterns, str) else list(patterns)


def _default(layers: pd.DataFrame) -> dict[str, list[str]]:
    last = layer_before_output(layers)
    neighbourhoods = [PIXELS] if last is None else [PIXELS, last]
    return {"pca": ["*"], "tsne": neighbourhoods, "umap": neighbourhoods}


def layer_before_output(layers: pd.DataFrame) -> str | None:
    """The last layer that computes something before the one that gives the output."""
    inner = layers.iloc[1:-1]
    computing = inner[~inner["type"].isin(_IDENTITIES)]
    return None if computing.empty else str(computing["layer"].iloc[-1])


def _write_map(
    folder: Path, layer: str, method: str, features: Float32[np.ndarray, "n d"], seed: int
) -> None:
    made = make_map(features, method, seed=seed)
    quality = map_quality(features, made.embedding, ranked=RANKED)
    figures = {
        "trustworthiness": quality.trustworthiness,
        "continuity": quality.continuity,
        "neighbours_kept": quality.neighbours_kept,
        "shepard": quality.shepard,
    }
    table = pd.DataFrame(
        {
            "id": np.arange(len(made.embedding)),
            "x": made.embedding[:, 0],
            "y": made.embedding[:, 1],
            "trust": quality.per_point,
        }
    )
    file = map_file(folder, layer, method)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(made.placement, placement_file(folder, layer, method))
    file.with_suffix(".json").write_text(json.dumps(figures))
    with atomic_file(file) as temporary:
        table.to_parquet(temporary, index=False)
