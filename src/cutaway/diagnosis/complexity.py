"""How complex image data is, and how deep a network it needs, in figures."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch.nn import functional

from cutaway.data import ImageSet, ImageStream, load_data
from cutaway.data.first import first_images
from cutaway.diagnosis.classifiers import CLASSIFIERS, accuracy, held_out_rows, majority
from cutaway.diagnosis.intrinsic_dimension import likely_dimension, two_nearest_dimension
from cutaway.diagnosis.patches import PatchFeatures
from cutaway.errors import InputError
from cutaway.maps import PCA, TSNE
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.progress import task

TARGET = 0.95
"""Share of held-out images that a model must get right to do."""

LIMIT = 20_000
"""Images that are looked at."""

CLEAR_GAIN = 0.05
"""What a convolution must gain over pixels, and the best of guessing's errors, to tell something.

What is gained over guessing must also be more than two standard errors of the held-out share.
"""

SHARES = (0.90, 0.95, 0.99)
_LARGEST_SIDE = 64
_SMALLEST_PATCH = 2
_BLOCK = 256
_NEIGHBOURS = 20
_MAP_COMPONENTS = 50
_MAP_SMALLEST = 50

PIXELS, PCA_MAP, TSNE_MAP, PATCHES = "pixels", "PCA map", "t-SNE map", "one convolution"


@dataclass(frozen=True)
class Score:
    """What a classifier gets right of held-out images when it sees only some features.

    Attributes:
        features: "pixels", "PCA map", "t-SNE map" (both of two numbers an image), or "one
            convolution" (random patches as filters).
        classifier: "k-NN", "linear" or "MLP".
        accuracy: In [0, 1].
    """

    features: str
    classifier: str
    accuracy: float


@dataclass(frozen=True)
class Complexity:
    """How complex a set of images is.

    Attributes:
        name: What the set is called.
        samples: Images looked at.
        features: Numbers an image, after large ones were reduced.
        components: (share, count): principal components for 90, 95 and 99% of the variance.
        two_nearest_dimension: Intrinsic dimension by TwoNN; None where it cannot be told.
        likely_dimension: Intrinsic dimension by maximum likelihood over 20 neighbours, or None.
        guessing: Accuracy of always naming the most frequent class; None without scores.
        scores: What simple classifiers reach; none where there are no two classes to tell apart.
        target: The accuracy that was asked for.
        recommendation: "linear", "mlp", "convolutional", "deep", "more" (nothing reached the target
            and convolution gained nothing), "unclear" (nothing gained over guessing), "few" (what
            was gained may be chance), or None where there are no two classes to tell apart.
    """

    name: str
    samples: int
    features: int
    components: tuple[tuple[float, int], ...]
    two_nearest_dimension: float | None
    likely_dimension: float | None
    guessing: float | None
    scores: tuple[Score, ...]
    target: float
    recommendation: str | None

    def accuracy(self, features: str, classifier: str) -> float:
        """The score of a classifier on some features."""
        return next(
            one.accuracy
            for one in self.scores
            if (one.features, one.classifier) == (features, classifier)
        )

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        values = asdict(self)
        values["components"] = [{"share": share, "count": n} for share, n in self.components]
        values["scores"] = [asdict(score) for score in self.scores]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Complexity":
        """What `to_dict` gave."""
        components = tuple((float(one["share"]), int(one["count"])) for one in values["components"])
        scores = tuple(Score(**one) for one in values["scores"])
        return cls(**{**values, "components": components, "scores": scores})

    def in_words(self) -> str:
        """The figures and the recommendation with its evidence, as text for a terminal."""
        from cutaway.diagnosis.complexity_words import facts, recommendation

        lines = [f"{name:<24}{value}" for name, value in facts(self)]
        return "\n".join([*lines, "", recommendation(self)])


def complexity(
    data: Any, *, target: float = TARGET, limit: int = LIMIT, seed: int = 0
) -> Complexity:
    """Measures how complex image data is, and which network it asks for.

    Three questions are put to a sample of the images: along how many directions do they vary, how
    many numbers place an image among its neighbours, and how much of a held-out fifth do k-NN, a
    linear model and a small MLP get right: of pixels, of maps of two dimensions, and of one layer
    of convolution whose filters are random patches. The simplest that reaches `target` is
    recommended.

    Held-out images are placed on the t-SNE map by its `transform`; it was made without them.

    Args:
        data: `Images`, `StreamedImages`, a stream, or anything that `load_data` takes.
        target: Share of held-out images, in (0, 1), that a model must get right to do.
        limit: The first so many images are looked at, or so many of all classes where the set lies
            class by class. Images above 64 pixels a side are reduced.
        seed: Chooses what is held out, patches and starts.

    Raises:
        InputError: `data` cannot be loaded, `target` is no share, or fewer than 20 images are left.

    Example:
        >>> found = complexity("digits")
        >>> found.recommendation, found.components[0]
        ('linear', (0.9, 21))
    """
    if not 0 < target < 1:
        raise InputError(f"target={target} is no share; expected a number between 0 and 1")
    images = _first(data, limit, seed)
    if len(images) < _NEIGHBOURS:
        raise InputError(
            f"{images.name!r} gives {len(images)} images; expected {_NEIGHBOURS} or more to "
            "measure how complex they are"
        )
    planes = _planes(images)
    rows = planes.flatten(1).numpy()
    spectrum = _components(rows)
    squared = NeighbourIndex(rows).among_themselves(min(_NEIGHBOURS, len(rows) - 1))
    labels = np.zeros(len(rows), np.int64) if images.labels is None else np.array(images.labels)
    told_apart = len(np.unique(labels)) > 1 and np.bincount(labels).max() > 1
    scores = _scores(planes, spectrum, labels, seed) if told_apart else ()
    advice = None
    if scores:
        asked = len(held_out_rows(labels, seed)[1])
        advice = _recommend(scores, majority(labels), target, asked)
    return Complexity(
        name=images.name,
        samples=len(images),
        features=rows.shape[1],
        components=spectrum.counts,
        two_nearest_dimension=two_nearest_dimension(squared.squared_distances),
        likely_dimension=likely_dimension(squared.squared_distances),
        guessing=majority(labels) if scores else None,
        scores=scores,
        target=target,
        recommendation=advice,
    )


@dataclass(frozen=True)
class _Spectrum:
    """Coordinates of images along the components that explain 99% of their variance."""

    coordinates: Float32[np.ndarray, "samples components"]
    counts: tuple[tuple[float, int], ...]


def _planes(
    images: ImageSet,
) -> Float32[torch.Tensor, "samples channels down across"]:
    # In blocks, since floats of large images take four times the memory of their bytes.
    starts = range(0, len(images), _BLOCK)
    return torch.cat([_reduced(images.tensor(slice(at, at + _BLOCK))) for at in starts])


def _first(data: Any, limit: int, seed: int) -> ImageSet:
    if not isinstance(data, ImageSet | ImageStream):
        return load_data(data, limit=limit)
    return first_images(data, limit, seed)


def _reduced(
    planes: Float32[torch.Tensor, "samples channels height width"],
) -> Float32[torch.Tensor, "samples channels down across"]:
    height, width = planes.shape[2:]
    if max(height, width) <= _LARGEST_SIDE:
        return planes
    scale = _LARGEST_SIDE / max(height, width)
    size = (max(2, round(height * scale)), max(2, round(width * scale)))
    return functional.interpolate(planes, size=size, mode="bilinear", antialias=True)


def _components(rows: Float32[np.ndarray, "samples features"]) -> _Spectrum:
    if not (rows != rows[0]).any():
        return _Spectrum(np.zeros((len(rows), 1), np.float32), tuple((s, 0) for s in SHARES))
    fitted = PCA(n_components=None).fit(rows)
    explained = np.cumsum(fitted.explained_variance_ratio_)
    counts = [int(np.searchsorted(explained, share - 1e-9)) + 1 for share in SHARES]
    kept = max(2, min(counts[-1], fitted.embedding_.shape[1]))
    return _Spectrum(
        np.ascontiguousarray(fitted.embedding_[:, :kept]), tuple(zip(SHARES, counts, strict=True))
    )


def _scores(planes: Any, spectrum: _Spectrum, labels: np.ndarray, seed: int) -> tuple[Score, ...]:
    """What each classifier reaches on each kind of features, of images held out from all."""
    train, asked = held_out_rows(labels, seed)
    whole = spectrum.coordinates
    views: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
        PIXELS: lambda: (whole[train], whole[asked]),
        PCA_MAP: lambda: (whole[train, :2], whole[asked, :2]),
        PATCHES: lambda: _patch_features(planes, train, asked, seed),
    }
    if len(train) >= _MAP_SMALLEST:
        views[TSNE_MAP] = lambda: _mapped(whole[:, :_MAP_COMPONENTS], train, asked, seed)
    scores = []
    with task("Measuring how complex the data is", total=len(views) * len(CLASSIFIERS)) as progress:
        for features, see in views.items():
            learned, others = see()
            for classifier in ("linear",) if features == PATCHES else CLASSIFIERS:
                reached = accuracy(
                    classifier, (learned, labels[train]), (others, labels[asked]), seed
                )
                scores.append(Score(features, classifier, reached))
                progress.advance()
    return tuple(scores)


def _mapped(
    coordinates: np.ndarray, train: np.ndarray, asked: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    made = TSNE(random_state=seed).fit(coordinates[train])
    return made.embedding_, made.transform(coordinates[asked])


def _patch_features(
    planes: torch.Tensor, train: np.ndarray, asked: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    if min(planes.shape[2:]) < _SMALLEST_PATCH:
        planes = functional.interpolate(planes, [max(_SMALLEST_PATCH, n) for n in planes.shape[2:]])
    features = PatchFeatures(planes[torch.from_numpy(train)], seed)(planes)
    spread = features[train].std(axis=0)
    features /= np.where(spread > 0, spread, 1)
    return features[train], features[asked]


def _recommend(scores: tuple[Score, ...], guessing: float, target: float, asked: int) -> str:
    """The simplest that reaches the target; else what the gain of a convolution says.

    Where nearly all images are of one class guessing alone reaches the target, and where few are
    held out chance does: `asked` of them.
    """
    reached = {(one.features, one.classifier): one.accuracy for one in scores}
    linear, mlp = reached[PIXELS, "linear"], reached[PIXELS, "MLP"]
    convolution = reached[PATCHES, "linear"]
    errors, gained = 1 - guessing, max(reached.values()) - guessing
    chance = 2 * (guessing * errors / asked) ** 0.5
    if errors <= chance or CLEAR_GAIN * errors <= gained < chance:
        return "few"
    if gained < max(CLEAR_GAIN * errors, chance):
        return "unclear"
    for name, value in (("linear", linear), ("mlp", mlp), ("convolutional", convolution)):
        if value >= target and value - guessing >= chance:
            return name
    return "deep" if convolution - max(linear, mlp) >= CLEAR_GAIN else "more"
