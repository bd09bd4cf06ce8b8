"""The numerical core of the maps: compiled functions named after the terms of the equations."""

from cutaway import compiled


def announce_compilation() -> None:
    """Says that the maps' kernels are being compiled, where no compiled ones lie on disk."""
    from cutaway.maps.kernels.selection import settle_neighbours

    compiled.announce_compilation(settle_neighbours, "maps")
