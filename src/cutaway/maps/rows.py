"""Reading the rows that a caller gives an estimator."""

from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from cutaway.errors import InputError


def read_rows(
    estimator: BaseEstimator,
    X: Any,
    *,
    reset: bool,
    minimum: int = 1,
    dtypes: tuple[type, ...] = (np.float64, np.float32),
) -> Float[np.ndarray, "samples features"]:
    """`X` as a matrix of finite numbers, one row a sample, in the precision that it came in.

    Args:
        estimator: Whose number and names of features are recorded (`reset`) or compared.
        X: Array, data frame or nested list; integers of up to 16 bits become float32, all other
            numbers but float32 become float64.
        reset: Whether this is the first sight of the data.
        minimum: Least number of rows.
        dtypes: Precisions that are kept; others become the first.

    Raises:
        InputError: X is not such a matrix, or has other features than in `fit`.
        TypeError: X is sparse.
    """
    if not reset and _is_ready(estimator, X, dtypes) and len(X) >= minimum:
        return X
    dtype = getattr(X, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "ui" and dtype.itemsize <= 2:
        dtypes = (np.float32,)
    try:
        return validate_data(
            estimator, X, reset=reset, dtype=list(dtypes), order="C", ensure_min_samples=minimum
        )
    except ValueError as error:
        raise InputError(_with_next_step(X, str(error))) from error


def _is_ready(estimator: BaseEstimator, X: Any, dtypes: tuple[type, ...]) -> bool:
    """Whether `X` is already what would be returned.

    scikit-learn takes longer to find that out than it takes to place a row.
    """
    return (
        type(X) is np.ndarray
        and X.ndim == 2
        and X.dtype in dtypes
        and X.flags.c_contiguous
        and X.shape[1] == getattr(estimator, "n_features_in_", None)
        and not hasattr(estimator, "feature_names_in_")
        and bool(np.isfinite(X).all())
    )


def _with_next_step(X: Any, message: str) -> str:
    if getattr(X, "ndim", 2) > 2:
        return f"{message} Give one row a sample, as X.reshape(len(X), -1) does."
    first = message.partition("\n")[0]
    if "NaN" in first or "infinity" in first:
        return f"{first} Fill in or leave out those rows."
    return message


def require_count(name: str, received: Any, *, most: int | None = None) -> None:
    """Raises InputError unless the argument `name` is a whole number from 1 to `most`."""
    whole = isinstance(received, (int, np.integer)) and not isinstance(received, bool)
    if not whole or received < 1 or (most is not None and received > most):
        bound = "1 or more" if most is None else f"1 to {most}, the number of features of X"
        raise InputError(f"{name}={received!r}; expected a whole number, {bound}")
