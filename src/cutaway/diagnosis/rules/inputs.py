"""What the rules notice in what goes into the network: how images are normalized, and of what range."""

from collections.abc import Iterator

import numpy as np

from cutaway.data import InputTransform
from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import called

FARTHEST_MEAN = 4.0
"""Inputs lie about 0 after the transform that a network was trained with. A mean farther off, where
the spread is to be 1, is that of other images, such as values up to 255 where 1 was meant."""
SPREAD = (0.05, 8.0)
"""Their standard deviation is then near 1: below or above these the images are of another scale."""
SAME_MEAN = 0.1
"""Two means are the same normalization where they lie within this many standard deviations."""
SAME_SPREAD = 1.1
"""And two standard deviations where neither is more than this many times the other."""
FARTHEST_SHIFT = 1.0
"""What comes in at a BatchNorm layer may lie this many of its standard deviations from what it
remembers (median over its channels)."""
FARTHEST_SPREAD = 2.0
"""And spread this many times as far, or this many times less."""


def out_of_range(moments: tuple[float, float]) -> bool:
    """Whether inputs of a mean and standard deviation are not near 0 and 1."""
    mean, spread = moments
    return not (abs(mean) <= FARTHEST_MEAN and SPREAD[0] <= spread <= SPREAD[1])


def _inferred(evidence: Evidence) -> Iterator[Finding]:
    if evidence.transform_origin == "inferred":
        yield Finding(
            "input transform",
            "The input transform was inferred",
            "Neither the checkpoint nor the model says how images were normalized in training, so mean "
            "and standard deviation were measured on this data. Where the training used others, every "
            "figure here is a little off.",
            "image",
            severity="warning",
            weight=1.0,
        )


def _wrong(evidence: Evidence) -> Iterator[Finding]:
    # What one of them tells, the others would only tell again.
    found = _unlike_range(evidence) or _unlike_norms(evidence) or _unlike_stated(evidence)
    if found is not None:
        yield found


def _finding(title: str, text: str, layer: str = "") -> Finding:
    figure = "steadiness" if layer else "image"
    return Finding("wrong normalization", title, text, figure, layer, "problem", weight=1.0)


def _unlike_stated(evidence: Evidence) -> Finding | None:
    used, own = evidence.transform, evidence.stated_transform
    if used is None or own is None or _same(used, own):
        return None
    # Weights that were trained further may have another transform than their configuration says;
    # BatchNorm layers then know better.
    if own.origin == "model" and len(evidence.norms):
        return None
    return _finding(
        "Images are normalized otherwise than the network says",
        f"They were normalized with mean ({_numbers(used.mean)}) and standard deviation ({_numbers(used.std)}); the "
        f"{own.origin} states ({_numbers(own.mean)}) and ({_numbers(own.std)}).",
    )


def _same(one: InputTransform, other: InputTransform) -> bool:
    if one.channels != other.channels:
        return False
    apart = np.abs(np.subtract(one.mean, other.mean)) / other.std
    ratio = np.divide(one.std, other.std)
    return bool(apart.max() <= SAME_MEAN and np.maximum(ratio, 1 / ratio).max() <= SAME_SPREAD)


def _unlike_range(evidence: Evidence) -> Finding | None:
    moments = evidence.input_moments
    if evidence.transform_origin == "inferred" or moments is None or not out_of_range(moments):
        return None
    return _finding(
        "Images are of another range than the network expects",
        f"After the input transform they have mean {moments[0]:.3g} and standard deviation {moments[1]:.3g}, where it is "
        "to bring them near 0 and 1. Floats from 0 to 255 where 0 to 1 was meant do this.",
    )


def _unlike_norms(evidence: Evidence) -> Finding | None:
    table = evidence.norms
    table = table[~table["layer"].isin(evidence.unseen_norms)]  # these remember nothing
    ratio = np.maximum(table["spread"], 1 / table["spread"].clip(lower=1e-9))
    off = table[(table["shift"] > FARTHEST_SHIFT) | (ratio > FARTHEST_SPREAD)]
    if off.empty:
        return None
    first, count = off.iloc[0], len(off)
    cause = (
        "images are normalized otherwise than in training, or are of another kind"
        if first["layer"] == table["layer"].iloc[0]
        else "its running statistics are not those of this network"
    )
    return _finding(
        f"BatchNorm at {called(first['layer'])} meets other values than in training",
        f"What comes in lies {first['shift']:.1f} standard deviations from the mean that it remembers and spreads "
        f"{first['spread']:.2g} times as far (medians over channels); so it is at {count} of {len(table)} such layers. "
        f"Most likely {cause}.",
        str(first["layer"]),
    )


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


RULES = (_wrong, _inferred)

KINDS = (
    Kind(
        "wrong normalization",
        "Images reach the network with another mean or spread than it was trained with: its own transform says "
        "otherwise, inputs lie far from 0 and 1, or BatchNorm layers remember other values.",
        "1: every prediction",
        "steadiness",
        "Leave out transform= to use the network's own, or pass the one of the training.",
        "problem",
        (
            "FARTHEST_MEAN",
            "SPREAD",
            "SAME_MEAN",
            "SAME_SPREAD",
            "FARTHEST_SHIFT",
            "FARTHEST_SPREAD",
        ),
    ),
    Kind(
        "input transform",
        "Nobody said how images were normalized in training, so it was measured on the data.",
        "1: every prediction",
        "image",
        "Pass transform= to state what the training used.",
        "warning",
    ),
)
