"""Whether a network's single predictions tell anything: not where it guesses or numbers classes anew."""

import pandas as pd

from cutaway.diagnosis.evidence import Evidence

CHANCE_FACTOR = 1.5
"""A network is called no better than guessing below this many times the accuracy of guessing."""
CHANCE_LEAD = 0.06
"""And where it is ahead of guessing by less than this share of what guessing leaves to gain."""
MOSTLY = 0.5
"""A class is named as another one where more than this share of its samples are."""
TO_GAIN = 0.1
"""And classes are numbered anew where renaming them one by one makes more than this share more right."""
_FEWEST = 5


def guesses(evidence: Evidence) -> bool:
    """Whether predictions are hardly better than always naming the most frequent class.

    So it must be over all samples and with every class counted alike: where nearly all samples are
    of one class, a network that finds the others may still be right less often than one that
    always names it.
    """
    if not evidence.labelled:
        return False
    studied = evidence.studied
    right = studied["label"] == studied["predicted"]
    by_class = right.groupby(studied["label"]).mean()
    if len(by_class) < 2:
        return False
    guessing = float(studied["label"].value_counts(normalize=True).max())
    return _near_chance(float(right.mean()), guessing) and _near_chance(
        float(by_class.mean()), 1 / len(by_class)
    )


def _near_chance(right: float, guessing: float) -> bool:
    return right < min(CHANCE_FACTOR * guessing, guessing + CHANCE_LEAD * (1 - guessing))


def telling(evidence: Evidence) -> bool:
    """Whether single errors say something: not of a network that guesses, or numbers classes anew."""
    return evidence.labelled and not guesses(evidence) and not renumbered(evidence)


def renumbered(evidence: Evidence) -> dict[int, int]:
    """Classes of which most samples are named as another class, each as one of its own.

    Classes of fewer than five samples are left out, and so is a single one.
    """
    if not evidence.labelled:
        return {}
    studied = evidence.studied
    counts = pd.crosstab(studied["label"], studied["predicted"])
    shares = counts.div(counts.sum(axis=1), axis=0)[counts.sum(axis=1) >= _FEWEST]
    most = shares.idxmax(axis=1)[shares.max(axis=1) > MOSTLY]
    named = most.value_counts()
    moved = {int(a): int(b) for a, b in most.items() if a != b and named[b] == 1}
    gain = matched(evidence) - float((studied["label"] == studied["predicted"]).mean())
    return moved if len(moved) > 1 and gain > TO_GAIN else {}


def matched(evidence: Evidence) -> float:
    """The accuracy were classes renamed one by one so that most is right (Kuhn 1955)."""
    from scipy.optimize import linear_sum_assignment

    counts = pd.crosstab(evidence.studied["label"], evidence.studied["predicted"]).to_numpy()
    return float(counts[linear_sum_assignment(-counts)].sum() / counts.sum())
