"""Making a Study's maps, each turned onto the one before, with what says how far to trust it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32
from safetensors.numpy import save_file

from cutaway.files import atomic_file
from cutaway.maps import map_quality
from cutaway.maps.alignment import Similarity, procrustes
from cutaway.maps.quality import Neighbourhoods, Quality
from cutaway.maps.recipe import make_map
from cutaway.maps.reduction import Reduction, reduce_stream
from cutaway.progress import say
from cutaway.study.arrays import read_array, row_blocks, write_array
from cutaway.study.equal_layers import equal_before
from cutaway.study.layout import features_file, map_file, neighbours_file, placement_file

RANKED = 2_000
"""Trustworthiness and continuity are measured at so many points, each ranked among all."""
WHOLE = 1 << 28
"""Features of more values are held along their principal components alone."""
SMALLEST_NEIGHBOURHOOD = 4
"""With fewer samples there are no neighbourhoods that t-SNE or UMAP could keep."""

LayerAndMethod = tuple[str, str]
Rows = Float32[np.ndarray, "n d"] | Reduction


class MapMaking:
    """Makes maps one after another, so that a sample can be followed from each to the next.

    A map is turned onto the one of the same method before it, and the first of a method onto the
    map of the method before at the same layer: rotated, mirrored and shifted by Procrustes, never
    scaled, so that distances on a map stay those of its method. A layer that changes nothing
    (dropout in evaluation) has the very map of the layer whose features it passes on. What is near
    in the features of a layer is found once for all methods, and kept.

    Args:
        folder: The Study's, with features in it.
        chosen: Every map of the Study, in order of layers and then of methods.
        seed: Of every map.
        earlier: The folder of another Study of the same samples. A map that it has too is turned
            onto that instead.
    """

    def __init__(
        self, folder: Path, chosen: list[LayerAndMethod], seed: int, earlier: Path | None = None
    ) -> None:
        self.folder = folder
        self.chosen = chosen
        self.seed = seed
        self.earlier = earlier
        self._known: tuple[str, Rows, Neighbourhoods] | None = None

    def make(self, layer: str, method: str) -> None:
        """Writes one map; none where the features hold NaN or are too few for the method."""
        twin = equal_before(self.folder, layer, self._mapped_before(layer, method))
        if twin is not None:
            self._copy(twin, layer, method)
            return
        file = features_file(self.folder, layer)
        few = method in {"tsne", "umap"} and len(read_array(file)) < SMALLEST_NEIGHBOURHOOD
        if few or not all(np.isfinite(rows).all() for rows in row_blocks(file)):
            return
        rows, neighbourhoods = self._rows(layer)
        made = make_map(rows, method, seed=self.seed)
        turned = self._alignment(layer, method, made.embedding)
        quality = map_quality(neighbourhoods, made.embedding, ranked=RANKED)
        placement = made.placement
        if placement:
            placement = placement | {f"alignment.{k}": v for k, v in turned.to_arrays().items()}
        components = rows.rows.shape[1] if isinstance(rows, Reduction) else None
        self._write(layer, method, turned.apply(made.embedding), placement, quality, components)

    def _rows(self, layer: str) -> tuple[Rows, Neighbourhoods]:
        if self._known is None or self._known[0] != layer:
            self._known = None  # one layer's are enough to hold
            features = read_array(features_file(self.folder, layer))
            rows = self._reduced(layer) if features.size > WHOLE else np.array(features)
            near = Neighbourhoods(rows.rows if isinstance(rows, Reduction) else rows)
            self._known = (layer, rows, near)
            write_array(neighbours_file(self.folder, layer), near.nearest)
        return self._known[1:]

    def _reduced(self, layer: str) -> Reduction:
        file = features_file(self.folder, layer)
        reduction = reduce_stream(lambda: row_blocks(file), seed=self.seed)
        say(
            f"{layer}: maps are made of {reduction.rows.shape[1]} principal components of "
            f"{len(reduction.pca.mean_):,} features, and their quality is measured against these, "
            f"since all features of {len(reduction):,} samples are too many to hold."
        )
        return reduction

    def _mapped_before(self, layer: str, method: str) -> list[str]:
        before = self.chosen[: self.chosen.index((layer, method))]
        return [
            name
            for name, other in before
            if other == method and map_file(self.folder, name, method).exists()
        ]

    def _copy(self, twin: str, layer: str, method: str) -> None:
        source, target = map_file(self.folder, twin, method), map_file(self.folder, layer, method)
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix in (".safetensors", ".json"):
            shutil.copyfile(source.with_suffix(suffix), target.with_suffix(suffix))
        with atomic_file(target) as temporary:
            shutil.copyfile(source, temporary)

    def _alignment(
        self, layer: str, method: str, embedding: Float32[np.ndarray, "n 2"]
    ) -> Similarity:
        before = [(name, method) for name in self._mapped_before(layer, method)[-1:]]
        before += [
            (name, other)
            for name, other in reversed(self.chosen[: self.chosen.index((layer, method))])
            if name == layer and map_file(self.folder, name, other).exists()
        ]
        files = [map_file(self.folder, *pair) for pair in before]
        if self.earlier is not None and map_file(self.earlier, layer, method).exists():
            files.insert(0, map_file(self.earlier, layer, method))
        if not files:
            return Similarity.none(embedding.shape[1])
        table = pd.read_parquet(files[0], columns=["x", "y"])
        return procrustes(embedding, table.to_numpy(), scale=False)

    def _write(
        self,
        layer: str,
        method: str,
        places: Float32[np.ndarray, "n 2"],
        placement: dict[str, np.ndarray],
        quality: Quality,
        components: int | None,
    ) -> None:
        figures = {
            "trustworthiness": quality.trustworthiness,
            "continuity": quality.continuity,
            "neighbours_kept": quality.neighbours_kept,
            "shepard": quality.shepard,
            **({} if components is None else {"components": components}),
        }
        table = pd.DataFrame({"id": np.arange(len(places)), "x": places[:, 0], "y": places[:, 1]})
        table["trust"] = quality.per_point
        file = map_file(self.folder, layer, method)
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(placement, placement_file(self.folder, layer, method))
        file.with_suffix(".json").write_text(json.dumps(figures))
        with atomic_file(file) as temporary:
            table.to_parquet(temporary, index=False)
