"""Mapping a table or a set of images to two dimensions, with nothing else of Cutaway around it."""

from collections.abc import Iterator, Sequence
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
from cutaway.maps.reduction import Reduction, reduce_stream
from cutaway.progress import say, track


@dataclass(frozen=True)
class Rows:
    """What is mapped: features, and labels and their names where they are known.

    Of a stream the features are the rows of its `reduction`.
    """

    features: Float32[np.ndarray, "n d"]
    labels: Int64[np.ndarray, " n"] | None = None
    class_names: tuple[str, ...] = ()
    reduction: Reduction | None = None


def map_source(
    source: str,
    *,
    method: str = "tsne",
    perplexities: Sequence[float] | None = None,
    split: str | None = None,
    limit: int | None = None,
    streaming: bool = False,
    seed: int = 0,
    output: Path | None = None,
    picture: Path | None = None,
) -> dict[str, Any]:
    """Maps `source`, writes the map and its picture where asked, and returns its figures.

    Of a stream only the principal components of the images are held, which are found in one pass
    and taken in a second. Every method sees these, and the quality is measured against them.

    Raises:
        InputError: An argument does not fit, or nothing is asked to be written.
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} is not known; expected one of {METHODS}")
    if perplexities and method != "tsne":
        raise InputError(f"perplexity belongs to t-SNE; method={method!r} has none. Leave it out")
    if output is not None and perplexities and len(perplexities) > 1:
        raise InputError("output holds one map; give one perplexity, or only --figure")
    rows = _streamed(source, split, limit, seed) if streaming else _read(source, split, limit)
    made: dict[float | None, np.ndarray] = {}
    for perplexity in perplexities or (None,):
        made[perplexity] = _embed(rows, method, perplexity, seed)
    first = next(iter(made.values()))
    quality = map_quality(rows.features, first)
    if output is not None:
        _write(output, rows, first, quality.per_point)
    if picture is not None:
        _draw(picture, rows, method, made)
    return {
        "rows": len(rows.features),
        "method": method,
        **({"measured_on": f"{rows.features.shape[1]} components"} if streaming else {}),
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


def _streamed(source: str, split: str | None, limit: int | None, seed: int) -> Rows:
    if Path(source).suffix in TABLES and read_table(Path(source)) is not None:
        raise InputError(
            f"{source!r} is a table, which is read whole; --streaming is for sets of images. "
            "Leave it out"
        )
    from cutaway.data import load_data
    from cutaway.data.pixel_rows import pixel_rows

    stream = load_data(source, split=split, limit=limit, streaming=True)
    labels: list[np.ndarray] = []

    def batches() -> Iterator[np.ndarray]:
        labels.clear()
        for images in track(stream, f"Reading {stream.name}"):
            labels.append(np.empty(0, np.int64) if images.labels is None else images.labels)
            yield pixel_rows(images.tensor()).numpy()

    reduction = reduce_stream(batches, seed=seed)
    (height, width), channels = stream.form.size, stream.form.channels
    values, features = height * width * channels, len(reduction.pca.mean_)
    averaged = f", averaged to {features:,}" if features < values else ""
    say(
        f"{stream.name}: the map is made of {reduction.rows.shape[1]} principal components of "
        f"{values:,} values an image{averaged}, and its quality is measured against these."
    )
    known = np.concatenate(labels) if stream.form.labelled else None
    return Rows(reduction.rows, known, stream.class_names or (), reduction)


def _embed(
    rows: Rows, method: str, perplexity: float | None, seed: int
) -> Float32[np.ndarray, "n 2"]:
    options = {} if perplexity is None else {"perplexity": perplexity}
    features = rows.features if rows.reduction is None else rows.reduction
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
