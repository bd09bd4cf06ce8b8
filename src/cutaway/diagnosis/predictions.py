"""From a network's outputs to predictions: how sure, how right, and which samples to look at."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64
from scipy.special import entr, log_softmax, softmax

from cutaway.errors import InputError

_LEAST = np.finfo(np.float64).tiny
# Of fewer samples all logits may lie between 0 and 1 by chance.
_FEWEST_SHARES = 16
_BLOCK = 4096


def class_probabilities(
    outputs: Float[np.ndarray, "samples classes"], form: str | None = None
) -> Float[np.ndarray, "samples classes"]:
    """Probability of each class, by softmax unless the outputs are probabilities already.

    Outputs whose rows lie in [0, 1] and sum to one are taken for probabilities: a network that
    ends in a softmax gives those. Where all lie in [0, 1] and rows do not sum to one, as of a
    network that ends in a sigmoid a class, each is divided by its row's sum.

    Args:
        outputs: Final activations, shape (samples, classes).
        form: What they are, as `output_form` tells of all samples; by default of these alone.

    Returns:
        Float64, shape (samples, classes), rows sum to one.

    Example:
        >>> import numpy as np
        >>> class_probabilities(np.array([[0.0, 0.0]]))
        array([[0.5, 0.5]])
    """
    exact = outputs.astype(np.float64)
    form = form or output_form(exact)
    if form == "shares":
        exact = np.clip(exact, _LEAST, None)
        return exact / exact.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):  # where an output is infinite, nothing can be said
        return exact if form == "probabilities" else softmax(exact, axis=1)


def probability_blocks(
    outputs: Float[np.ndarray, "samples classes"],
) -> Iterator[tuple[slice, Float[np.ndarray, "rows classes"]]]:
    """The probabilities of some thousand samples at a time, for outputs that are a memory map.

    Yields:
        The rows, and what `class_probabilities` of all outputs gives for them.
    """
    form = output_form(outputs)
    for rows in _blocks(outputs):
        yield rows, class_probabilities(outputs[rows], form)


def output_form(outputs: Float[np.ndarray, "samples classes"]) -> str:
    """What final activations are, told by their values over a data set.

    Returns:
        "probabilities" where rows lie in [0, 1] and sum to one, "shares" where they lie in [0, 1]
        and do not, as behind a sigmoid; else "logits", as for fewer than sixteen rows of shares,
        which may lie there by chance.

    Example:
        >>> output_form(np.full((16, 2), 0.9)), output_form(np.array([[2.0, 0.0]]))
        ('shares', 'logits')
    """
    if not outputs.size or not (outputs.min() >= 0 and outputs.max() <= 1):
        return "logits"
    sums = outputs.sum(axis=1, dtype=np.float64)
    if np.allclose(sums, 1, atol=1e-4):
        return "probabilities"
    return "shares" if len(outputs) >= _FEWEST_SHARES else "logits"


def prediction_table(
    outputs: Float[np.ndarray, "samples classes"],
    labels: Int64[np.ndarray, " samples"] | None = None,
) -> pd.DataFrame:
    """A row a sample: predicted class, confidence, margin, entropy and, with labels, the loss.

    Args:
        outputs: Final activations, shape (samples, classes).
        labels: True classes, shape (samples,), or None.

    Returns:
        Columns `predicted` (Int64), `confidence` (probability of the predicted class, in [0, 1]),
        `margin` (its lead over the second class, in [0, 1]), `entropy` (of all probabilities, in
        nats: 0 where the network is certain) and `loss` (cross-entropy in nats), which is absent
        without labels.

    Raises:
        InputError: A label lies outside the classes the network knows.

    Example:
        >>> import numpy as np
        >>> prediction_table(np.array([[2.0, 0.0]]), np.array([0])).round(3).to_dict("records")
        [{'predicted': 0, 'confidence': 0.881, 'margin': 0.762, 'entropy': 0.365, 'loss': 0.127}]
    """
    if labels is not None:
        _require_known(labels, outputs.shape[1])
    form = output_form(outputs)
    parts = [
        _predictions(outputs[rows], None if labels is None else labels[rows], form)
        for rows in _blocks(outputs)
    ]
    return pd.concat(parts, ignore_index=True)


def confusion_counts(
    labels: Int64[np.ndarray, " samples"], predicted: Int64[np.ndarray, " samples"], classes: int
) -> Int64[np.ndarray, "classes classes"]:
    """How often each true class (row) was predicted as each class (column).

    Example:
        >>> import numpy as np
        >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        array([[1, 1],
               [0, 1]])
    """
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


@dataclass(frozen=True)
class NotableSamples:
    """Rows of samples worth a look, each ordered from the most telling; empty without labels."""

    surest_right: tuple[int, ...]
    surest_wrong: tuple[int, ...]
    least_sure_right: tuple[int, ...]
    least_sure_wrong: tuple[int, ...]

    def to_dict(self) -> dict[str, list[int]]:
        """The same as plain JSON."""
        return {name: list(rows) for name, rows in asdict(self).items()}


def notable_samples(samples: pd.DataFrame, count: int = 9) -> NotableSamples:
    """The surest and least sure right and wrong predictions.

    Args:
        samples: Columns `label`, `predicted` and `confidence`.
        count: At most so many of each.

    Returns:
        Row positions in `samples`. Ties in confidence go to the earlier row.
    """
    right = (samples["label"] == samples["predicted"]).to_numpy()
    confidence = samples["confidence"].to_numpy()
    order = np.argsort(-confidence, kind="stable")
    reverse = np.argsort(confidence, kind="stable")

    def first(rows: np.ndarray, chosen: np.ndarray) -> tuple[int, ...]:
        return tuple(int(row) for row in rows[chosen[rows]][:count])

    return NotableSamples(
        surest_right=first(order, right),
        surest_wrong=first(order, ~right),
        least_sure_right=first(reverse, right),
        least_sure_wrong=first(reverse, ~right),
    )


def _predictions(
    outputs: Float[np.ndarray, "rows classes"], labels: Int64[np.ndarray, " rows"] | None, form: str
) -> pd.DataFrame:
    probabilities = class_probabilities(outputs, form)
    ranked = np.sort(probabilities, axis=1)
    runner_up = ranked[:, -2] if ranked.shape[1] > 1 else np.zeros(len(ranked))
    columns = {
        "predicted": probabilities.argmax(axis=1).astype(np.int64),
        "confidence": ranked[:, -1],
        "margin": ranked[:, -1] - runner_up,
        "entropy": entr(probabilities).sum(axis=1),
    }
    if labels is not None:
        columns["loss"] = _cross_entropy(outputs, labels, form)
    return pd.DataFrame(columns)


def _blocks(outputs: np.ndarray) -> list[slice]:
    """Ranges of rows; one that is empty where there is none."""
    return [slice(at, at + _BLOCK) for at in range(0, max(len(outputs), 1), _BLOCK)]


def _require_known(labels: np.ndarray, classes: int) -> None:
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise InputError(
            f"labels run from {labels.min()} to {labels.max()}, and the network has {classes} "
            f"outputs; expected labels from 0 to {classes - 1}. Is this the network for this data?"
        )


def _cross_entropy(outputs: np.ndarray, labels: np.ndarray, form: str) -> np.ndarray:
    if form != "logits":
        logarithms = np.log(np.clip(class_probabilities(outputs, form), _LEAST, None))
    else:
        with np.errstate(invalid="ignore"):
            logarithms = log_softmax(outputs.astype(np.float64), axis=1)
    return np.asarray(-logarithms[np.arange(len(labels)), labels])
