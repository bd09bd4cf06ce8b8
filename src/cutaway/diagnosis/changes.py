"""What becomes of predictions and findings from one network to another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from cutaway.diagnosis.findings import Finding

KEPT, WON, LOST, MOVED = "kept", "won", "lost", "moved"
"""The same prediction; wrong before and right after; right before and wrong after; another
prediction, wrong in both or without labels."""


def changes(
    before: Int64[np.ndarray, " samples"],
    after: Int64[np.ndarray, " samples"],
    labels: Int64[np.ndarray, " samples"] | None = None,
) -> np.ndarray:
    """What becomes of each prediction, in a word.

    Args:
        before: Predicted classes of the first network.
        after: Of the second, for the same samples.
        labels: True classes, or None.

    Returns:
        "kept", "won", "lost" or "moved" for each sample.

    Example:
        >>> changes(np.array([0, 1, 1, 2]), np.array([0, 0, 2, 0]), np.array([0, 0, 1, 1])).tolist()
        ['kept', 'won', 'lost', 'moved']
    """
    words = np.where(before == after, KEPT, MOVED).astype("U5")
    if labels is not None:
        words[(before != labels) & (after == labels)] = WON
        words[(before == labels) & (after != labels)] = LOST
    return words


def chance_of(won: int, lost: int) -> float:
    """The probability of a split as uneven as this, were both networks equally good.

    The exact form of McNemar's test: samples that only one of the two predicts right fall to either
    like coins. Source: McNemar 1947; for classifiers Dietterich 1998.

    Args:
        won: How many only the second predicts right.
        lost: How many only the first does.

    Example:
        >>> chance_of(3, 3), round(chance_of(10, 0), 4)
        (1.0, 0.002)
    """
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


@dataclass(frozen=True)
class FindingChanges:
    """What became of findings.

    Attributes:
        came: Those that only the second has.
        went: Those that only the first has.
        stayed: Those of the same kind and layer, in the words of either.
    """

    came: tuple[Finding, ...]
    went: tuple[Finding, ...]
    stayed: tuple[tuple[Finding, Finding], ...]


def finding_changes(before: Sequence[Finding], after: Sequence[Finding]) -> FindingChanges:
    """Which findings came and went; two are the same where kind and layer are.

    Example:
        >>> dead, wide = Finding("dead units", "", "", layer="fc"), Finding("too wide", "", "")
        >>> found = finding_changes([dead], [wide, dead])
        >>> [finding.kind for finding in found.came], len(found.stayed)
        (['too wide'], 1)
    """
    left = list(after)
    went, stayed = [], []
    for finding in before:
        same = next((one for one in left if _about(one) == _about(finding)), None)
        if same is None:
            went.append(finding)
        else:
            left.remove(same)
            stayed.append((finding, same))
    return FindingChanges(tuple(left), tuple(went), tuple(stayed))


def _about(finding: Finding) -> tuple[str, str]:
    return finding.kind, finding.layer
