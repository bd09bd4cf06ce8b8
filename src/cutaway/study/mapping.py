"""Which layers of a Study are mapped by which method."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from cutaway.errors import InputError
from cutaway.maps.recipe import METHODS
from cutaway.progress import track
from cutaway.study.layout import PIXELS, map_file
from cutaway.study.map_making import MapMaking
from cutaway.study.plan import Plan

_IDENTITIES = {"Dropout", "Dropout2d", "Identity", "Flatten"}


def build_maps(plan: Plan, folder: Path) -> None:
    """Writes every map that is asked for and not there yet, each turned onto the one before it."""
    layers = pd.read_parquet(folder / "layers.parquet")
    earlier = None if plan.aligned_to is None else plan.aligned_to.folder
    making = MapMaking(folder, chosen_maps(plan.maps, layers), plan.seed, earlier)
    due = [pair for pair in making.chosen if not map_file(folder, *pair).exists()]
    for layer, method in track(due, f"Making {len(due)} maps"):
        making.make(layer, method)


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
