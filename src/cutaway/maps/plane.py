"""The points of a finished map, to find nearest ones among."""

import numpy as np
from jaxtyping import Float32, UInt32

from cutaway.maps.kernels.near import sort_into_cells
from cutaway.maps.kernels.plane import nearest_in_plane
from cutaway.maps.kernels.threads import even_ranges, over_ranges

_POINTS_A_CELL = 4


class Plane:
    """Points of a map, sorted into square cells of about four.

    Args:
        places: Coordinates; a single component is a line in the plane.

    Example:
        >>> plane = Plane(np.array([[0, 0], [1, 0], [5, 5]], dtype=np.float32))
        >>> plane.nearest(np.array([[0.9, 0.0]], dtype=np.float32), 2).tolist()
        [[1, 0]]
    """

    def __init__(self, places: Float32[np.ndarray, "n components"]) -> None:
        Y = np.ascontiguousarray(_in_plane(places).T)
        n = Y.shape[1]
        low = Y.min(axis=1)
        extent = (Y.max(axis=1) - low).astype(np.float64)
        wanted = max(n // _POINTS_A_CELL, 1)
        width = max(float(np.sqrt(extent.prod() / wanted)), float(extent.max() / wanted), 1e-30)
        per_unit = np.float32(1 / width)
        across, down = (int(cells) + 1 for cells in (Y.max(axis=1) - low) * per_unit)
        starts = np.empty(across * down + 1, dtype=np.int64)
        order = np.empty(n, dtype=np.uint32)
        x, y = np.empty_like(Y)
        sort_into_cells(Y, low, per_unit, across, starts, order, x, y)
        self._cells = (x, y, order, starts, low, per_unit, across, down)

    def nearest(
        self, queries: Float32[np.ndarray, "queries components"], k: int
    ) -> UInt32[np.ndarray, "queries k"]:
        """Numbers of the k nearest points of each query, nearest first, ties by number.

        Args:
            queries: Places to search around.
            k: At most the number of points.
        """
        found = np.empty((len(queries), k), dtype=np.uint32)
        queries = _in_plane(queries)
        over_ranges(nearest_in_plane, even_ranges(len(queries), 64), queries, *self._cells, found)
        return found


def _in_plane(
    places: Float32[np.ndarray, "n components"],
) -> Float32[np.ndarray, "n 2"]:
    plane = np.zeros((len(places), 2), dtype=np.float32)
    plane[:, : places.shape[1]] = places
    return plane
