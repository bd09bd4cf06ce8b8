"""Names of the Study's files and layers, in one place for writer and reader."""

from pathlib import Path

from cutaway.activations import feature_path
from cutaway.files import file_name

SCHEMA_VERSION = 1
"""Version of the folder's layout that this release writes; it reads no newer one."""

PIXELS = "pixels"
"""The name under which the images themselves count as a layer."""


def features_file(folder: Path, layer: str) -> Path:
    """Pooled features of a layer: Float32 (samples, features)."""
    return feature_path(folder, layer)


def kept_file(folder: Path, layer: str) -> Path:
    """Whole activations of the kept samples: Float32 (kept, ...)."""
    return folder / "kept" / f"{file_name(layer)}.npy"


def map_file(folder: Path, layer: str, method: str) -> Path:
    """One map: columns id, x, y, trust."""
    return folder / "maps" / file_name(layer) / f"{file_name(method)}.parquet"


def placement_file(folder: Path, layer: str, method: str) -> Path:
    """What placing a new sample on a map needs."""
    return map_file(folder, layer, method).with_suffix(".safetensors")


def neighbours_file(folder: Path, layer: str) -> Path:
    """The nearest samples of each by a layer's features, nearest first: UInt32 (samples, k)."""
    return folder / "neighbours" / f"{file_name(layer)}.npy"


def class_means_file(folder: Path, layer: str) -> Path:
    """Mean features of each class at a layer: Float32 (classes, features)."""
    return folder / "class_means" / f"{file_name(layer)}.npy"


def cka_file(folder: Path) -> Path:
    """How alike the layers are: columns layer, other, cka."""
    return folder / "cka.parquet"


def cues_file(folder: Path) -> Path:
    """What the network makes of images without a cue: columns cue, strength, accuracy, changed."""
    return folder / "cues.parquet"


def readings_file(folder: Path) -> Path:
    """Images read in other ways: columns reading, right, gained, lost, samples."""
    return folder / "readings.parquet"


def edge_spots_file(folder: Path) -> Path:
    """Places at the edge of the images that give the class away, by split."""
    return folder / "edge_spots.json"


def clusters_file(folder: Path, layer: str) -> Path:
    """Clusters of samples at a layer: columns id, and one a method and space."""
    return folder / "clusters" / f"{file_name(layer)}.parquet"


def filters_file(folder: Path) -> Path:
    """Weights of the convolutions, by layer."""
    return folder / "weights" / "filters.safetensors"


def fields_file(folder: Path) -> Path:
    """Which part of the input each position of each layer sees."""
    return folder / "receptive_fields.json"


def gradients_file(folder: Path) -> Path:
    """Gradients at each layer: columns layer, norm, parameter_norm, share_of_update."""
    return folder / "gradients.parquet"


def steadiness_file(folder: Path) -> Path:
    """How layers act in use: columns layer, change, shift, spread."""
    return folder / "steadiness.parquet"


def description_file(folder: Path) -> Path:
    """Facts about the data, how complex it is, and what it shares with the reference."""
    return folder / "description.json"


def mean_images_file(folder: Path) -> Path:
    """Mean image of each class: Float32 (classes, height, width, channels)."""
    return folder / "mean_images.npy"


def adversarial_file(folder: Path, name: str) -> Path:
    """What attacks left: images.npy, display.npy, layers.parquet, record.json."""
    return folder / "adversarial" / name


def attempts_file(folder: Path) -> Path:
    """A row an attacked sample and attack: id, attack, epsilon, distance, predicted, confidence."""
    return folder / "adversarial.parquet"


def attacked_kept_file(folder: Path, layer: str) -> Path:
    """Whole activations of the kept samples' changed images: Float32 (kept, ...)."""
    return folder / "adversarial" / "kept" / f"{file_name(layer)}.npy"


def attribution_file(folder: Path, method: str) -> Path:
    """Attributions of the kept samples by one method: Float32 (kept, height, width)."""
    return folder / "attribution" / f"{file_name(method)}.npy"


def attribution_record_file(folder: Path) -> Path:
    """The layer of Grad-CAM, the methods, and how each was checked."""
    return folder / "attribution" / "record.json"


def unit_images_file(folder: Path, layer: str) -> Path:
    """Images that some units of a layer answer most to: UInt8 (units, height, width, channels)."""
    return folder / "unit_images" / f"{file_name(layer)}.npy"


def unit_images_record_file(folder: Path) -> Path:
    """Which units of which layers were asked, and what each reached."""
    return folder / "unit_images" / "record.json"
