"""What the rules notice in gradients: vanishing and exploding ones."""

from collections.abc import Iterator

import numpy as np

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.network import silent_layers
from cutaway.diagnosis.rules.words import called, plural, share

VANISHING = 1e-3
"""A gradient vanishes where it is below this share of what it is at the network's output."""
EXPLODING = 1e3
"""A gradient explodes where it is above this many times what it is at the network's output."""


def _gradients(evidence: Evidence) -> Iterator[Finding]:
    table = evidence.gradients
    if table is None or table.empty or evidence.broken_layers:  # broken values break gradients
        return
    if silent_layers(evidence):  # none passes these
        return
    learning = table[table["parameter_norm"].notna()]
    broken = table[~np.isfinite(table["norm"])]
    if len(broken):
        layer = str(broken["layer"].iloc[-1])
        yield Finding(
            "exploding gradients",
            f"The gradient at {called(layer)} is no number",
            f"So it is at {len(broken)} {plural('layer', len(broken))} of {len(table)}.",
            "gradients",
            layer,
            severity="problem",
            weight=share(len(broken), len(table)),
            advice="Look for a division by zero, a root or logarithm of zero, or overflow behind it.",
        )
        return
    last = float(table["norm"].iloc[-1])
    if last <= 0 or learning.empty:
        return
    shares = learning["norm"].to_numpy() / last
    least, most = int(shares.argmin()), int(shares.argmax())
    if shares[least] < VANISHING:
        layer = str(learning["layer"].iloc[least])
        yield Finding(
            "vanishing gradients",
            f"The gradient vanishes on its way back to {called(layer)}",
            f"It is {shares[least]:.1g} of what it is at the output, and below a thousandth at {int((shares < VANISHING).sum())} of {len(shares)} "
            "layers with parameters: these hardly learn.",
            "gradients",
            layer,
            severity="warning",
            weight=share(int((shares < VANISHING).sum()), len(shares)),
        )
    if shares[most] > EXPLODING:
        layer = str(learning["layer"].iloc[most])
        yield Finding(
            "exploding gradients",
            f"The gradient explodes on its way back to {called(layer)}",
            f"It is {shares[most]:,.0f} times what it is at the output, and above a thousand times at {int((shares > EXPLODING).sum())} of {len(shares)} "
            "layers with parameters.",
            "gradients",
            layer,
            severity="warning",
            weight=share(int((shares > EXPLODING).sum()), len(shares)),
        )


RULES = (_gradients,)

KINDS = (
    Kind(
        "vanishing gradients",
        "The gradient at a layer with parameters is a small share of what it is at the output.",
        "layers with parameters",
        "gradients",
        "ReLU in place of sigmoid or tanh, normalization, shortcuts, or larger initial weights would help.",
        "warning",
        ("VANISHING",),
    ),
    Kind(
        "exploding gradients",
        "The gradient at a layer with parameters is many times what it is at the output, or no number.",
        "layers with parameters",
        "gradients",
        "Smaller initial weights, normalization, a lower learning rate, or clipping would help.",
        "warning; problem where it is no number",
        ("EXPLODING",),
    ),
)
