"""Reading a Study folder: tables, maps, features and findings, each loaded when first asked for."""

import html
import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, UInt8

from cutaway.diagnosis import Finding
from cutaway.errors import InputError
from cutaway.study.arrays import read_array
from cutaway.study.cues import read_cues
from cutaway.study.description import read_description
from cutaway.study.gradient_table import read_gradients
from cutaway.study.layout import (
    SCHEMA_VERSION,
    cka_file,
    class_means_file,
    clusters_file,
    features_file,
    filters_file,
    kept_file,
    map_file,
    mean_images_file,
    placement_file,
)
from cutaway.study.steadiness import read_steadiness
from cutaway.study.stored import read_table, unreadable
from cutaway.study.thumbnails import read_thumbnail

if TYPE_CHECKING:
    from cutaway.maps.finished_map import FinishedMap
else:
    FinishedMap = object


def open_study(path: str | os.PathLike[str]) -> "Study":
    """Opens a Study folder.

    Args:
        path: The folder that `build_study` wrote.

    Raises:
        InputError: There is no such folder, it is no Study, it is damaged, or it comes from a newer
            version of Cutaway.
    """
    folder = Path(path)
    record_file = folder / "study.json"
    if not folder.is_dir():
        raise InputError(f"study {str(path)!r} does not exist; expected a folder by build_study")
    if not record_file.is_file():
        raise InputError(
            f"folder {str(path)!r} is not a Study: it holds no study.json. "
            "Make one with build_study or `cutaway study`"
        )
    try:
        record = json.loads(record_file.read_text(encoding="utf-8"))
        version = record["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(record_file)!r} is damaged ({error}); build the Study again"
        ) from error
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise InputError(
            f"study {str(path)!r} has schema version {version!r}, and this Cutaway reads up to "
            f"{SCHEMA_VERSION}; install a newer Cutaway"
        )
    return Study(folder, record)


class Study:
    """What the data looks like, what every layer makes of it, and where that goes wrong.

    Attributes:
        folder: Where it lies.
        record: The content of study.json.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder = folder
        self.record = record

    @cached_property
    def samples(self) -> pd.DataFrame:
        """A row a sample: id, source, split, label, predicted, confidence, margin, entropy, loss.

        With labels also suspected_label: a class, or −1 where the label raises no suspicion. What
        needs labels is absent where there are none.
        """
        return read_table(self.folder / "samples.parquet")

    @cached_property
    def layers(self) -> pd.DataFrame:
        """A row a layer, pixels first and then in order of execution.

        Columns: layer, type, shape, parameters, mean, std, sparsity, dead, intrinsic_dimension, and
        with labels knn_accuracy, probe_accuracy, fisher and silhouette.
        """
        return read_table(self.folder / "layers.parquet")

    @cached_property
    def units(self) -> pd.DataFrame:
        """A row a unit: layer, unit, mean, max, active, dead, saturated, top (sample ids)."""
        return read_table(self.folder / "units.parquet")

    @cached_property
    def cka(self) -> pd.DataFrame | None:
        """How alike layers are, a row a pair: layer, other, cka; None in older Studies."""
        return read_table(self.folder / "cka.parquet") if cka_file(self.folder).is_file() else None

    @cached_property
    def cues(self) -> pd.DataFrame | None:
        """What images without a cue give: cue, strength, accuracy, changed; None unless deep."""
        return read_cues(self.folder)

    @property
    def calibration(self) -> dict[str, Any] | None:
        """Expected calibration error, accuracy, confidence and bins; None without labels."""
        found = self.record.get("calibration")
        return None if found is None else dict(found)

    @cached_property
    def history(self) -> pd.DataFrame | None:
        """A row an epoch of the training, or None where it is not known."""
        return (
            read_table(self.folder / "history.parquet")
            if (self.folder / "history.parquet").is_file()
            else None
        )

    @cached_property
    def gradients(self) -> pd.DataFrame | None:
        """A row a layer: layer, norm, parameter_norm, share_of_update; None where not measured."""
        return read_gradients(self.folder)

    @cached_property
    def steadiness(self) -> pd.DataFrame | None:
        """A row a layer: layer, change, shift, spread; None where not measured."""
        return read_steadiness(self.folder)

    @cached_property
    def maps(self) -> pd.DataFrame:
        """A row a map: layer, method, and how far it can be trusted."""
        return pd.DataFrame(self.record["maps"])

    @property
    def findings(self) -> list[Finding]:
        """What was noticed, in words: problems first, then what touches most."""
        return [Finding.from_dict(finding) for finding in self.record["findings"]]

    @property
    def summary(self) -> dict[str, Any]:
        """What `describe` says of the data."""
        return dict(self.record["data"]["summary"])

    @property
    def complexity(self) -> dict[str, Any] | None:
        """How complex the data is, as `Complexity.to_dict`; None of few images."""
        found = self.record["data"].get("complexity")
        return None if found is None else dict(found)

    @cached_property
    def mean_images(self) -> Float32[np.ndarray, "classes height width channels"] | None:
        """The mean image of each class, bytes scaled to [0, 1]; one of all without labels.

        None in a Study that was built before these were kept.
        """
        file = mean_images_file(self.folder)
        return np.asarray(read_array(file)) if file.is_file() else None

    def twins(self, *, shared: bool) -> list[tuple[int, int]]:
        """Pairs of samples that are the same or nearly so.

        Args:
            shared: Pairs of data and reference; else pairs within the data, exact ones left out.
        """
        if shared:
            described = read_description(self.folder)
            if described is None:
                return []
            pairs = described["shared"] + described["nearly_shared"]
            return [(int(one), int(two)) for one, two in pairs]
        rows = dict(zip(self.studied["source"], self.studied["id"].tolist(), strict=True))
        groups = self.summary.get("near_duplicates") or []
        return [(rows[one], rows[two]) for one, two, *_ in groups]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names by label; empty where they are not known."""
        return tuple(self.record["data"]["class_names"])

    @property
    def data_split(self) -> str:
        """The value of `split` that marks the data itself, as opposed to the reference."""
        return str(self.record["data"]["split"])

    @property
    def studied(self) -> pd.DataFrame:
        """The rows of `samples` that are the data itself, without the reference."""
        return self.samples[self.samples["split"] == self.data_split]

    @property
    def labelled(self) -> bool:
        """Whether samples carry labels."""
        return "label" in self.samples

    @property
    def kept(self) -> tuple[int, ...]:
        """Ids of the samples whose whole activations were kept."""
        return tuple(self.record["kept"])

    @cached_property
    def outputs(self) -> Float32[np.ndarray, "samples classes"]:
        """The network's final activations, a memory map of shape (samples, classes)."""
        return read_array(self.folder / "outputs.npy")

    def map(self, layer: str, method: str) -> pd.DataFrame:
        """One map: columns id, x, y and trust (share of neighbours kept, in [0, 1]).

        Raises:
            InputError: The Study holds no such map.
        """
        file = map_file(self.folder, layer, method)
        if not file.is_file():
            held = [f"{row.layer}/{row.method}" for row in self.maps.itertuples()]
            raise InputError(f"map {layer!r}/{method!r} is not in this Study; it holds {held}")
        return read_table(file)

    @property
    def cluster_comparisons(self) -> list[dict[str, Any]]:
        """How far clusters of features and of their map agree, a record a layer that has a map.

        Each holds layer, method, words, evidence, warning, and the figures that
        `cutaway.maps.ClusterComparison` describes; empty without a map by t-SNE or UMAP.
        """
        return list(self.record.get("clusters", []))

    def clusters(self, layer: str) -> pd.DataFrame:
        """Clusters of samples: id, and a column a method and space, such as "HDBSCAN of the map".

        Numbers are those of the classes that a cluster is most like; −1 is HDBSCAN's noise. Of many
        samples a random choice of some thousands stands here.

        Raises:
            InputError: The layer was not clustered.
        """
        held = [record["layer"] for record in self.cluster_comparisons]
        if layer not in held:
            raise InputError(f"layer={layer!r} was not clustered in this Study; {held} were")
        return read_table(clusters_file(self.folder, layer))

    def finished_map(self, layer: str, method: str) -> FinishedMap:
        """What places rows of the layer's features on a map, and decodes places where it can.

        Raises:
            InputError: The Study holds no such map, or what it keeps of it is damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        from cutaway.maps.finished_map import FinishedMap

        self.map(layer, method)
        file = placement_file(self.folder, layer, method)
        try:
            return FinishedMap.from_arrays(load_file(file))
        except (OSError, SafetensorError) as error:
            raise unreadable(file, error) from error

    def features(self, layer: str) -> Float32[np.ndarray, "samples features"]:
        """Pooled features of a layer, a memory map of shape (samples, features)."""
        self._require_layer(layer)
        return read_array(features_file(self.folder, layer))

    def class_means(self, layer: str) -> Float32[np.ndarray, "classes features"] | None:
        """Mean features of each class at a layer, NaN of a class that is not there.

        None in a Study that was built before these were kept.
        """
        self._require_layer(layer)
        file = class_means_file(self.folder, layer)
        return np.array(read_array(file)) if file.is_file() else None

    def activations(self, layer: str, sample: int) -> Float32[np.ndarray, "..."]:
        """The whole activation of a kept sample at a layer, such as (channels, height, width).

        Raises:
            InputError: The layer is unknown or the sample was not kept.
        """
        self._require_layer(layer)
        return self.kept_row(kept_file(self.folder, layer), sample)

    def image(self, sample: int) -> UInt8[np.ndarray, "height width channels"]:
        """A kept sample's image in full, uint8."""
        return self.kept_row(self.folder / "kept" / "images.npy", sample)

    def kept_row(self, file: Path, sample: int) -> np.ndarray:
        """A kept sample's row of one of the Study's arrays that has a row for each of them.

        Raises:
            InputError: The sample was not kept, or the file is not there, damaged or too short.
        """
        if sample not in self.kept:
            raise InputError(
                f"sample={sample} was not kept whole; those that were are {list(self.kept)}"
            )
        rows = read_array(file)
        if len(rows) != len(self.kept):
            raise InputError(
                f"{str(file)!r} has {len(rows)} rows; expected {len(self.kept)}, one a kept "
                "sample; build the Study again"
            )
        return np.array(rows[self.kept.index(sample)])

    def thumbnail(self, sample: int) -> UInt8[np.ndarray, "height width channels"]:
        """A sample's thumbnail, uint8 RGB, at most 64 pixels a side."""
        return read_thumbnail(self.folder / "thumbnails", self.record["thumbnails"], sample)

    @cached_property
    def filters(self) -> dict[str, Float32[np.ndarray, "filters channels height width"]]:
        """Weights of every convolution, by layer, in order of execution."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        file = filters_file(self.folder)
        try:
            weights = load_file(file)
        except (OSError, SafetensorError) as error:
            raise unreadable(file, error) from error
        return {layer: weights[layer] for layer in self.layers["layer"] if layer in weights}

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        layers: str | Sequence[str] | None = None,
        methods: str | Sequence[str] | None = None,
    ) -> Path:
        """Writes the Study as one HTML file that opens offline; returns its path.

        Args:
            path: The file to write.
            layers: Layers whose maps go in, by name or by a pattern such as "conv*"; None: all.
            methods: Methods whose maps go in, such as "umap"; None means all.

        Raises:
            InputError: The file cannot be written, or no map is of a layer or by a method so named.
        """
        from cutaway.views.report import write_report

        return write_report(self, path, layers=layers, methods=methods)

    def explore(self, model: Any = None, *, port: int = 0) -> Any:
        """Opens the explorer: a widget in a notebook, elsewhere a server on this machine.

        Args:
            model: The network that the Study was made with, or what `load_model` takes. With it,
                new images can be placed, and feature maps of any sample be seen.
            port: Of the server; 0 means any free one.

        Returns:
            In a notebook the widget; its `selection` is the table of the selected samples, and may
            be set. Elsewhere what serves it, with `url`, `wait()` and `close()`.

        Raises:
            InputError: The network is another than the Study's.
        """
        from cutaway.views.explore import explore

        return explore(self, model, port=port)

    def __repr__(self) -> str:
        """One line: where, how many samples and layers."""
        return (
            f"<Study {str(self.folder)!r}: {len(self.samples)} samples, {len(self.layers)} layers>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><b>{html.escape(finding.title)}</b> {html.escape(finding.text)} "
            f"{html.escape(finding.advice)}</li>"
            for finding in self.findings
        )
        return (
            f"<p>Study of {html.escape(self.record['model']['name'])} on "
            f"{html.escape(self.record['data']['name'])}: {len(self.samples):,} samples, "
            f"{len(self.layers):,} layers, {len(self.units):,} units, {len(self.maps):,} maps</p>"
            f"<ol>{rows}</ol>"
        )

    def _require_layer(self, layer: str) -> None:
        known = self.layers["layer"].tolist()
        if layer not in known:
            raise InputError(f"layer={layer!r} is not in this Study; its layers are {known}")
