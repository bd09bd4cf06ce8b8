"""Layers that pass on what they are given, as dropout does in evaluation, by their features."""

import filecmp
from collections.abc import Iterable, Sequence
from pathlib import Path

from cutaway.study.layout import features_file


def equal_before(folder: Path, layer: str, before: Iterable[str]) -> str | None:
    """The first of some layers that has the very features of this one, or None."""
    file = features_file(folder, layer)
    for earlier in before:
        # Files of unequal size are told apart before any is read.
        if filecmp.cmp(file, features_file(folder, earlier), shallow=False):
            return earlier
    return None


def stand_ins(folder: Path, layers: Sequence[str]) -> dict[str, str]:
    """From each layer to the first one with equal features, which may be itself."""
    found: dict[str, str] = {}
    for layer in layers:
        originals = [name for name, first in found.items() if name == first]
        found[layer] = equal_before(folder, layer, originals) or layer
    return found
