"""Parametric t-SNE: an encoder trained with t-SNE's own loss, which places unseen samples."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Float32
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from cutaway.errors import InputError
from cutaway.maps.affinities import joint_affinities
from cutaway.maps.minibatches import train_on_minibatches
from cutaway.maps.neighbour_encoder import NeighbourEncoder
from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.maps.rows import read_rows, require_count
from cutaway.maps.seeds import RandomState, seed_of
from cutaway.maps.stored_arrays import damaged, finite_array, stored_size
from cutaway.maps.tsne import TSNE
from cutaway.maps.tsne_loss import NeighbourPairs, divergence

if TYPE_CHECKING:
    Count = int
    Number = float
else:
    # scikit-learn's contract: a constructor takes anything, fit refuses what is wrong.
    Count = Number = Any

_NEIGHBOURS = 30
_BLOCK_ROWS = 4096


class ParametricTSNE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """t-SNE by an encoder, which places samples it has never seen.

    The encoder attends to a sample's nearest training samples (`NeighbourEncoder`). Their positions
    start at a t-SNE map; they and the attention are then trained by gradient descent on t-SNE's
    loss, each training sample being placed without itself, as if it were new. A plain network from
    features to positions is what van der Maaten 2009 trained, "Learning a parametric embedding by
    preserving local structure"; with ten thousand samples it learns a less trustworthy map.

    Args:
        n_components: Axes of the map, 1 or 2.
        perplexity: Effective number of neighbours, as in `TSNE`.
        max_iter: Iterations of t-SNE for the start.
        epochs: Passes of training.
        batch_size: Samples a step, whose pairs estimate the repulsion.
        learning_rate: Highest of the schedule, as a share of the map's extent.
        random_state: Seed.

    Attributes:
        embedding_: Coordinates of the rows of `fit` (n, n_components), Float32.
        encoder_: The trained encoder.
        n_iter_: Iterations that t-SNE took for the start.
        history_: Loss of each epoch: the divergence KL(P‖Q) less a constant.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(30, 4))
        >>> model = ParametricTSNE(perplexity=5, max_iter=50, epochs=2, random_state=0).fit(rows)
        >>> model.transform(rows[:3] + 0.01).shape
        (3, 2)
    """

    def __init__(
        self,
        n_components: Count = 2,
        *,
        perplexity: Number = 30.0,
        max_iter: Count = 500,
        epochs: Count = 10,
        batch_size: Count = 512,
        learning_rate: Number = 1e-3,
        random_state: RandomState = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.max_iter = max_iter
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "ParametricTSNE":
        """Trains on the rows of `X` (n, features) and places them; `y` is ignored.

        Raises:
            InputError: X is no finite matrix of two rows or more, or an argument is out of range.
        """
        del y
        X = read_rows(self, X, reset=True, minimum=2)
        require_count("epochs", self.epochs)
        require_count("batch_size", self.batch_size)
        if self.batch_size < 2:
            raise InputError("batch_size=1; expected 2 or more, since samples repel each other")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate={self.learning_rate!r}; expected a number above 0")
        seed = seed_of(self.random_state)
        start = TSNE(
            self.n_components,
            perplexity=float(self.perplexity),
            max_iter=self.max_iter,
            random_state=seed,
        ).fit(X)
        self.n_iter_ = start.n_iter_
        self._index = NeighbourIndex(X)
        count = min(len(X) - 1, max(_NEIGHBOURS, round(3 * start.perplexity_)))
        self.encoder_ = NeighbourEncoder(torch.from_numpy(start.embedding_))
        self._train(self._index.among_themselves(count), start.perplexity_, seed)
        self.encoder_.double()
        self._n_features_out = self.n_components
        self.embedding_ = self._placed(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Float32[np.ndarray, "samples axes"]:
        """Fits, and returns `embedding_`."""
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> Float32[np.ndarray, "samples axes"]:
        """Coordinates of the rows of `X` (k, features), which do not depend on one another."""
        check_is_fitted(self)
        return self._placed(read_rows(self, X, reset=False))

    def _placed(
        self, X: Float[np.ndarray, "samples features"]
    ) -> Float32[np.ndarray, "samples axes"]:
        neighbours = self._index.query(X, min(_NEIGHBOURS, len(self._index)))
        indices, distances = _tensors(neighbours, torch.float64)
        with torch.inference_mode():
            blocks = zip(indices.split(_BLOCK_ROWS), distances.split(_BLOCK_ROWS), strict=True)
            return torch.cat([self.encoder_(*block) for block in blocks]).float().numpy()

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What placing new samples needs, as plain arrays for a file."""
        check_is_fitted(self)
        positions = self.encoder_.scaled_positions.detach().double() * self.encoder_.extent
        return {
            **self._index.to_arrays(),
            "positions": positions.numpy(),
            "sharpness": np.array([float(self.encoder_.log_sharpness.detach().exp())]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "ParametricTSNE":
        """The estimator whose `to_arrays` gave these; it has no `embedding_`.

        Raises:
            InputError: An array is missing, is not finite, or does not fit the others.
        """
        features = stored_size(arrays, "mean")
        samples = stored_size(arrays, "rows") // features
        axes = max(1, stored_size(arrays, "positions") // max(samples, 1))
        shapes = {"rows": (samples, features), "mean": (features,), "positions": (samples, axes)}
        for name, shape in shapes.items():
            finite_array(arrays, name, shape)
        for name in ("sharpness", "scale"):
            if finite_array(arrays, name, (1,))[0] <= 0:
                raise damaged(name, arrays[name], "one number above 0")
        estimator = cls(n_components=axes)
        estimator._index = NeighbourIndex.from_arrays(dict(arrays))
        positions = torch.from_numpy(arrays["positions"].astype(np.float64))
        estimator.encoder_ = NeighbourEncoder(positions, float(arrays["sharpness"][0]))
        estimator.n_features_in_, estimator._n_features_out = features, axes
        return estimator

    def _train(self, neighbours: Neighbours, perplexity: float, seed: int) -> None:
        pairs = NeighbourPairs(joint_affinities(neighbours, perplexity), seed)
        indices, distances = _tensors(neighbours, torch.float32)
        indices, distances = indices[:, :_NEIGHBOURS], distances[:, :_NEIGHBOURS]

        def loss(batch: torch.Tensor) -> torch.Tensor:
            both = torch.cat([batch, pairs.draw(batch)])
            positions = self.encoder_(indices[both], distances[both])
            heads, tails = positions.chunk(2)
            return divergence(heads, tails, pairs.masses[batch])

        self.history_ = train_on_minibatches(
            self.encoder_,
            loss,
            len(indices),
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            seed=seed,
            description="Training parametric t-SNE",
        )

    def __sklearn_tags__(self) -> Tags:
        """Tells scikit-learn that coordinates are float32 whatever the input is."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _tensors(neighbours: Neighbours, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    indices = torch.from_numpy(neighbours.indices.astype(np.int64))
    return indices, torch.from_numpy(neighbours.squared_distances).to(dtype)
