"""Building a Study: one pass of the data through the network, then tables, maps and findings."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from cutaway.data import InputTransform
from cutaway.study.activations import collect_activations, keep_activations, write_filters
from cutaway.study.adversarial import attack_samples
from cutaway.study.attribution import attribute_kept
from cutaway.study.class_means import write_class_means
from cutaway.study.clustering import write_clusters
from cutaway.study.cues import try_cues
from cutaway.study.description import write_description
from cutaway.study.edge_spots import write_edge_spots
from cutaway.study.gradients import measure_gradients
from cutaway.study.mapping import build_maps
from cutaway.study.plan import Plan, make_plan
from cutaway.study.readings import try_readings
from cutaway.study.record import write_record
from cutaway.study.scores import score_layers
from cutaway.study.similarity import write_similarity
from cutaway.study.steadiness import write_steadiness
from cutaway.study.study import Study, open_study
from cutaway.study.thumbnails import write_thumbnails
from cutaway.study.units import describe_units
from cutaway.study.wanted import seek_unit_images
from cutaway.study.workspace import require_free, stage, workspace


def build_study(
    model: nn.Module | str | os.PathLike[str],
    data: Any,
    path: str | os.PathLike[str],
    *,
    reference: Any = None,
    transform: InputTransform | None = None,
    layers: Any = None,
    maps: Mapping[str, str | Sequence[str]] | None = None,
    history: pd.DataFrame | None = None,
    seed: int = 0,
    device: str = "auto",
    overwrite: bool = False,
    aligned_to: str | os.PathLike[str] | None = None,
    deep: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    size: int | None = None,
) -> Study:
    """Runs a data set through a network and writes what was learned to a folder.

    The folder appears under its name only when it is whole. A build that was killed goes on where
    it was when it is called again with the same arguments.

    Args:
        model: A network, or what `load_model` takes. It is put into eval mode while it is studied.
        data: `Images`, or what `load_data` takes: the samples to study, such as a test split. Of a
            stream (`load_data(..., streaming=True)`) images are read when they are needed, three
            times or four, and never held all at once; what is learned is the same.
        path: The folder to create.
        reference: `Images`, a stream or what `load_data` takes: what the network was trained on.
            Its samples stand in the Study beside the data, told apart by their split, and the k-NN
            and linear probes learn from them.
        transform: What the network expects of its input. By default it is taken from the checkpoint
            or the model; where neither says, it is measured on the data, and said so.
        layers: Layers to study, as `cutaway.capture` takes them; None means every leaf module.
        maps: Which maps to make: from "pca", "tsne", "umap" and "autoencoder" to layer patterns.
            By default PCA of the pixels and every layer, t-SNE and UMAP of the pixels and the layer
            before the output.
        history: A row an epoch of the training, kept for its curves.
        seed: Equal seeds give equal tables.
        device: "auto", "cpu", "cuda", ...
        overwrite: Replace a Study that lies at `path`.
        aligned_to: A Study of the same samples, such as one of an earlier epoch. Each map is turned
            onto its map of the same layer and method, so that samples can be followed.
        deep: Ask also what costs more than a forward pass or two.
        workers: How many processes to start that share the pass over the data; tables and files
            are the same as without. Each computes with as many threads as this process would
            (`torch.set_num_threads`). A script needs `if __name__ == "__main__":`.
        cluster: Address of a Dask scheduler whose workers make the pass instead; they must have
            this version of cutaway and see the folder, and the files of a stream by the same paths.
            Extra `[cluster]`.
        size: Side in pixels that the network takes, where the checkpoint or the model says another
            or none; instead of `transform`.

    Returns:
        The Study, opened.

    Raises:
        InputError: An argument does not fit; nothing has been written then.
    """
    target = Path(path)
    require_free(target, overwrite=overwrite)
    turned_onto = None if aligned_to is None else open_study(aligned_to)
    plan = make_plan(
        model,
        data,
        reference,
        transform,
        layers,
        maps,
        history,
        seed,
        device,
        turned_onto,
        size=size,
        deep=deep,
        workers=workers,
        cluster=cluster,
    )
    with workspace(target, plan.key, overwrite=overwrite) as folder:
        _build(plan, folder)
    return open_study(target)


def _build(plan: Plan, folder: Path) -> None:
    for name, steps in STAGES + (DEEP_STAGES if plan.deep else ()):
        with stage(folder, name) as due:
            if due:
                for step in steps:
                    step(plan, folder)
    if plan.history is not None:
        plan.history.to_parquet(folder / "history.parquet", index=False)
    thumbnails = write_thumbnails(plan.images, folder / "thumbnails")
    write_record(plan, folder, thumbnails)


Step = Callable[[Plan, Path], None]

STAGES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("activations", (collect_activations,)),
    ("kept", (keep_activations, write_filters)),
    ("units", (describe_units, write_steadiness)),
    ("gradients", (measure_gradients,)),
    ("readings", (try_readings, write_edge_spots)),
    ("description", (write_description,)),
    ("maps", (build_maps,)),
    # After the maps, which know what is near in each layer.
    ("scores", (score_layers, write_similarity, write_class_means)),
    ("clusters", (write_clusters,)),
)
"""What every build does, in order; a build that was killed goes on after the last whole stage."""

DEEP_STAGES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("adversarial", (attack_samples,)),
    ("attribution", (attribute_kept,)),
    ("unit images", (seek_unit_images,)),
    ("cues", (try_cues,)),
)
"""What a build does besides where deep=True: all that costs more than a forward pass or two."""
