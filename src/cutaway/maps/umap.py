"""UMAP: maps of a fuzzy graph of neighbours, with a place for every new sample."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from cutaway.errors import InputError
from cutaway.maps.clustered_neighbours import SEARCHES, Search, neighbours_of
from cutaway.maps.edge_rounds import EdgeRounds
from cutaway.maps.fuzzy import FuzzyGraph, curve, force_tables, fuzzy_union
from cutaway.maps.initial import initial_map
from cutaway.maps.kernels import announce_compilation
from cutaway.maps.kernels.layout import lay_out
from cutaway.maps.kernels.threads import over_ranges
from cutaway.maps.neighbours import NeighbourIndex, no_neighbours
from cutaway.maps.placement import Surroundings, UMAPPlacer, read_placing_arrays
from cutaway.maps.placing_map import PlacingMap
from cutaway.maps.rows import read_rows
from cutaway.maps.smooth_start import smooth_start
from cutaway.progress import say, task

_FEW_SAMPLES = 10_000
_EPOCHS_OF_FEW = 500
_EPOCHS_OF_MANY = 200
_INITIAL_SPREAD = 4.0
_FALL = 2.0

# The type checker of the test run takes no int where a float is asked for.
Number = int | float
Callback = Callable[[int, Float32[np.ndarray, "n components"]], object]


class UMAP(PlacingMap):
    """Uniform manifold approximation and projection, the same map on any number of threads.

    Neighbours are exact. An epoch goes through the graph in rounds; the edges of a round lie in
    parts without a common point (`edge_rounds`), laid out side by side, by random numbers that
    depend on the seed, the epoch and the part alone. The step falls with a power of the epochs
    left, which keeps more neighbours than a straight fall.

    Source: McInnes, Healy and Melville 2018, "UMAP".

    Args:
        n_components: Axes of the map, 1 or 2.
        n_neighbors: Neighbours of a point, itself included; lowered where there are fewer samples.
        min_dist: Least distance of points on the map.
        spread: Scale of the map.
        n_epochs: Passes over the graph; None takes 500 for up to 10,000 samples, else 200.
        learning_rate: Step size of the first epoch; it falls to zero.
        negative_sample_rate: Points that push for each that pulls.
        neighbors: "exact", "approximate", or "auto": exact up to 100,000 samples.
        init: "spectral" (`smooth_start`), "pca", "random", or coordinates (n, n_components).
        random_state: Seed.
        device: "auto" or "cpu"; this method runs on the CPU.
        callback: Called as `callback(epoch, map)` every `callback_every` epochs.
        callback_every: Epochs between two calls.
        keep_on_interrupt: Whether Ctrl-C ends the layout and keeps the map so far.

    Attributes:
        embedding_: Coordinates (n, n_components), Float32.
        n_iter_: Epochs taken.
        neighbour_recall_: Share of the true neighbours that were found, measured on a sample; 1
            where they are exact.

    Example:
        >>> rows = np.array([[0.0, 0.1], [0.1, 0.0], [9.0, 9.0], [9.1, 9.0]])
        >>> UMAP(n_neighbors=2, random_state=0).fit_transform(rows).shape
        (4, 2)
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_neighbors: int = 15,
        min_dist: Number = 0.1,
        spread: Number = 1.0,
        n_epochs: int | None = None,
        learning_rate: Number = 1.0,
        negative_sample_rate: int = 5,
        neighbors: Search = "auto",
        init: Any = "spectral",
        random_state: Any = None,
        device: str = "auto",
        callback: Callback | None = None,
        callback_every: int = 50,
        keep_on_interrupt: bool = False,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.spread = spread
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.negative_sample_rate = negative_sample_rate
        self.neighbors = neighbors
        self.init = init
        self.random_state = random_state
        self.device = device
        self.callback = callback
        self.callback_every = callback_every
        self.keep_on_interrupt = keep_on_interrupt

    def fit(self, X: Any, y: Any = None) -> "UMAP":
        """Makes the map of `X` (n, features); `y` is ignored.

        Raises:
            InputError: X is no finite matrix, or a hyper-parameter is out of range.
            TypeError: X is sparse.
        """
        del y
        X = read_rows(self, X, reset=True)
        self._check()
        announce_compilation()
        n = len(X)
        index, surroundings = NeighbourIndex(X), Surroundings.of(no_neighbours(n))
        self._curve = curve(self.min_dist, self.spread)
        self.n_iter_, self.neighbour_recall_ = 0, 1.0
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        spectral = isinstance(self.init, str) and self.init == "spectral"
        start = "pca" if spectral else self.init
        Y = initial_map(X, start, self.n_components, random, _INITIAL_SPREAD)
        if n > 1:
            epochs = self.n_epochs or (_EPOCHS_OF_FEW if n <= _FEW_SAMPLES else _EPOCHS_OF_MANY)
            k = min(self.n_neighbors, n) - 1
            neighbours = neighbours_of(index, k, self.neighbors)
            self.neighbour_recall_ = neighbours.recall
            surroundings = Surroundings.of(neighbours)
            graph = fuzzy_union(neighbours, 1 / epochs)
            if spectral:
                Y = smooth_start(graph, Y, self.n_components, random)
            Y = self._lay_out(graph, Y, epochs, seed)
        Y -= Y.mean(axis=0)
        self._keep(index, np.ascontiguousarray(Y[:, : self.n_components]), surroundings)
        return self

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What placing new samples needs, as plain arrays for a file."""
        check_is_fitted(self)
        return {
            **self._placer.index.to_arrays(),
            "embedding": self.embedding_,
            **self._placer.surroundings.to_arrays(),
            "curve": np.array(self._curve),
            "n_neighbors": np.array([self.n_neighbors]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "UMAP":
        """The estimator whose `to_arrays` gave these.

        Raises:
            InputError: An array is missing, is not finite, or does not fit the others.
        """
        index, embedding, surroundings = read_placing_arrays(
            arrays, {"curve": (2,), "n_neighbors": (1,)}
        )
        neighbours = max(2, int(arrays["n_neighbors"][0]))
        estimator = cls(n_components=embedding.shape[1], n_neighbors=neighbours)
        estimator._curve = (float(arrays["curve"][0]), float(arrays["curve"][1]))
        estimator._keep(index, embedding, surroundings)
        estimator.n_features_in_ = index.rows.shape[1]
        return estimator

    def _keep(
        self,
        index: NeighbourIndex,
        embedding: Float32[np.ndarray, "n components"],
        surroundings: Surroundings,
    ) -> None:
        self.embedding_ = embedding
        self._placer = UMAPPlacer(index, embedding, surroundings, self._curve, self.n_neighbors)
        self._n_features_out = embedding.shape[1]

    def _lay_out(
        self, graph: FuzzyGraph, Y: Float32[np.ndarray, "n 2"], epochs: int, seed: int
    ) -> Float32[np.ndarray, "n 2"]:
        tables = force_tables(*self._curve)
        edges = EdgeRounds.of(graph)
        before = np.empty_like(Y)
        with task(f"UMAP of {len(Y):,} samples", total=epochs) as progress:
            try:
                for epoch in range(epochs):
                    step = np.float32(self.learning_rate * (1 - epoch / epochs) ** _FALL)
                    rule = (epoch, self.negative_sample_rate, step, np.uint64(seed), *tables)
                    for parts in edges.rounds:
                        before[:] = Y
                        over_ranges(lay_out, parts, *edges.arrays, *rule, before, Y)
                    self.n_iter_ += 1
                    progress.advance()
                    self._report(Y)
            except KeyboardInterrupt:
                if not self.keep_on_interrupt:
                    raise
                say(f"UMAP was interrupted; the map after {self.n_iter_} epochs is kept")
        return Y

    def _report(self, Y: Float32[np.ndarray, "n 2"]) -> None:
        if self.callback is not None and self.n_iter_ % self.callback_every == 0:
            self.callback(self.n_iter_, Y[:, : self.n_components].copy())

    def _check(self) -> None:
        if self.n_components not in {1, 2}:
            raise InputError(
                f"n_components={self.n_components!r}; UMAP draws maps of 1 or 2 components"
            )
        if self.neighbors not in SEARCHES:
            raise InputError(
                f"neighbors={self.neighbors!r}; expected 'auto', 'exact' or 'approximate'"
            )
        if self.n_neighbors < 2:
            raise InputError(
                f"n_neighbors={self.n_neighbors!r}; expected 2 or more, since a point counts "
                "as its own neighbour"
            )
        if not 0 <= self.min_dist <= self.spread or not self.spread > 0:
            raise InputError(
                f"min_dist={self.min_dist!r} and spread={self.spread!r}; "
                "expected 0 <= min_dist <= spread and spread > 0"
            )
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate={self.learning_rate!r}; expected a positive number")
        if isinstance(self.init, str) and self.init not in {"spectral", "pca", "random"}:
            raise InputError(
                f"init={self.init!r}; expected 'spectral', 'pca', 'random' or an array of "
                "coordinates"
            )
        if self.device not in {"auto", "cpu"}:
            raise InputError(
                f"device={self.device!r}; UMAP runs on the CPU: use device='auto' or 'cpu'"
            )
