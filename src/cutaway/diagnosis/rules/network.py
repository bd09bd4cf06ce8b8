"""What the rules notice in the network: broken values, random weights, dead units."""

from collections.abc import Iterator

from cutaway.diagnosis.findings import Evidence, Finding
from cutaway.diagnosis.rules.words import plural

DEAD_SHARE = 0.05
"""Dead units are a warning when they are more than this share of a layer."""


def _broken(evidence: Evidence) -> Iterator[Finding]:
    if evidence.broken_layers:
        first = evidence.broken_layers[0]
        yield Finding(
            "not a number",
            f"{first} puts out values that are not finite",
            f"{first} is the first of {len(evidence.broken_layers)} layers with NaN or infinite activations. "
            "Look for overflow, a division by zero, or broken weights there.",
            layer=first,
            severity="problem",
        )


def _random_weights(evidence: Evidence) -> Iterator[Finding]:
    if evidence.untrained:
        yield Finding(
            "random weights",
            "The network's weights are random",
            "Every weight is still as it was drawn, so what the layers show says nothing of what can be learned "
            "from the data. Load a checkpoint, train the network, or begin with published weights.",
            severity="problem",
        )
    elif evidence.unmatched:
        count, first = len(evidence.unmatched), ", ".join(evidence.unmatched[:6])
        yield Finding(
            "random weights",
            f"{count} {'entry' if count == 1 else 'entries'} of the network's state {'is' if count == 1 else 'are'} random",
            f"The file that its weights came from did not have them, and no training changed them: {first}"
            f"{' and others' if count > 6 else ''}. Load the checkpoint of this very network, or train it further.",
            severity="problem",
        )
    elif evidence.unseen_norms:
        count = len(evidence.unseen_norms)
        yield Finding(
            "random weights",
            f"{count} BatchNorm {plural('layer', count)} never saw a batch",
            f"Means of 0 and variances of 1 at {', '.join(evidence.unseen_norms[:6])}, while other layers were "
            "trained: their weights may not have been loaded.",
            layer=evidence.unseen_norms[0],
            severity="warning",
        )


def _dead_units(evidence: Evidence) -> Iterator[Finding]:
    earlier: list[int] = []
    for row in evidence.layers.itertuples():
        units = evidence.units[(evidence.units["layer"] == row.layer) & evidence.units["dead"]]
        passed_on, earlier = earlier == units["unit"].tolist(), units["unit"].tolist()
        if row.dead > DEAD_SHARE and not passed_on:
            yield Finding(
                "dead units",
                f"{len(units)} {plural('unit', len(units))} of {row.layer} never {'fires' if len(units) == 1 else 'fire'}",
                f"{row.dead:.0%} of {row.layer} gives the same output for every sample. Dead units take no part "
                "and learn nothing: a lower learning rate, another initialization or a smaller layer would help.",
                "unit_use",
                str(row.layer),
                severity="warning" if row.dead < 0.5 else "problem",
            )


RULES = (
    _broken,
    _random_weights,
    _dead_units,
)
