"""Resources that are tensors."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from cutaway.errors import InputError
from cutaway.files import file_name
from cutaway.study import Study
from cutaway.study.layout import PIXELS
from cutaway.views.explorer import arrow
from cutaway.views.explorer.overview import whole_thumbnails
from cutaway.views.explorer.resource import AbsentError, Resource

MOST_OUTPUT_BYTES = 64 * 2**20
_BLOCK = 16_384

Live = Callable[[str, int], np.ndarray | None]
"""What computes the activation of a sample that was not kept, where the model is at hand."""


def filters(study: Study, layer: str) -> Resource:
    """The weights of a convolution."""
    if layer not in study.filters:
        raise AbsentError(f"{layer} has no filters.")
    return arrow.tensor(study.filters[layer])


def activation(study: Study, layer: str, sample: int, live: Live | None = None) -> Resource:
    """What a layer makes of a sample: kept, or computed where the model is at hand."""
    if layer == PIXELS or sample in study.kept:
        return arrow.tensor(kept_activation(study, layer, sample))
    computed = None if live is None else live(layer, sample)
    if computed is not None:
        return arrow.tensor(computed)
    shape = study.layers.loc[study.layers["layer"] == layer, "shape"].iloc[0]
    if len(shape) == 1 and study.features(layer).shape[1] == shape[0]:
        return arrow.tensor(np.array(study.features(layer)[sample]))
    raise AbsentError(
        f"The feature maps of sample {sample} were not kept; those of {len(study.kept)} samples "
        "were. Open the Study with its network (--model) to compute them."
    )


def kept_activation(study: Study, layer: str, sample: int) -> np.ndarray:
    """What a layer makes of a kept sample."""
    if layer == PIXELS:
        return image_of(study, sample).transpose(2, 0, 1) / np.float32(255)
    try:
        return study.activations(layer, sample)
    except InputError as error:
        raise AbsentError(f"The activations of {layer} were not kept.") from error


def image_of(study: Study, sample: int) -> np.ndarray:
    """A sample's image, uint8 (height, width, channels): in full where it can be."""
    if sample in study.kept:
        return study.image(sample)
    tile = study.thumbnail(sample)
    if whole_thumbnails(study):
        channels, height, width = (int(side) for side in study.layers["shape"].iloc[0])
        return tile[:height, :width, :channels]
    return tile


def outputs(study: Study) -> Resource:
    """The final activations of every sample."""
    if study.outputs.nbytes > MOST_OUTPUT_BYTES:
        raise AbsentError("The outputs of all samples are too large to load at once.")
    return arrow.tensor(study.outputs)


def outputs_of(study: Study, sample: int) -> Resource:
    """The final activations of one sample."""
    return arrow.tensor(np.array(study.outputs[sample]))


def unit_activation(study: Study, layer: str, unit: int) -> Resource:
    """A unit's activation by every sample."""
    return arrow.tensor(unit_values(study, layer, unit))


def unit_values(study: Study, layer: str, unit: int) -> np.ndarray:
    """A unit's activation by every sample, the mean over its places: (samples,)."""
    units = int((study.units["layer"] == layer).sum())
    features = study.features(layer)
    if layer == PIXELS or not units or features.shape[1] % units or unit >= units:
        raise AbsentError(f"The activations of unit {unit} of {layer} were not kept.")
    places = features.shape[1] // units
    chosen = features[:, unit * places : (unit + 1) * places]
    return np.asarray(chosen.mean(axis=1))


def class_means(study: Study, layer: str) -> Resource:
    """The mean of a layer's features over each class."""
    means = study.class_means(layer)
    if means is not None:
        return arrow.tensor(means)
    if not study.labelled:
        raise AbsentError("The samples carry no labels, so there are no means of classes.")
    features, labels = study.features(layer), study.samples["label"].to_numpy()
    classes = max(len(study.class_names), int(labels.max()) + 1)
    sums = np.zeros((classes, features.shape[1]), dtype=np.float64)
    for start in range(0, len(labels), _BLOCK):
        part = labels[start : start + _BLOCK]
        np.add.at(sums, part[part >= 0], features[start : start + _BLOCK][part >= 0])
    counts = np.bincount(labels[labels >= 0], minlength=classes)
    return arrow.tensor(sums / np.maximum(counts, 1)[:, None])


def attribution(study: Study, method: str, sample: int) -> Resource:
    """Where in the image the prediction comes from."""
    file = study.folder / "attribution" / f"{file_name(method)}.npy"
    methods = (study.record.get("attribution") or {}).get("methods", [])
    if method not in methods or not file.is_file():
        raise AbsentError(f"This Study holds no attribution by {method}; build it with --deep.")
    if sample not in study.kept:
        raise AbsentError(
            f"Attribution is kept of {len(study.kept)} telling samples, and sample {sample} is "
            "none of them."
        )
    return arrow.tensor(study.kept_row(file, sample))


def adversarial_image(study: Study, sample: int) -> np.ndarray:
    """A sample's adversarial twin as it looks, uint8 (height, width, channels)."""
    file = study.folder / "adversarial" / "display.npy"
    if not file.is_file() or sample not in study.kept:
        raise AbsentError(
            f"There is no adversarial twin of sample {sample}; a Study with --deep holds those of "
            "the kept samples."
        )
    image = study.kept_row(file, sample)
    return image if image.shape[-1] in {1, 3} else image.transpose(1, 2, 0)


def adversarial(study: Study, sample: int) -> Resource:
    """What was added to an image to make its adversarial twin, in [-1, 1]."""
    twin = adversarial_image(study, sample)
    own = study.image(sample)
    if own.shape[:2] != twin.shape[:2]:
        picture = Image.fromarray(own.squeeze(-1) if own.shape[-1] == 1 else own)
        resized = picture.resize(twin.shape[1::-1], Image.Resampling.BILINEAR)
        own = np.asarray(resized).reshape(*twin.shape[:2], -1)
    return arrow.tensor((twin.astype(np.float32) - own) / 255)
