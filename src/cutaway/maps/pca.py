"""Principal component analysis, of an array in memory or of a stream in one pass."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from cutaway.errors import InputError
from cutaway.maps.eigen import block_krylov, block_width, is_few, leading_eigenpairs
from cutaway.maps.moments import Moments
from cutaway.maps.rows import read_rows
from cutaway.maps.seeds import RandomState, seed_of
from cutaway.maps.stored_arrays import finite_array, stored_size

Number = int | float
if TYPE_CHECKING:
    Wanted = int | float | None
else:
    # scikit-learn's contract: a constructor takes anything, fit refuses what is wrong.
    Wanted = Any

_SMALL_ENOUGH_FOR_FLOAT64 = 4_000_000
_STEPS = 6
_START_ROWS = 512
_BLOCK_ROWS = 1024


class PCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The linear map onto the directions in which the data varies most.

    Up to four million values are decomposed in float64; of more, products are taken in float32 and
    added up in float64 (relative error about 1e-6). Each component's sign makes its largest loading
    positive. Source: Hotelling 1933; Jolliffe 2002, "Principal component analysis".

    Args:
        n_components: Number of components; a share of the variance, between 0 and 1, that they must
            explain; or None for all.
        random_state: Seed of the iteration that finds few components of many features.

    Attributes:
        components_: Orthonormal rows (n_components_, features), by falling variance.
        explained_variance_: Variance along each component, in squared units of the features.
        explained_variance_ratio_: The same as shares of the whole variance, in [0, 1].
        mean_: Mean of the rows (features,).
        embedding_: Coordinates of the rows of `fit` (n, n_components_), Float32.
        moments_: Count, mean and scatter after `partial_fit`; absent after `fit`.

    Example:
        >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
        >>> PCA(n_components=1).fit_transform(rows).round(3)
        array([[-1.414],
               [ 0.   ],
               [ 1.414]], dtype=float32)
    """

    def __init__(self, n_components: Wanted = 2, *, random_state: RandomState = None) -> None:
        self.n_components = n_components
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "PCA":
        """Finds the components of `X` (n, features) and places its rows; `y` is ignored.

        Raises:
            InputError: X is no finite matrix, or has fewer rows or features than components.
        """
        del y
        X = read_rows(self, X, reset=True, minimum=2)
        if X.size <= _SMALL_ENOUGH_FOR_FLOAT64:
            X = X.astype(np.float64, copy=False)
        wanted = self._check_wanted(min(X.shape), X.shape)
        self._forget("moments_")
        self.mean_ = X.mean(axis=0, dtype=np.float64)
        if isinstance(wanted, int) and _is_wide(X.shape, wanted):
            self._fit_wide(X, wanted)
        elif X.shape[1] > len(X):
            self._fit_short(X, wanted)
        else:
            self._solve(Moments.of(X), wanted)
        self.embedding_ = self._placed(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Float32[np.ndarray, "samples components"]:
        """Fits, and returns `embedding_`."""
        return self.fit(X, y).embedding_

    def partial_fit(self, X: Any, y: Any = None) -> "PCA":
        """Takes in one more batch of rows; any split into batches gives the whole's components.

        After `fit`, which keeps no running sums, a new stream begins. A stream has no `embedding_`.

        Raises:
            InputError: X is no finite matrix, or has other features than the batches before.
        """
        del y
        first = not hasattr(self, "moments_")
        X = read_rows(self, X, reset=first)
        batch = Moments.of(X.astype(np.float64, copy=False))
        return self._take_in(batch if first else self.moments_.merge(batch))

    def fit_stream(self, batches: Iterable[Any]) -> "PCA":
        """Finds the components of all rows of a stream in one pass, whose memory stays flat.

        It gives what `partial_fit` of each batch gives, and solves once, at the end. A stream has
        no `embedding_`.

        Args:
            batches: Matrices (k, features), such as `ImageStream.rows()`.

        Raises:
            InputError: There is no batch, or one is no finite matrix of the others' features.

        Example:
            >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
            >>> PCA(1).fit_stream([rows[:2], rows[2:]]).mean_
            array([1., 1.])
        """
        moments: Moments | None = None
        for X in batches:
            rows = read_rows(self, X, reset=moments is None)
            batch = Moments.of(rows.astype(np.float64, copy=False))
            moments = batch if moments is None else moments.merge(batch)
        if moments is None:
            raise InputError("batches holds none; expected matrices (samples, features)")
        return self._take_in(moments)

    def fit_moments(self, moments: Moments) -> "PCA":
        """Finds the components of rows whose count, mean and scatter are known.

        Those of a layer's features come from `collect(covariance=True)`, exact for any split of the
        data. There is no `embedding_` then.

        Raises:
            InputError: There are fewer rows or features than components.

        Example:
            >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
            >>> PCA(1).fit_moments(Moments.of(rows)).explained_variance_
            array([2.])
        """
        self.n_features_in_ = len(moments.mean)
        return self._take_in(moments)

    def merge(self, other: "PCA") -> "PCA":
        """Takes in all rows of another PCA of the same features (a shard's), both by `partial_fit`.

        Raises:
            InputError: One of them holds no running sums, or their features differ.
        """
        for estimator in (self, other):
            if not hasattr(estimator, "moments_"):
                raise InputError(
                    "merge joins PCAs fitted by partial_fit; "
                    f"{estimator} holds no running sums: fit it by partial_fit"
                )
        if len(self.mean_) != len(other.mean_):
            raise InputError(
                f"merge joins PCAs of the same features; "
                f"these have {len(self.mean_)} and {len(other.mean_)}"
            )
        return self._take_in(self.moments_.merge(other.moments_))

    def transform(self, X: Any) -> Float32[np.ndarray, "samples components"]:
        """Coordinates of the rows of `X` (k, features), which do not depend on one another."""
        check_is_fitted(self)
        return self._placed(read_rows(self, X, reset=False))

    def _placed(
        self, X: Float[np.ndarray, "samples features"]
    ) -> Float32[np.ndarray, "samples components"]:
        placed = np.empty((len(X), len(self.components_)), dtype=np.float32)
        for start in range(0, len(X), _BLOCK_ROWS):
            rows = slice(start, start + _BLOCK_ROWS)
            placed[rows] = (X[rows] - self.mean_) @ self.components_.T
        return placed

    def inverse_transform(self, Z: Any) -> Float32[np.ndarray, "samples features"]:
        """The rows (k, features) that lie at coordinates `Z` (k, n_components_) of the subspace.

        Raises:
            InputError: Z has another number of columns than there are components.
        """
        check_is_fitted(self)
        Z = np.asarray(Z, dtype=np.float64)
        if Z.ndim != 2 or Z.shape[1] != len(self.components_):
            raise InputError(
                f"Z has shape {Z.shape}; expected (samples, {len(self.components_)}), "
                "as transform returns"
            )
        return (Z @ self.components_ + self.mean_).astype(np.float32)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What placing new samples needs, as plain arrays for a file."""
        check_is_fitted(self)
        return {
            "components": self.components_,
            "mean": self.mean_,
            "explained_variance": self.explained_variance_,
            "explained_variance_ratio": self.explained_variance_ratio_,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "PCA":
        """The estimator whose `to_arrays` gave these; it places samples and has no `embedding_`.

        Raises:
            InputError: An array is missing, is not finite, or does not fit the others.
        """
        features = stored_size(arrays, "mean")
        count = stored_size(arrays, "explained_variance")
        shapes = {
            "components": (count, features),
            "mean": (features,),
            "explained_variance": (count,),
            "explained_variance_ratio": (count,),
        }
        estimator = cls(n_components=count)
        for name, shape in shapes.items():
            setattr(estimator, f"{name}_", finite_array(arrays, name, shape).astype(np.float64))
        estimator.n_components_ = estimator._n_features_out = count
        estimator.n_features_in_ = features
        return estimator

    def _take_in(self, moments: Moments) -> "PCA":
        wanted = self._check_wanted(len(moments.mean), (moments.count, len(moments.mean)))
        self._forget("embedding_")
        self.moments_ = moments
        self.mean_ = moments.mean
        self._solve(moments, wanted)
        return self

    def _forget(self, name: str) -> None:
        if hasattr(self, name):
            delattr(self, name)

    def _check_wanted(self, most: int, shape: tuple[int, ...]) -> Number:
        """`n_components` as a number of components, or as a share below 1."""
        wanted = most if self.n_components is None else self.n_components
        if isinstance(wanted, float) and 0 < wanted < 1:
            return wanted
        if isinstance(wanted, (int, np.integer)) and not isinstance(wanted, bool):
            if 1 <= wanted <= most:
                return int(wanted)
            raise InputError(
                f"n_components={wanted} for X of n_samples={shape[0]} and n_features={shape[1]}; "
                f"expected 1 to {most}"
            )
        raise InputError(
            f"n_components={wanted!r}; expected a whole number of 1 or more, "
            "a share of the variance between 0 and 1, or None"
        )

    def _solve(self, moments: Moments, wanted: Number) -> None:
        """Eigenvectors of the scatter matrix."""
        count = wanted if isinstance(wanted, int) else len(moments.mean)
        seed = seed_of(self.random_state)
        values, vectors = leading_eigenpairs(moments.scatter, count, seed)
        self._keep(values, vectors, float(np.trace(moments.scatter)), moments.count, wanted)

    def _fit_short(self, X: Float[np.ndarray, "samples features"], wanted: Number) -> None:
        """Singular vectors, where there are fewer rows than features."""
        import scipy.linalg

        centred = X - self.mean_
        _, singular, vectors = scipy.linalg.svd(centred, full_matrices=False, check_finite=False)
        values = singular**2
        self._keep(values, vectors, float(values.sum()), len(X), wanted)

    def _fit_wide(self, X: Float[np.ndarray, "samples features"], wanted: int) -> None:
        """Few singular vectors of many features, by products with the rows alone."""
        centred = X - self.mean_.astype(X.dtype)
        total = float(np.einsum("ij,ij->i", centred, centred).sum(dtype=np.float64))
        found = None
        if total > 0:
            start = _start(centred, wanted)
            found = block_krylov(lambda block: centred.T @ (centred @ block), start, wanted)
        if found is None:
            self._solve(Moments.of(X), wanted)
        else:
            self._keep(*found, total, len(X), wanted)

    def _keep(
        self,
        values: Float[np.ndarray, " found"],
        vectors: Float[np.ndarray, "found features"],
        total: float,
        samples: int,
        wanted: Number,
    ) -> None:
        shares = values / total if total > 0 else np.zeros_like(values)
        count = wanted
        if not isinstance(count, int):
            count = min(int(np.searchsorted(np.cumsum(shares), wanted)) + 1, len(values))
        largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
        signed = vectors * np.where(largest < 0, -1.0, 1.0)
        self.components_ = signed[:count].astype(np.float64)
        self.explained_variance_ = (values[:count] / max(samples - 1, 1)).astype(np.float64)
        self.explained_variance_ratio_ = shares[:count].astype(np.float64)
        self.n_components_ = count
        self._n_features_out = count

    def __sklearn_tags__(self) -> Tags:
        """Tells scikit-learn that coordinates are float32 whatever the input is."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _is_wide(shape: tuple[int, ...], wanted: int) -> bool:
    """Whether products with the rows cost less than the scatter matrix of all features."""
    samples, features = shape
    return is_few(wanted, min(samples, features)) and (
        features > samples or 4 * _STEPS * block_width(wanted) < features
    )


def _start(
    centred: Float[np.ndarray, "samples features"], wanted: int
) -> Float[np.ndarray, "features block"]:
    """The leading directions of some rows, spread evenly: near those of all."""
    width = block_width(wanted)
    rows = centred[:: max(1, len(centred) // max(_START_ROWS, 2 * width))]
    values, vectors = np.linalg.eigh(rows @ rows.T)
    del values
    return rows.T @ vectors[:, ::-1][:, :width]
