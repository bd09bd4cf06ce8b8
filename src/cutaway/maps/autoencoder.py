"""Autoencoders: a network that squeezes rows through few coordinates and brings them back."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import nn

from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.maps.encoders import (
    ConvolutionalDecoder,
    ConvolutionalEncoder,
    apply_rowwise,
    dense,
    linear,
    stored_image_shape,
)
from cutaway.maps.linear import train_linear
from cutaway.maps.minibatches import train_on_minibatches
from cutaway.maps.rows import read_rows, require_count
from cutaway.maps.seeds import RandomState, seed_of
from cutaway.maps.standardization import Standardization
from cutaway.maps.stored_arrays import Arrays, stored_size
from cutaway.maps.stored_networks import load_network, network_to_arrays, stored_widths

if TYPE_CHECKING:
    Count = int
    Flag = bool
    Rate = float
    Device = str | torch.device
    Widths = tuple[int, ...]
    ImageShape = tuple[int, int, int] | None
else:
    # scikit-learn's contract: a constructor takes anything, fit refuses what is wrong.
    Count = Flag = Rate = Device = Widths = ImageShape = Any

_STEPS_AN_EPOCH = 50


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Coordinates from which a decoder can redraw the sample, trained on the squared error.

    Linear (it then spans the subspace of the leading principal components), fully connected, or
    convolutional. Source: Hinton and Salakhutdinov 2006, "Reducing the dimensionality of data with
    neural networks"; for the linear one, Baldi and Hornik 1989.

    Args:
        n_components: Width of the bottleneck.
        linear: One matrix to the coordinates and its transpose back, trained on the whole set by
            L-BFGS of at most 50 steps an epoch.
        convolutional: Convolutions instead of fully connected layers; needs `image_shape`.
        image_shape: Height, width and channels of the image in a row, in that order.
        hidden: Widths of the fully connected layers before the bottleneck, mirrored after it.
        epochs: Passes over the data.
        batch_size: Samples a step of training.
        learning_rate: Highest of the schedule.
        random_state: Seed of weights and batches.
        device: To train and place on; "auto" takes a GPU where there is one.

    Attributes:
        embedding_: Coordinates of the rows of `fit` (n, n_components), Float32.
        encoder_: Network from standardized rows to coordinates.
        decoder_: Network back.
        standardization_: Mean and scale taken off before.
        history_: Squared error of each epoch, as a share of the variance; empty where linear.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
        >>> Autoencoder(hidden=(8,), epochs=2).fit_transform(rows).shape
        (40, 2)
    """

    def __init__(
        self,
        n_components: Count = 2,
        *,
        linear: Flag = False,
        convolutional: Flag = False,
        image_shape: ImageShape = None,
        hidden: Widths = (512, 128),
        epochs: Count = 30,
        batch_size: Count = 256,
        learning_rate: Rate = 2e-3,
        random_state: RandomState = None,
        device: Device = "auto",
    ) -> None:
        self.n_components = n_components
        self.linear = linear
        self.convolutional = convolutional
        self.image_shape = image_shape
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.device = device

    def fit(self, X: Any, y: Any = None) -> "Autoencoder":
        """Trains on the rows of `X` (n, features) and places them; `y` is ignored.

        Raises:
            InputError: X is no finite matrix of two rows or more, or an argument does not fit it.
        """
        del y
        X = read_rows(self, X, reset=True, minimum=2)
        features = X.shape[1]
        self._check(features)
        seed = seed_of(self.random_state)
        self.encoder_: nn.Module
        self.decoder_: nn.Module
        self.standardization_ = Standardization.of(X)
        self.history_: list[float] = []
        if self.linear:
            steps = _STEPS_AN_EPOCH * self.epochs
            self._tie(train_linear(X, self.n_components, steps=steps, seed=seed))
        else:
            self._train(self.standardization_.apply(X).float(), seed)
        self._n_features_out = self.n_components
        self.embedding_ = self._placed(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Float32[np.ndarray, "samples k"]:
        """Fits, and returns `embedding_`."""
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> Float32[np.ndarray, "samples k"]:
        """Coordinates of the rows of `X` (k, features), which do not depend on one another."""
        check_is_fitted(self)
        return self._placed(read_rows(self, X, reset=False))

    def _placed(self, X: Float[np.ndarray, "samples features"]) -> Float32[np.ndarray, "samples k"]:
        return apply_rowwise(self.encoder_, self.standardization_.apply(X)).numpy()

    def inverse_transform(self, Z: Any) -> Float32[np.ndarray, "samples features"]:
        """The rows (k, features) that the decoder draws at coordinates `Z` (k, n_components).

        Raises:
            InputError: Z has another number of columns than there are coordinates.
        """
        check_is_fitted(self)
        Z = np.asarray(Z, dtype=np.float64)
        if Z.ndim != 2 or Z.shape[1] != self._n_features_out:
            raise InputError(
                f"Z has shape {Z.shape}; expected (samples, {self._n_features_out}), "
                "as transform returns"
            )
        return self.standardization_.undo(apply_rowwise(self.decoder_, torch.from_numpy(Z)))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What placing and redrawing samples needs, as plain arrays for a file."""
        check_is_fitted(self)
        arrays = {
            **self.standardization_.to_arrays(),
            **network_to_arrays(self.encoder_, "encoder"),
            **network_to_arrays(self.decoder_, "decoder"),
        }
        if isinstance(self.encoder_, ConvolutionalEncoder):
            arrays["image_shape"] = np.array(self.encoder_.image_shape, dtype=np.int64)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Autoencoder":
        """The estimator whose `to_arrays` gave these; it has no `embedding_`.

        Raises:
            InputError: An array is missing, is not finite, or does not fit the others.
        """
        standardization = Standardization.from_arrays(arrays)
        features = len(standardization.mean)
        if "image_shape" in arrays:
            shape = stored_image_shape(arrays["image_shape"], features)
            count = stored_size(arrays, "encoder.head.bias")
            estimator = cls(count, convolutional=True, image_shape=shape)
        else:
            widths = stored_widths(arrays, "encoder")
            count = widths[-1]
            estimator = cls(count, hidden=widths[1:-1])
        with torch.device("meta"):
            encoder, decoder = estimator._networks(features)
        estimator.encoder_ = load_network(encoder, arrays, "encoder")
        estimator.decoder_ = load_network(decoder, arrays, "decoder")
        estimator.standardization_ = standardization
        estimator.n_features_in_, estimator._n_features_out = features, count
        return estimator

    def _check(self, features: int) -> None:
        require_count("n_components", self.n_components, most=features)
        require_count("epochs", self.epochs)
        require_count("batch_size", self.batch_size)
        for width in self.hidden:
            require_count("hidden", width)
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate={self.learning_rate!r}; expected a number above 0")
        if self.linear and self.convolutional:
            raise InputError("linear=True and convolutional=True exclude each other; choose one")
        if self.convolutional:
            shape = self.image_shape
            if shape is None or len(shape) != 3 or math.prod(shape) != features:
                raise InputError(
                    f"image_shape={shape!r} for rows of {features} features; expected height, "
                    "width and channels whose product is that, as Images.pixels.shape[1:] gives"
                )

    def _tie(self, weights: Float64[torch.Tensor, "features k"]) -> None:
        """One layer there and its transpose back; the means are in the standardization."""
        self.encoder_, self.decoder_ = linear(weights.T), linear(weights)

    def _train(self, rows: Float[torch.Tensor, "samples features"], seed: int) -> None:
        device = resolve_device(self.device)
        rows = rows.to(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder_, self.decoder_ = self._networks(rows.shape[1])
        network = nn.Sequential(self.encoder_, self.decoder_).to(device)

        def squared_error(indices: torch.Tensor) -> torch.Tensor:
            batch = rows[indices.to(device)]
            return nn.functional.mse_loss(network(batch), batch)

        self.history_ = train_on_minibatches(
            network,
            squared_error,
            len(rows),
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            seed=seed,
            description="Training the autoencoder",
        )

    def _networks(self, features: int) -> tuple[nn.Module, nn.Module]:
        if self.convolutional:
            assert self.image_shape is not None
            shape = self.image_shape
            return (
                ConvolutionalEncoder(shape, self.n_components),
                ConvolutionalDecoder(shape, self.n_components),
            )
        widths = (features, *self.hidden, self.n_components)
        return dense(widths), dense(widths[::-1])

    def __sklearn_tags__(self) -> Tags:
        """Tells scikit-learn that coordinates are float32 whatever the input is."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
