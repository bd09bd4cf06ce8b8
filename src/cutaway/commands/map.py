"""Mapping a table or a set of images to two dimensions, with nothing else of Cutaway around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64

from cutaway.commands.tables import TABLES, read_table
from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.maps import map_quality
from cutaway.maps.recipe import METHODS, make_map


@dataclass(frozen=True)
class Rows:
    """What is mapped: features, and labels and their names where they are known."""

    features: Float32[np.ndarray, "n d"]
    labels: Int64[np.ndarray, " n"] | None = None
    class_names: tuple[str, ...] = ()


def map_source(
    source: str,
    *,
    method: str = "tsne",
    perplexities: Sequence[float] | None = None,
    split: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    output: Path | None = None,
    picture: Path | None = None,
) -> dict[str, Any]:
    """Maps `source`, writes the map and its picture where asked, and returns its figures.

    Raises:
        InputError: An argument does not fit, or nothing is asked to be written.
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} is not known; expected one of {METHODS}")
    if perplexities and method != "tsne":
        raise InputError(f"perplexity belongs to t-SNE; method={method!r} has none. Leave it out")
    if output is not None and perplexities and len(perplexities) > 1:
        raise InputError("output holds one map; give one perplexity, or only --figure")
    rows = _read(source, split, limit)
    made: dict[float | None, np.ndarray] = {}
    for perplexity in perplexities or (None,):
        made[perplexity] = _embed(rows.features, method, perplexity, seed)
    first = next(iter(made.values()))
    quality = map_quality(rows.features, first)
    if output is not None:
        _write(output, rows, first, quality.per_point)
    if picture is not None:
        _draw(picture, rows, method, made)
    return {
        "rows": len(rows.features),
        "method": method,
        "trustworthiness": round(quality.trustworthiness, 4),
        "continuity": round(quality.continuity, 4),
        "neighbours_kept": round(quality.neighbours_kept, 4),
        **({"map": str(output)} if output else {}),
        **({"figure": str(picture)} if picture else {}),
    }


def _read(source: str, split: str | None, limit: int | None) -> Rows:
    table = read_table(Path(source)) if Path(source).suffix in TABLES else None
    if table is not None:
        return Rows(table[:limit])
    from cutaway.data import load_data

    images = load_data(source, split=split, limit=limit)
    pixels = images.tensor().flatten(1).numpy()
    return Rows(pixels, images.labels, images.class_names or ())


def _embed(
    features: Float32[np.ndarray, "n d"], method: str, perplexity: float | None, seed: int
) -> Float32[np.ndarray, "n 2"]:
    options = {} if perplexity is None else {"perplexity": perplexity}
    return make_map(features, method, seed=seed, **options).embedding


def _write(output: Path, rows: Rows, embedding: np.ndarray, trust: np.ndarray) -> None:
    table = pd.DataFrame(
        {
            "id": np.arange(len(embedding)),
            "x": embedding[:, 0],
            "y": embedding[:, 1],
            "trust": trust,
        }
    )
    if rows.labels is not None:
        table["label"] = rows.labels
    with atomic_file(output) as temporary:
        table.to_parquet(temporary, index=False)


def _draw(picture: Path, rows: Rows, method: str, made: dict[float | None, np.ndarray]) -> None:
    from cutaway import plot
    from cutaway.views.gallery import write

    if len(made) > 1:
        by_perplexity = {key: embedding for key, embedding in made.items() if key is not None}
        drawn = plot.perplexities(by_perplexity, rows.labels, class_names=rows.class_names)
    else:
        drawn = plot.maps(
            {method: next(iter(made.values()))}, rows.labels, class_names=rows.class_names
        )
    write(drawn, picture)
