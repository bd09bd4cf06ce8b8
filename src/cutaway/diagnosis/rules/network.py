"""What the rules notice in the network: broken values, random weights, dead units."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import called, listed, plural, share

DEAD_SHARE = 0.05
"""Dead units are a warning when they are more than this share of a layer."""
MOSTLY_DEAD = 0.5
"""And a problem from this share on."""
FEWEST = 10
"""Of fewer samples nothing is said of dead units: they would look dead by chance."""


def _broken(evidence: Evidence) -> Iterator[Finding]:
    if evidence.broken_layers:
        first, count = evidence.broken_layers[0], len(evidence.broken_layers)
        yield Finding(
            "not a number",
            f"{called(first, first=True)} puts out values that are not finite",
            f"{called(first, first=True)} is the first of {count} {plural('layer', count)} with NaN or infinite activations; what "
            "comes after it only passes them on.",
            "unit_use",
            layer=first,
            severity="problem",
            weight=1.0,
        )


def _random_weights(evidence: Evidence) -> Iterator[Finding]:
    figure = "filters" if evidence.convolves else "unit_use"
    if evidence.untrained:
        yield Finding(
            "random weights",
            "The network's weights are random",
            "Every weight is still as it was drawn, so what the layers show says nothing of what can be learned "
            "from the data.",
            figure,
            severity="problem",
            weight=1.0,
            advice="Load a checkpoint, train the network, or begin with published weights.",
        )
        return
    yield from _as_drawn(evidence)
    if evidence.unmatched:
        count, first = len(evidence.unmatched), ", ".join(evidence.unmatched[:6])
        yield Finding(
            "random weights",
            f"{count} {'entry' if count == 1 else 'entries'} of the network's state {'is' if count == 1 else 'are'} random",
            f"The file that its weights came from did not have them, and no training changed them: {first}"
            f"{' and others' if count > 6 else ''}.",
            figure,
            severity="problem",
            weight=share(len({_owner(entry) for entry in evidence.unmatched}), _layers(evidence)),
        )
    elif evidence.unseen_norms:
        count = len(evidence.unseen_norms)
        yield Finding(
            "random weights",
            f"{count} BatchNorm {plural('layer', count)} never saw a batch",
            f"Means of 0 and variances of 1 at {', '.join(evidence.unseen_norms[:6])}, while other layers were "
            "trained: their weights may not have been loaded.",
            figure,
            layer=evidence.unseen_norms[0],
            severity="warning",
            weight=share(count, _layers(evidence)),
        )


def _as_drawn(evidence: Evidence) -> Iterator[Finding]:
    told = {_owner(entry) for entry in evidence.unmatched}
    names = [name for name in evidence.as_drawn if name not in told]
    if not names:
        return
    count = len(names)
    yield Finding(
        "random weights",
        f"No training changed the weights of {called(names[0])}"
        + (f" and {count - 1} {plural('layer', count - 1)} more" if count > 1 else ""),
        f"{', '.join(called(name, first=not place) for place, name in enumerate(names[:6]))}{' and others' if count > 6 else ''}: spread evenly up to the bounds of PyTorch's own "
        "initialization and never beyond, while other layers were trained. They were frozen, left out of the optimizer, "
        "or put in after the training.",
        "filters" if evidence.convolves else "unit_use",
        names[0],
        severity="problem",
        weight=share(count, _layers(evidence)),
        advice="Check requires_grad, and that the optimizer was made after the last layer was replaced and got all "
        "parameters; or load the weights of this layer.",
    )


def _owner(entry: str) -> str:
    return entry.split(maxsplit=1)[0].rpartition(".")[0]


def _layers(evidence: Evidence) -> int:
    """How many layers there are, without the pixels."""
    return max(len(evidence.layers) - 1, 1)


def silent_layers(evidence: Evidence) -> list[str]:
    """The layers of which no unit ever changes, where the network's last layer is one of them."""
    table = evidence.layers[evidence.layers["type"] != "Input"]
    if len(evidence.samples) < FEWEST or table.empty or table["dead"].iloc[-1] < 1:
        return []
    return [str(layer) for layer in table.loc[table["dead"] >= 1, "layer"]]


def _dead_units(evidence: Evidence) -> Iterator[Finding]:
    if len(evidence.samples) < FEWEST:
        return
    earlier: list[int] = []
    silent = silent_layers(evidence)
    if silent:
        yield _silent(evidence, silent)
    for row in evidence.layers.itertuples():
        # Flatten passes on every position of a map.
        if row.type == "Flatten" or row.layer in silent:
            continue
        units = evidence.units[(evidence.units["layer"] == row.layer) & evidence.units["dead"]]
        passed_on, earlier = earlier == units["unit"].tolist(), units["unit"].tolist()
        if row.dead > DEAD_SHARE and len(units) and not passed_on:
            yield Finding(
                "dead units",
                f"{len(units)} {plural('unit', len(units))} of {called(row.layer)} never {'fires' if len(units) == 1 else 'fire'}",
                f"{row.dead:.0%} of {called(row.layer)} gives the same output for every sample: {listed(earlier)}. Dead units "
                "take no part and learn nothing.",
                "unit_use",
                str(row.layer),
                severity="warning" if row.dead < MOSTLY_DEAD else "problem",
                weight=share(len(units), len(evidence.units)),
            )


def _silent(evidence: Evidence, layers: list[str]) -> Finding:
    """One finding for all layers that say nothing: what comes after the first passes it on."""
    units = int(evidence.units["layer"].isin(layers).sum())
    return Finding(
        "dead units",
        f"{called(layers[0], first=True)} gives the same output for every sample",
        "All its units are dead"
        + (
            f", as in {len(layers) - 1} later {plural('layer', len(layers) - 1)}"
            if len(layers) > 1
            else ""
        )
        + ": nothing of the image comes through to the output. The network has died, as after steps that were too large.",
        "unit_use",
        layers[0],
        severity="problem",
        weight=share(units, len(evidence.units)),
        advice="A lower learning rate, a warm-up, normalization, or a leaky activation function would help; train anew.",
    )


RULES = (
    _broken,
    _random_weights,
    _dead_units,
)

KINDS = (
    Kind(
        "not a number",
        "A layer puts out NaN or infinity; the first one is named.",
        "1: every prediction",
        "unit_use",
        "Look for overflow, a division by zero, a logarithm of zero, or broken weights at that layer.",
        "problem",
    ),
    Kind(
        "random weights",
        "Weights are still as they were drawn: all of them, those of some layers, or those that a file did not give.",
        "layers",
        "filters",
        "Load the checkpoint of this very network, or train it further.",
        "problem, or warning where only BatchNorm layers never saw a batch",
    ),
    Kind(
        "dead units",
        "More than a few of a layer's units give the same output for every sample.",
        "units",
        "unit_use",
        "A lower learning rate, another initialization, or a smaller layer would help.",
        "warning, or problem",
        ("DEAD_SHARE", "MOSTLY_DEAD", "FEWEST"),
    ),
)
