"""t-SNE: maps that keep neighbours together, with a place for every new sample."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float32
from sklearn.utils.validation import check_is_fitted

from cutaway.errors import InputError
from cutaway.maps.backends import Backend, choose_backend
from cutaway.maps.clustered_neighbours import SEARCHES, Search
from cutaway.maps.gradient_descent import Descent, MovingPoints, Phase
from cutaway.maps.initial import initial_map
from cutaway.maps.kernels import announce_compilation
from cutaway.maps.neighbours import NeighbourIndex, no_neighbours
from cutaway.maps.placement import Surroundings, TSNEPlacer, read_placing_arrays
from cutaway.maps.placing_map import PlacingMap
from cutaway.maps.rows import read_rows
from cutaway.progress import say, task

_EARLY_ITERATIONS = 250
_INITIAL_SPREAD = 1e-4
_MOMENTUM = 0.8
_MANY = 20_000
_MOMENTUM_OF_MANY = 0.9

# The type checker of the test run takes no int where a float is asked for.
Number = int | float
Callback = Callable[[int, Float32[np.ndarray, "n components"]], object]


class TSNE(PlacingMap):
    """t-distributed stochastic neighbour embedding, exact in its neighbours, fast in its forces.

    Neighbours are exact up to 100,000 samples; beyond, they are sought among near clusters, and the
    share that is found is said (`neighbors`). Repulsion is exact for few points; for many it comes
    from one convolution on a grid (`kernels.repulsion`), after Linderman et al. 2019, "Fast
    interpolation-based t-SNE".
    One seed gives one map, byte by byte, on any number of threads. Distances between far clusters
    and sizes of clusters mean little on such a map.

    Source: van der Maaten and Hinton 2008, "Visualizing data using t-SNE".

    Args:
        n_components: Axes of the map, 1 or 2.
        perplexity: Effective number of neighbours of a point; lowered, aloud, where there are fewer
            than three times as many samples.
        early_exaggeration: Factor on attraction in the first third of the iterations.
        learning_rate: Step size, or "auto": n over the exaggeration, after Belkina et al. 2019.
        max_iter: Iterations in all.
        neighbors: "exact", "approximate", or "auto": exact up to 100,000 samples, 500,000 on a GPU.
        init: "pca", "random", or coordinates (n, n_components) to start from as they are.
        random_state: Seed.
        device: "cpu", "cuda", or "auto": a GPU where there is one and samples are 5,000 or more. A
            line (n_components=1) descends on the CPU. Maps of two devices are alike, not equal.
        callback: Called as `callback(iteration, map)` every `callback_every` iterations.
        callback_every: Iterations between two calls.
        keep_on_interrupt: Whether Ctrl-C ends the descent and keeps the map so far.

    Attributes:
        embedding_: Coordinates (n, n_components), Float32.
        perplexity_: The perplexity that was used.
        neighbour_recall_: Share of the true neighbours that were found, measured on a sample; 1
            where they are exact.
        n_iter_: Iterations taken.
        kl_divergence_: Kullback-Leibler divergence of the map from the affinities, in nats.

    Example:
        >>> rows = np.array([[0.0, 0.1], [0.1, 0.0], [9.0, 9.0], [9.1, 9.0]])
        >>> TSNE(random_state=0, perplexity=1).fit_transform(rows).shape
        (4, 2)
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        perplexity: Number = 30.0,
        early_exaggeration: Number = 12.0,
        learning_rate: Number | Literal["auto"] = "auto",
        max_iter: int = 600,
        neighbors: Search = "auto",
        init: Any = "pca",
        random_state: Any = None,
        device: str = "auto",
        callback: Callback | None = None,
        callback_every: int = 50,
        keep_on_interrupt: bool = False,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.early_exaggeration = early_exaggeration
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.neighbors = neighbors
        self.init = init
        self.random_state = random_state
        self.device = device
        self.callback = callback
        self.callback_every = callback_every
        self.keep_on_interrupt = keep_on_interrupt

    def fit(self, X: Any, y: Any = None) -> "TSNE":
        """Makes the map of `X` (n, features); `y` is ignored.

        Raises:
            InputError: X is no finite matrix, or a hyper-parameter is out of range.
            TypeError: X is sparse.
        """
        del y
        X = read_rows(self, X, reset=True)
        self._check()
        return self._fit(X, choose_backend(self.device, len(X)))

    def _fit(self, X: Float[np.ndarray, "n features"], backend: Backend) -> "TSNE":
        announce_compilation()
        index = NeighbourIndex(X)
        self.perplexity_ = self._usable_perplexity(len(X))
        start = initial_map(X, self.init, self.n_components, self.random_state, _INITIAL_SPREAD)
        Y = np.ascontiguousarray(start.T)
        affinities, surroundings = None, Surroundings.of(no_neighbours(len(X)))
        self.n_iter_, self.neighbour_recall_ = 0, 1.0
        if len(X) > 1:
            k = min(len(X) - 1, math.ceil(3 * self.perplexity_))
            neighbours = backend.neighbours(index, k, self.neighbors)
            self.neighbour_recall_ = neighbours.recall
            affinities = backend.affinities(neighbours, self.perplexity_)
            surroundings = Surroundings.of(neighbours)
            del neighbours
            Y = self._descend(backend.points(affinities, Y, self.n_components))
        Y -= Y.mean(axis=1, keepdims=True)
        self._keep(index, np.ascontiguousarray(Y[: self.n_components].T), surroundings)
        self.kl_divergence_ = self._placer.divergence(affinities) if affinities else 0.0
        return self

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What placing new samples needs, as plain arrays for a file."""
        check_is_fitted(self)
        return {
            **self._placer.index.to_arrays(),
            "embedding": self.embedding_,
            **self._placer.surroundings.to_arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "TSNE":
        """The estimator whose `to_arrays` gave these.

        Raises:
            InputError: An array is missing, is not finite, or does not fit the others.
        """
        index, embedding, surroundings = read_placing_arrays(arrays)
        estimator = cls(n_components=embedding.shape[1])
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
        self._placer = TSNEPlacer(index, embedding, surroundings)
        self._n_features_out = embedding.shape[1]

    def _descend(self, points: MovingPoints) -> Float32[np.ndarray, "2 n"]:
        n = points.places.shape[1]
        early = min(_EARLY_ITERATIONS, self.max_iter // 3)
        descent = Descent(points)
        # Many points spread over a larger map and have farther to go.
        late = _MOMENTUM if n <= _MANY else _MOMENTUM_OF_MANY
        phases = [
            self._phase(n, early, self.early_exaggeration, _MOMENTUM),
            self._phase(n, self.max_iter - early, 1.0, late),
        ]
        with task(f"t-SNE of {n:,} samples", total=self.max_iter) as progress:
            try:
                for phase in phases:
                    descent.run(phase, progress, self._report, self.callback_every)
            except KeyboardInterrupt:
                if not self.keep_on_interrupt:
                    raise
                say(f"t-SNE was interrupted; the map after {descent.done} iterations is kept")
        self.n_iter_ = descent.done
        return points.places

    def _report(self, iteration: int, Y: Float32[np.ndarray, "2 n"]) -> None:
        if self.callback is not None:
            self.callback(iteration, Y[: self.n_components].T.copy())

    def _phase(self, n: int, iterations: int, exaggeration: float, momentum: float) -> Phase:
        rate = n / exaggeration if self.learning_rate == "auto" else float(self.learning_rate)
        return Phase(iterations, exaggeration, rate, momentum)

    def _usable_perplexity(self, n: int) -> float:
        most = max((n - 1) / 3, 1.0)
        if self.perplexity > most:
            say(f"perplexity={self.perplexity:g} is too high for {n} samples; {most:.3g} is used")
            return most
        return max(float(self.perplexity), 1.0)

    def _check(self) -> None:
        if self.n_components not in {1, 2}:
            raise InputError(
                f"n_components={self.n_components!r}; TSNE draws maps of 1 or 2 components"
            )
        if not self.perplexity > 0:
            raise InputError(
                f"perplexity={self.perplexity!r}; expected a positive number, such as 30"
            )
        if self.learning_rate != "auto" and not self.learning_rate > 0:
            raise InputError(
                f"learning_rate={self.learning_rate!r}; expected a positive number or 'auto'"
            )
        if self.neighbors not in SEARCHES:
            raise InputError(
                f"neighbors={self.neighbors!r}; expected 'auto', 'exact' or 'approximate'"
            )
        if self.max_iter < 0:
            raise InputError(f"max_iter={self.max_iter!r}; expected 0 or more")
