"""Units that say little, by why: no number, dead, saturated, near-constant, a copy of another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from cutaway.views.figures.arrays import floats_of, require_columns

COLOURS = {
    "no number": "#000000",
    "dead": "#bd1f01",
    "saturated": "#832db6",
    "near-constant": "#94a4a2",
    "copies": "#b9ac70",
}
"""What a unit is, gravest first, and its colour (Petroff 2021); a figure's ink stands for black."""

Shares = dict[str, Float[np.ndarray, " layers"]]


def shares_of_kinds(layers: Any, units: Any | None) -> Shares:
    """For each kind the share of every layer's units, in [0, 1]; a unit is of its gravest kind.

    Args:
        layers: A table with the columns layer and dead (a share), from input to output.
        units: A table with the columns layer and dead, and as far as they are known mean,
            saturated, near_constant and duplicate_of (−1 where it is no copy); None where only the
            dead are known. A layer that it lacks has the dead of `layers`.

    Raises:
        InputError: A column is missing.

    Example:
        >>> units = {"layer": ["a", "a"], "dead": [True, False], "duplicate_of": [-1, 0]}
        >>> shares = shares_of_kinds({"layer": ["a"], "dead": [0.5]}, units)
        >>> {kind: float(share[0]) for kind, share in shares.items() if share.any()}
        {'dead': 0.5, 'copies': 0.5}
    """
    names = list(layers["layer"])
    shares = {kind: np.zeros(len(names)) for kind in COLOURS}
    shares["dead"] = floats_of(list(layers["dead"]), "dead", "layers")
    if units is None:
        return shares
    require_columns(units, "units", ["layer", "dead"])
    owners, kinds = np.array(list(units["layer"]), dtype=object), _kinds(units)
    for row, name in enumerate(names):
        own = owners == name
        if own.any():
            for kind, are in kinds.items():
                shares[kind][row] = are[own].mean()
    return shares


def occurring(shares: Shares) -> Sequence[str]:
    """The kinds that any layer has units of."""
    return [kind for kind, share in shares.items() if share.any()]


def _kinds(units: Any) -> dict[str, Bool[np.ndarray, " units"]]:
    """Which units are of each kind and of none before it."""
    columns, count = set(units.keys()), len(units["layer"])

    def of(column: str) -> np.ndarray:
        return np.asarray(list(units[column])) if column in columns else np.zeros(count)

    are = {
        "no number": ~np.isfinite(of("mean").astype(np.float64)),
        "dead": of("dead").astype(bool),
        "saturated": of("saturated").astype(bool),
        "near-constant": of("near_constant").astype(bool),
        "copies": of("duplicate_of") >= (0 if "duplicate_of" in columns else 1),
    }
    before = np.zeros(count, dtype=bool)
    for kind, own in are.items():
        are[kind] = own & ~before
        before |= own
    return are
