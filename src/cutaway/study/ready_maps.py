"""A Study's maps at hand, for the features of new images to be placed on."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from jaxtyping import Float32

from cutaway.errors import InputError
from cutaway.maps.blas import one_blas_thread
from cutaway.maps.bystanders import Bystanders
from cutaway.maps.finished_map import FinishedMap
from cutaway.maps.placement import Placement
from cutaway.maps.plane import Plane
from cutaway.study.layout import placement_file
from cutaway.study.study import Study

MOST_MAP_BYTES = 2**30
"""Maps whose placement data goes beyond this in all are left out of placing."""

Row = Float32[np.ndarray, " features"]


@dataclass(frozen=True)
class Place:
    """Where a new image lies on one map, on the map's own axes.

    Attributes:
        layer: Name of the layer.
        method: The map's.
        x: Coordinate.
        y: Coordinate.
        trust: Share of its nearest samples in the data that are among the nearest on the map.
        unlike: Whether it is farther from what is mapped than 99% of the mapped samples are.
    """

    layer: str
    method: str
    x: float
    y: float
    trust: float
    unlike: bool


class ReadyMaps:
    """The maps of a Study, read when the first row is placed; safe between threads.

    Args:
        study: The Study.

    Attributes:
        unplaced: Layers and methods of maps that cannot be placed on: too large, or damaged.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._layers: list[_LayerMaps] | None = None
        self._lock = Lock()
        self.unplaced = _too_large(study)

    def place(self, row_of: Callable[[str], Row | None]) -> list[Place]:
        """Places one image on every map.

        Args:
            row_of: Gives its features at a layer, or None; where these are not finite, it has no
                place.
        """
        places: list[Place] = []
        with self._lock, one_blas_thread():
            if self._layers is None:
                self._layers = self._read()
            for maps in self._layers:
                row = row_of(maps.layer)
                if row is not None and row.size and np.isfinite(row).all():
                    places += maps.place(row)
        return places

    def _read(self) -> list["_LayerMaps"]:
        found: dict[str, dict[str, FinishedMap]] = {}
        for row in self._study.maps.itertuples():
            layer, method = str(row.layer), str(row.method)
            if (layer, method) in self.unplaced:
                continue
            try:
                found.setdefault(layer, {})[method] = self._study.finished_map(layer, method)
            except InputError:
                self.unplaced.append((layer, method))
        return [_LayerMaps(self._study, layer, maps) for layer, maps in found.items()]


class _LayerMaps:
    """The maps of one layer; what they hold in common is searched once.

    Args:
        study: The Study.
        layer: Name.
        maps: By method.
    """

    def __init__(self, study: Study, layer: str, maps: dict[str, FinishedMap]) -> None:
        self.layer = layer
        self._methods = list(maps)
        self._searched: list[dict[str, FinishedMap]] = []
        self._others: dict[str, tuple[FinishedMap, Plane]] = {}
        for method, finished in maps.items():
            if finished.measures:
                self._join(method, finished)
        if any(not finished.measures for finished in maps.values()):
            self._around = Bystanders(study.features(layer))
        for method, finished in maps.items():
            if not finished.measures:
                places = study.map(layer, method)[["x", "y"]].to_numpy(np.float32)
                self._others[method] = (finished, self._around.plane(places))

    def place(self, row: Row) -> list[Place]:
        """Where a row of the layer's features lies on each of its maps."""
        X, found = row[None], dict[str, Placement]()
        for group in self._searched:
            first, *_ = group.values()
            near = first.search(X, max(finished.wanted for finished in group.values()))
            found |= {name: finished.placement_among(near) for name, finished in group.items()}
        if self._others:
            near = self._around.search(X)
            for method, (finished, plane) in self._others.items():
                found[method] = self._around.assess(near, finished.transform(X), plane)
        return [self._place(method, found[method]) for method in self._methods]

    def _join(self, method: str, finished: FinishedMap) -> None:
        for group in self._searched:
            first, *_ = group.values()
            if first.searches_as(finished):
                group[method] = finished
                return
        self._searched.append({method: finished})

    def _place(self, method: str, found: Placement) -> Place:
        x, y = (float(value) for value in found.embedding[0])
        return Place(self.layer, method, x, y, float(found.trust[0]), bool(found.unlike[0]))


def _too_large(study: Study) -> list[tuple[str, str]]:
    """Maps without placement data, and those from where the room for it is full."""
    total, left_out = 0, []
    for row in study.maps.itertuples():
        layer, method = str(row.layer), str(row.method)
        file = placement_file(study.folder, layer, method)
        total += file.stat().st_size if file.is_file() else 0
        if total > MOST_MAP_BYTES or not file.is_file():
            left_out.append((layer, method))
    return left_out
