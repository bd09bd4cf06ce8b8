"""What the rules notice where network and data do not belong together: classes numbered or images read otherwise, layers left unread."""

from collections.abc import Iterator

from cutaway.diagnosis.changes import chance_of
from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.guessing import guesses, matched, renumbered
from cutaway.diagnosis.rules.words import called, share

PROBE_LEAD = 0.2
"""A layer is left unread where a linear probe on it is ahead of the network by more than this."""
BETTER = 0.05
"""Images are misread where another way to read them gains at least this share of the predictions."""
CHANCE = 1e-4
"""And where chance would gain as much less often than this."""

_PAIRS, _AS_GOOD = 4, 0.05
_ADVICE = {
    "red and blue exchanged": "OpenCV reads blue, green, red: convert with cv2.COLOR_BGR2RGB, or turn the channels "
    "around by [..., ::-1], on the side that is wrong.",
    "light and dark exchanged": "Subtract the values from their maximum, on the side that is wrong.",
    "rows and columns exchanged": "Exchange height and width, as by transpose(2, 1), on the side that is wrong.",
    "top and bottom exchanged": "Flip the images upside down, on the side that is wrong.",
}


def _class_order(evidence: Evidence) -> Iterator[Finding]:
    moved = renumbered(evidence)
    if not moved:
        return
    studied = evidence.studied
    right = (studied["label"] == studied["predicted"]).mean()
    pairs = [f"{evidence.name(one)} is called {evidence.name(to)}" for one, to in moved.items()]
    wrong = studied[studied["predicted"] == studied["label"].map(moved)]
    yield Finding(
        "class order",
        "Classes are numbered otherwise than in the training",
        f"Most samples of {len(moved)} classes are named as another one, each as one of its own: "
        f"{', '.join(pairs[:_PAIRS])}{' and others' if len(pairs) > _PAIRS else ''}. Renamed one by "
        f"one, {matched(evidence):.1%} would be right and not {right:.1%}.",
        "confusion",
        severity="problem",
        samples=tuple(wrong["id"].head(9).tolist()),
        weight=1.0,
    )


def _unread_layer(evidence: Evidence) -> Iterator[Finding]:
    scored = evidence.layers
    if not evidence.labelled or "probe_accuracy" not in scored or evidence.untrained:
        return
    if renumbered(evidence):
        return
    scored = scored.dropna(subset=["probe_accuracy"])
    if scored.empty:
        return
    studied = evidence.studied
    right = float((studied["label"] == studied["predicted"]).mean())
    best = scored[scored["probe_accuracy"] >= scored["probe_accuracy"].max() - _AS_GOOD]
    layer, probe = str(best["layer"].iloc[-1]), float(best["probe_accuracy"].iloc[-1])
    if probe - right <= PROBE_LEAD:
        return
    yield Finding(
        "unread layer",
        f"{called(layer, first=True)} tells the classes better than the network says: {probe:.1%} against {right:.1%}",
        f"A linear classifier on what {called(layer)} puts out names {probe:.1%} of the samples; the network itself is right "
        f"in {right:.1%}. What tells the classes is there, and what comes after does not use it: it is untrained, was "
        "trained for other classes or images, or its training was too short.",
        "separability",
        layer,
        severity="problem" if guesses(evidence) else "warning",
        weight=share(probe - right, 1.0),
    )


def _misread(evidence: Evidence) -> Iterator[Finding]:
    table = evidence.readings
    if table is None or table.empty:
        return
    gain = (table["gained"] - table["lost"]) / table["samples"]
    best = table.loc[gain.idxmax()]
    if gain.max() < BETTER or chance_of(int(best["gained"]), int(best["lost"])) > CHANCE:
        return
    before = best["right"] / best["samples"]
    yield Finding(
        "misread images",
        f"More is right with {best['reading']}: {before + gain.max():.1%}, not {before:.1%}",
        f"Of {best['samples']:,} samples that were tried, {best['gained']:,} are predicted right only with "
        f"{best['reading']}, and {best['lost']:,} only as they are. Most likely the images of the training were read so.",
        "image",
        severity="problem",
        weight=1.0,
        advice=_ADVICE.get(str(best["reading"]), ""),
    )


RULES = (_misread, _class_order, _unread_layer)

KINDS = (
    Kind(
        "misread images",
        "More predictions are right when images are read in another way: channels in the order of OpenCV, light and "
        "dark, rows and columns, or top and bottom exchanged.",
        "1: every prediction",
        "image",
        "Read images as in the training.",
        "problem",
        ("BETTER", "CHANCE"),
    ),
    Kind(
        "class order",
        "Most samples of some classes are named as another class, each as one of its own.",
        "1: every prediction",
        "confusion",
        "Compare the order of the data's class names with that of the training: folders are read in alphabetical "
        "order, and other tools may number from 1 or by first appearance.",
        "problem",
        ("diagnosis.rules.guessing:MOSTLY", "diagnosis.rules.guessing:TO_GAIN"),
    ),
    Kind(
        "unread layer",
        "A linear classifier on a layer's output names far more samples than the network itself.",
        "predictions: the lead in accuracy",
        "separability",
        "Train the last layers on this data, or load their weights; check that they were trained for these classes.",
        "warning; problem where the network guesses",
        ("PROBE_LEAD",),
    ),
)
