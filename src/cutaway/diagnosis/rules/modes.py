"""What the rules notice in the network's modes: layers that go by the batch, or were left in training."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import called, plural, share

DIFFERS = 0.02
"""A layer is unsteady where its outputs for the same samples change from batch to batch by more than
this share of their standard deviation: rounding that depends on the batch stays far below."""


def _unsteady_layer(evidence: Evidence) -> str:
    """The first layer that is unsteady; "" where all are steady."""
    if evidence.steadiness is None:
        return ""
    unsteady = evidence.steadiness[evidence.steadiness["change"] > DIFFERS]
    return "" if unsteady.empty else str(unsteady["layer"].iloc[0])


def _unsteady(evidence: Evidence) -> Iterator[Finding]:
    layer = _unsteady_layer(evidence)
    if not layer:
        return
    kinds = dict(zip(evidence.layers["layer"], evidence.layers["type"].astype(str), strict=True))
    norm = "BatchNorm" in kinds.get(layer, "") or layer in set(evidence.norms["layer"])
    cause = _cause(kinds.get(layer, ""), norm=norm)
    yield Finding(
        "train mode",
        f"{called(layer, first=True)} is in train mode, or acts so",
        f"Though the network was put into eval mode, what {called(layer)} makes of a sample depends on the other samples of its "
        f"batch, or on chance{cause}. Every figure from there on depends on how samples were batched.",
        "steadiness",
        layer,
        severity="problem",
        weight=1.0,
    )


def _cause(kind: str, *, norm: bool) -> str:
    if norm:
        return ": it normalizes by the batch, as where track_running_stats=False or eval() does not reach it"
    if "Dropout" in kind:
        return ": it drops values, as where eval() does not reach it"
    return ""


def _left_training(evidence: Evidence) -> Iterator[Finding]:
    names = evidence.left_training
    if not names or _unsteady_layer(evidence):
        return
    count = len(names)
    yield Finding(
        "left in train mode",
        "The network was handed over in train mode",
        f"{count} BatchNorm and dropout {plural('layer', count)} {'was' if count == 1 else 'were'} in train mode: "
        f"{', '.join(names[:4])}{' and others' if count > 4 else ''}. This Study put "
        f"{'it' if count == 1 else 'them'} into eval mode; your own predictions will differ from those here, and "
        "BatchNorm takes in what it is shown.",
        "steadiness",
        names[0],
        severity="warning",
        weight=share(count, len(evidence.layers)),
    )


RULES = (_unsteady, _left_training)

KINDS = (
    Kind(
        "train mode",
        "In eval mode a layer's output for a sample still depends on its batch, or on chance.",
        "1: every prediction",
        "steadiness",
        "Let eval() reach every layer, and BatchNorm keep running statistics; pass training=self.training to "
        "functional dropout and batch_norm.",
        "problem",
        ("DIFFERS",),
    ),
    Kind(
        "left in train mode",
        "BatchNorm or dropout layers were in train mode when the network was handed over.",
        "layers",
        "steadiness",
        "Call model.eval() before you predict.",
        "warning",
    ),
)
