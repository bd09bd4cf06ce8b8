"""What the rules notice in units: saturated, near-constant and duplicate ones, layers too wide."""

from collections.abc import Iterator

import pandas as pd

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import called, listed, plural, share

SATURATED_SHARE = 0.1
"""Saturated units are a warning when they are more than this share of a layer."""
CONSTANT_SHARE = 0.05
"""Near-constant units are a warning when they are more than this share of a layer."""
DUPLICATE_SHARE = 0.05
"""Duplicates are a warning when they are more than this share of a layer's units."""
NARROW = 0.1
"""A layer is wider than it needs where fewer of its directions than this share carry 99% of what
varies, and its activations after its activation function fill less than this share of the width."""
WIDE = 32
"""Layers of fewer units are not called too wide."""


def _saturated(evidence: Evidence) -> Iterator[Finding]:
    for layer, units in _by_layer(evidence, "saturated"):
        count = int(units["saturated"].sum())
        if count > SATURATED_SHARE * len(units):
            yield Finding(
                "saturated units",
                f"{count} {plural('unit', count)} of {called(layer)} {'stays' if count == 1 else 'stay'} at a bound",
                f"{count / len(units):.0%} of {called(layer)} rests at the bounds of its function, where no gradient passes.",
                "unit_use",
                layer,
                severity="warning",
                weight=share(count, len(evidence.units)),
            )


def _near_constant(evidence: Evidence) -> Iterator[Finding]:
    earlier: list[int] = []
    types = dict(zip(evidence.layers["layer"], evidence.layers["type"], strict=True))
    computed = False
    for layer, units in _by_layer(evidence, "near_constant"):
        computed |= _computes(types.get(layer, ""))
        if not computed or types.get(layer) == "Flatten":  # these are pixels, or maps' corners
            continue
        still = units.loc[units["near_constant"], "unit"].tolist()
        passed_on, earlier = still == earlier, still
        if len(still) > CONSTANT_SHARE * len(units) and not passed_on:
            yield Finding(
                "near-constant units",
                f"{len(still)} {plural('unit', len(still))} of {called(layer)} hardly {'changes' if len(still) == 1 else 'change'}",
                f"They vary by less than a hundredth of what the layer's median unit does, whatever the image: {listed(still)}.",
                "unit_use",
                layer,
                severity="warning",
                weight=share(len(still), len(evidence.units)),
            )


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    types = dict(zip(evidence.layers["layer"], evidence.layers["type"], strict=True))
    for layer, units in _by_layer(evidence, "duplicate_of"):
        filters = types.get(layer, "").startswith("Conv")
        copies = units.loc[units["duplicate_of"] >= 0, "unit"].tolist()
        if not _computes(types.get(layer, "")) or len(copies) <= DUPLICATE_SHARE * len(units):
            continue
        noun = "filter" if filters else "unit"
        yield Finding(
            f"duplicate {noun}s",
            f"{len(copies)} {plural(noun, len(copies))} of {called(layer)} {'copies another' if len(copies) == 1 else 'copy others'}",
            f"{listed(copies).capitalize()} {'answers' if len(copies) == 1 else 'answer'} as an earlier {noun} does on nearly every image"
            f"{', by nearly parallel weights' if filters else ''}.",
            "filters" if filters else "unit_use",
            layer,
            severity="warning",
            weight=share(len(copies), len(evidence.units)),
        )


def _too_wide(evidence: Evidence) -> Iterator[Finding]:
    if evidence.untrained or not {"directions", "in_use"} <= set(evidence.layers):
        return
    for group in _computed(evidence)[:-1]:
        first, last = group.iloc[0], group.iloc[-1]
        before, width, used = int(first["directions"]), int(first["width"]), float(last["in_use"])
        if before < 1 or width < WIDE or before >= NARROW * width or not used < NARROW:
            continue
        enough = max(2 * before, round(2 * used * width))
        yield Finding(
            "too wide",
            f"{called(first['layer'], first=True)} is wider than it needs",
            f"{before} of its {width:,} directions carry 99% of what varies over the data"
            + (
                f", and {called(last['layer'])} fills {used:.1%} of its width"
                if len(group) > 1
                else ""
            )
            + f". Some {enough} units would hold as much.",
            "unit_use",
            str(first["layer"]),
            weight=share(width - enough, len(evidence.units)),
        )


def _computed(evidence: Evidence) -> list[pd.DataFrame]:
    """Layers that compute something, each with those of its width that follow: its activations."""
    widths = evidence.units.groupby("layer").size()
    table = evidence.layers.assign(width=evidence.layers["layer"].map(widths).fillna(0))
    groups: list[list[int]] = []
    for row in table.itertuples():
        if _computes(str(row.type)):
            groups.append([row.Index])
        elif groups and row.width == table["width"][groups[-1][0]]:
            groups[-1].append(row.Index)
    return [table.loc[group] for group in groups]


def _by_layer(evidence: Evidence, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    if column in evidence.units:
        for layer, units in evidence.units.groupby("layer", sort=False):
            yield str(layer), units


def _computes(kind: str) -> bool:
    return kind.startswith(("Conv", "Linear", "LazyConv", "LazyLinear"))


RULES = (
    _saturated,
    _near_constant,
    _duplicates,
    _too_wide,
)

KINDS = (
    Kind(
        "saturated units",
        "Units rest at a bound of their function.",
        "units",
        "unit_use",
        "Smaller weights, normalization before it, or a ReLU would help.",
        "warning",
        ("SATURATED_SHARE", "diagnosis.units:SATURATION", "diagnosis.units:RESTING"),
    ),
    Kind(
        "near-constant units",
        "Units hardly change, whatever the image.",
        "units",
        "unit_use",
        "They could be left out.",
        "warning",
        ("CONSTANT_SHARE", "diagnosis.units:NEAR_CONSTANT"),
    ),
    Kind(
        "duplicate filters",
        "Filters answer as an earlier one does, by nearly parallel weights.",
        "units",
        "filters",
        "The layer could be smaller, or needs another initialization.",
        "warning",
        ("DUPLICATE_SHARE", "diagnosis.redundancy:SAME_RESPONSE", "diagnosis.redundancy:PARALLEL"),
    ),
    Kind(
        "duplicate units",
        "Units answer as an earlier one does.",
        "units",
        "unit_use",
        "The layer could be smaller, or needs another initialization.",
        "warning",
        ("DUPLICATE_SHARE", "diagnosis.redundancy:SAME_RESPONSE"),
    ),
    Kind(
        "too wide",
        "Few of a layer's directions carry nearly all that varies.",
        "units, those that could go",
        "unit_use",
        "Train a network with a smaller layer there.",
        thresholds=("NARROW", "WIDE", "diagnosis.redundancy:CARRIED"),
    ),
)
