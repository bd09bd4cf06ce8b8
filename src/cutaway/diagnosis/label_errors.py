"""Labels that look wrong, by confident learning."""

import numpy as np
from jaxtyping import Float, Float64, Int64

from cutaway.diagnosis.predictions import probability_blocks

NONE = -1
"""Stands for a sample whose label raises no suspicion."""


def suspected_labels(
    outputs: Float[np.ndarray, "samples classes"], labels: Int64[np.ndarray, " samples"]
) -> Int64[np.ndarray, " samples"]:
    """The class that each sample likely belongs to, where its label looks wrong.

    A class is confident of a sample where its probability is at least the mean that samples
    labelled so get; a sample is suspected where, of the classes confident of it, another than its
    label is the likeliest. Source: Northcutt, Jiang and Chuang 2021, "Confident Learning",
    arXiv:1911.00068 (the off-diagonal of the confident joint). The probabilities must come from a
    network that did not learn these samples: it would have learned their wrong labels too. A
    network that is often wrong suspects many right labels.

    Args:
        outputs: What the network returned, as `class_probabilities` takes it, such as a memory map.
        labels: As given.

    Returns:
        A class, or −1 where nothing is suspected.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])
        >>> suspected_labels(sure, np.array([0, 0, 1, 1, 1])).tolist()
        [-1, -1, -1, -1, 0]
    """
    classes = outputs.shape[1]
    counts, own = np.bincount(labels, minlength=classes), np.zeros(classes)
    for rows, probabilities in probability_blocks(outputs):
        labelled = labels[rows]
        given = probabilities[np.arange(len(labelled)), labelled]
        own += np.bincount(labelled, given, minlength=classes)
    # No sample can be counted to a class that none is labelled with.
    thresholds = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    found = np.empty(len(labels), np.int64)
    for rows, probabilities in probability_blocks(outputs):
        confident = np.where(probabilities >= thresholds, probabilities, -1.0)
        likeliest = confident.argmax(axis=1)
        told = (confident.max(axis=1) >= 0) & (likeliest != labels[rows])
        found[rows] = np.where(told, likeliest, NONE)
    return found


def by_suspicion(
    probabilities: Float64[np.ndarray, "samples classes"],
    labels: Int64[np.ndarray, " samples"],
    suspected: Int64[np.ndarray, " samples"],
) -> Int64[np.ndarray, " suspects"]:
    """Rows whose labels look wrong, the most suspect first.

    They are ordered by how much likelier the suspected class is than the label.
    """
    rows = np.flatnonzero(suspected != NONE)
    lead = probabilities[rows, suspected[rows]] - probabilities[rows, labels[rows]]
    return rows[np.argsort(-lead, kind="stable")]
