"""The resources that a file of bounded size holds: what matters most first, the rest named."""

import base64
import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64
from markupsafe import Markup

from cutaway.study import Study
from cutaway.views.explorer import arrow, tables, tensors
from cutaway.views.explorer.atlas import small_atlas
from cutaway.views.explorer.resource import ARROW, JSON, AbsentError, Resource
from cutaway.views.explorer.resources import Resources

MOST_SAMPLES = 100_000
"""A file holds so many samples; of more, a random choice and those that findings name."""
LARGEST = 30_000_000
"""Bytes of the whole file."""
_MAPS, _THUMBNAILS, _NEIGHBOURS, _ACTIVATIONS = 0.55, 0.3, 0.4, 0.2
"""Most of what there is room for that maps, thumbnails, neighbours and feature maps may take."""
_TRIED = 256
_FEW = 20_000
"""Up to so many samples, names of files and all outputs go in."""
_BLOCK = Markup(
    '<script type="application/octet-stream" data-resource="{name}" data-media="{media}"'
    "{encoding}>{body}</script>\n"
)


@dataclass
class Embedding:
    """Blocks for a page, as many as there is room for.

    Attributes:
        room: Bytes that are left.
        blocks: What goes into the page, in order.
        omitted: A plain sentence for each thing that is left out.
    """

    room: int
    blocks: list[Markup] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)

    def add(self, name: str, made: Resource, most: float | None = None) -> bool:
        """Adds a resource if it fits into the room, or into `most` bytes of it."""
        block = _block(name, made)
        size = len(block.encode())
        if size > self.room or (most is not None and size > most):
            return False
        self.blocks.append(block)
        self.room -= size
        return True


def embed(study: Study, room: int, left_out: Iterable[str] = ()) -> Markup:
    """Blocks with what an offline explorer needs, in `room` bytes or less.

    Args:
        study: The Study.
        room: Bytes that there is room for.
        left_out: A sentence for each thing that is left out by choice.
    """
    # The room that is kept back is for the overview, which is made last.
    made = Embedding(room - 200_000, omitted=list(left_out))
    resources = Resources(study, "report")
    rows = _chosen(study)
    _tables(made, resources, rows)
    _maps(made, resources, rows)
    layout = _thumbnails(made, study, rows)
    _layers(made, resources)
    _kept(made, resources)
    _nearest(made, resources)
    _activations(made, resources)
    _units(made, resources, rows)
    overview = resources.overview(made.omitted)
    overview["thumbnails"] |= layout
    overview["maps"] = [
        row for row in overview["maps"] if _has(made, f"map/{row['layer']}/{row['method']}")
    ]
    body = json.dumps(overview, allow_nan=False).encode()
    return Markup().join([_block("study", Resource(body, JSON)), *made.blocks])


def _block(name: str, made: Resource) -> Markup:
    packed = made.media in {ARROW, JSON}
    body = gzip.compress(made.body, 6, mtime=0) if packed else made.body
    return _BLOCK.format(
        name=name,
        media=made.media,
        encoding=Markup(' data-encoding="gzip"') if packed else "",
        body=base64.b64encode(body).decode(),
    )


def _has(made: Embedding, name: str) -> bool:
    return any(f'data-resource="{name}"' in block[:200] for block in made.blocks)


def _chosen(study: Study) -> Int64[np.ndarray, " rows"] | None:
    """The samples that the file holds, or None for all."""
    count = len(study.samples)
    if count <= MOST_SAMPLES:
        return None
    named = {sample for finding in study.findings for sample in finding.samples}
    must = np.array(sorted(named | set(study.kept)), dtype=np.int64)
    others = np.random.default_rng(0).permutation(count)[:MOST_SAMPLES]
    others = others[~np.isin(others, must)]
    return np.sort(np.concatenate([must, others[: MOST_SAMPLES - len(must)]])).astype(np.int64)


def _tables(made: Embedding, of: Resources, rows: np.ndarray | None) -> None:
    count = len(of.study.samples)
    if rows is not None:
        made.omitted.append(
            f"The points are {len(rows):,} of {count:,} samples, drawn at random, and all that "
            "findings name."
        )
    many = count > _FEW
    if many:
        made.omitted.append("The names of the samples' files, and the outputs for each sample.")
    made.add("samples", tables.samples(of.study, rows, without=("source",) if many else ()))
    names = ["confusion", "history", "cka", "cues", "adversarial", "adversarial_layers"]
    _all(made, of, names + ([] if many else ["outputs"]))


def _all(made: Embedding, of: Resources, names: Iterable[str]) -> int:
    """Adds those of some resources that there are; says how many found no room."""
    left_out = 0
    for name in names:
        try:
            left_out += not made.add(name, of.get(name))
        except AbsentError:
            continue
    return left_out


def _maps(made: Embedding, of: Resources, rows: np.ndarray | None) -> None:
    """Neighbourhood maps first: principal components of every layer are many, and say less."""
    limit = made.room * (1 - _MAPS)
    layers = of.study.layers["layer"].tolist()
    listed = [(layers.index(row.layer), row.method) for row in of.study.maps.itertuples()]
    left_out = []
    for number, method in sorted(listed, key=lambda pair: pair[1] == "pca"):
        one = tables.one_map(of.study, layers[number], method, rows)
        if not made.add(f"map/{number}/{method}", one, made.room - limit):
            left_out.append(f"{layers[number]} by {method}")
    if left_out:
        more = f" and {len(left_out) - 6} more" if len(left_out) > 6 else ""
        made.omitted.append(f"The maps of {', '.join(left_out[:6])}{more}.")


def _thumbnails(made: Embedding, study: Study, rows: np.ndarray | None) -> dict[str, object]:
    """The atlases, or one of as many samples as there is room for; what changes in the layout."""
    most = made.room * _THUMBNAILS
    layout = study.record["thumbnails"]
    files = sorted((study.folder / "thumbnails").glob("*.webp"))
    total = sum(file.stat().st_size for file in files) * 4 / 3
    if rows is None and total <= most:
        _all(made, Resources(study, "report"), (f"thumbnails/{n}" for n in range(len(files))))
        return {}
    # Tried on a few: tiles of an atlas that was kept with loss take more room by themselves.
    few = _telling(study, _TRIED, rows)
    each = len(small_atlas(study, few).body) * 4 / 3 / max(len(few), 1)
    fitting = min(int(most / max(each, 1)), int(layout["per_atlas"]), len(study.samples))
    for wanted in (fitting, fitting // 2, fitting // 4, 0):
        ids = _telling(study, wanted, rows)
        if len(ids) and made.add("thumbnails/0", small_atlas(study, ids), most):
            break
    else:
        ids = np.empty(0, dtype=np.int64)
    made.omitted.append(f"The images of all but {len(ids):,} samples.")
    return {"count": len(ids), "atlases": min(len(ids), 1), "ids": ids.tolist()}


def _telling(study: Study, count: int, rows: np.ndarray | None) -> Int64[np.ndarray, " ids"]:
    """Kept samples, those that findings and units name, and others at random."""
    named = [*study.kept, *(sample for one in study.findings for sample in one.samples)]
    if "top" in study.units:
        named += [int(sample) for top in study.units["top"] for sample in top]
    others = np.arange(len(study.samples)) if rows is None else rows
    drawn = np.random.default_rng(0).permutation(others)
    order = dict.fromkeys([*named, *drawn[:count].tolist()])
    allowed = set(others.tolist())
    chosen = [sample for sample in order if sample in allowed][:count]
    return np.array(sorted(chosen), dtype=np.int64)


def _layers(made: Embedding, of: Resources) -> None:
    numbers = range(len(of.study.layers))
    words = ("units", "filters", "class_means")
    left_out = _all(made, of, (f"{word}/{number}" for word in words for number in numbers))
    if left_out:
        made.omitted.append("Filters, units or means of classes of some layers.")


def _kept(made: Embedding, of: Resources) -> None:
    left_out = 0
    for sample in of.study.kept:
        names = (name for name in of.names_of(sample) if not name.startswith("activation/"))
        left_out += _all(made, of, names)
    if left_out:
        made.omitted.append("Some of what is known of the kept samples.")


def _nearest(made: Embedding, of: Resources) -> None:
    """Who is near whom at each layer, without distances, where samples are few."""
    kept, layers = len(of.study.kept), range(len(of.study.layers))
    if len(of.study.samples) > _FEW:
        made.omitted.append(f"Nearest neighbours of all but {kept} samples.")
        return
    limit, left_out = made.room * (1 - _NEIGHBOURS), 0
    for number in layers:
        try:
            one = of.get(f"nearest/{number}")
        except AbsentError:
            continue
        left_out += not made.add(f"nearest/{number}", one, made.room - limit)
    if left_out:
        made.omitted.append(f"Nearest neighbours at {left_out} layers, of all but {kept} samples.")


def _activations(made: Embedding, of: Resources) -> None:
    """Whole activations in bytes, sample by sample, as many as there is room for."""
    limit = made.room - min(made.room * _ACTIVATIONS, 2_000_000)
    for sample in of.study.kept:
        blocks = []
        for number, layer in enumerate(of.study.layers["layer"]):
            try:
                values, scale = arrow.bytes_on_scale(
                    tensors.kept_activation(of.study, layer, sample)
                )
            except AbsentError:
                continue
            blocks.append(_block(f"activation/{number}/{sample}", arrow.tensor(values, scale)))
        size = sum(len(block) for block in blocks)
        if made.room - size < limit:
            made.omitted.append("The feature maps of some of the kept samples.")
            return
        made.blocks += blocks
        made.room -= size


def _units(made: Embedding, of: Resources, rows: np.ndarray | None) -> None:
    """How each unit answers each sample, in bytes, layer by layer from the last."""
    limit = made.room - min(made.room * _ACTIVATIONS, 3_000_000)
    complete = rows is None
    for number in reversed(range(len(of.study.layers))):
        layer = of.study.layers["layer"].iloc[number]
        for unit in range(int((of.study.units["layer"] == layer).sum())):
            try:
                values, scale = arrow.bytes_on_scale(tensors.unit_values(of.study, layer, unit))
            except AbsentError:
                break
            made_one = arrow.tensor(values, scale)
            complete = complete and made.room > limit
            if not complete or not made.add(f"unit_activation/{number}/{unit}", made_one):
                made.omitted.append("How the units of some layers answer each sample.")
                return
