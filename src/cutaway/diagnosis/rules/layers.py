"""What the rules notice from layer to layer: where classes come apart, and what changes little."""

import itertools
from collections.abc import Iterator

import pandas as pd

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import called, share

ALIKE = 0.98
"""A layer with weights is said to change little when its CKA with the one before it is above this."""

STEP = 0.02
"""A layer is said to set the classes apart where k-NN accuracy grows by at least this much there."""

_MEASURES = (
    ("probe_accuracy", "a linear probe names {:.1%}"),
    ("fisher", "the Fisher ratio is {:.2f}"),
    ("silhouette", "the silhouette {:.2f}"),
    ("intrinsic_dimension", "the intrinsic dimension {:.1f}"),
)


def _separation(evidence: Evidence) -> Iterator[Finding]:
    if "knn_accuracy" not in evidence.layers or len(evidence.layers) < 2:
        return
    scored = evidence.layers.dropna(subset=["knn_accuracy"])
    if len(scored) < 2:
        return
    pixels, best = scored.iloc[0], scored.loc[scored["knn_accuracy"].idxmax()]
    steps = scored["knn_accuracy"].diff()
    leap = scored.loc[steps.idxmax()]
    told = steps.max() >= STEP
    yield Finding(
        "separation",
        f"Classes come apart most at {called(leap['layer'])}"
        if told
        else "No single layer sets classes apart",
        f"Ten nearest neighbours name the class of {pixels['knn_accuracy']:.1%} of samples by {called(pixels['layer'])} and "
        f"of {best['knn_accuracy']:.1%} by {called(best['layer'])}, where they do best; the largest single step is "
        f"{steps.max():+.1%} at {called(leap['layer'])}.{_at_the_ends(pixels, scored.iloc[-1])}",
        "separability",
        str(leap["layer"]) if told else "",
        weight=float(max(steps.max(), 0.0)),
    )


def _at_the_ends(first: pd.Series, last: pd.Series) -> str:
    told = []
    for column, words in _MEASURES:
        ends = [row.get(column) for row in (first, last)]
        if all(value is not None and pd.notna(value) for value in ends):
            before, after = (words.format(value) for value in ends)
            told.append(
                f"{before} by {called(first['layer'])} and {after.split()[-1]} by {called(last['layer'])}"
            )
    if not told:
        return ""
    text = ", ".join(told).replace("-", "−")
    return f" From end to end: {text}."


def _idle_layers(evidence: Evidence) -> Iterator[Finding]:
    # What random layers pass on is no sign that one is too many.
    if evidence.cka is None or evidence.untrained:
        return
    weighing = evidence.layers[evidence.layers["type"].str.match("Conv|Linear")]["layer"].tolist()
    values = evidence.cka.set_index(["layer", "other"])["cka"]
    for before, layer in itertools.pairwise(weighing):
        alike = float(values.get((before, layer), float("nan")))
        if alike > ALIKE:
            yield Finding(
                "idle layer",
                f"{called(layer, first=True)} changes little",
                f"It sees the samples as {called(before)} does: their centred kernel alignment is {alike:.3f} of 1.",
                "cka",
                layer,
                weight=share(1, len(weighing)),
            )


RULES = (_separation, _idle_layers)

KINDS = (
    Kind(
        "separation",
        "At which layer the classes come apart, and how far.",
        "samples: the largest step in k-NN accuracy",
        "separability",
        "Look at the maps of the layers around the largest step.",
        thresholds=("STEP",),
    ),
    Kind(
        "idle layer",
        "A layer with weights sees the samples as the one before it does.",
        "layers with weights",
        "cka",
        "Try the network without one of the two.",
        thresholds=("ALIKE",),
    ),
)
