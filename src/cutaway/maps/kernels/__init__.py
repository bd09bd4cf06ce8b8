"""The numerical core of the maps: compiled functions named after the terms of the equations."""

from pathlib import Path
from typing import Any

from cutaway.progress import say

_ANNOUNCED: set[str] = set()


def announce_compilation() -> None:
    """Says, once a process, that kernels are being compiled, where no compiled ones are on disk."""
    if _ANNOUNCED:
        return
    _ANNOUNCED.add("said")
    if not _compiled_before():
        say("Compiling the numerical kernels of the maps, once on this machine (about 20 s) ...")


def _compiled_before() -> bool:
    from cutaway.maps.kernels.selection import settle_neighbours

    dispatcher: Any = settle_neighbours
    folder = Path(dispatcher.stats.cache_path)
    return any(folder.glob("selection.settle_neighbours-*.nbc"))
