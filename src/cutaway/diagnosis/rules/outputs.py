"""What the rules notice in what the network ends in: a softmax or a sigmoid of its own."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind


def _ends_in(evidence: Evidence) -> Iterator[Finding]:
    if evidence.output_form == "probabilities":
        yield Finding(
            "softmax at the end",
            "The network ends in a softmax",
            "Its outputs lie between 0 and 1 and sum to one, and are taken as they are. A loss that takes logits, such as "
            "nn.CrossEntropyLoss, applies a second softmax: training slows down and the network becomes too sure.",
            "calibration",
        )
    elif evidence.output_form == "shares":
        yield Finding(
            "sigmoid at the end",
            "The network puts out a value between 0 and 1 for each class",
            "Its outputs do not sum to one, as of a sigmoid for each class. Probabilities here are their shares of the sum.",
            "calibration",
        )


RULES = (_ends_in,)

KINDS = (
    Kind(
        "softmax at the end",
        "The network's outputs are probabilities already.",
        "nothing: it is good to know",
        "calibration",
        "If nn.CrossEntropyLoss trained it, take the softmax out and train anew; else keep nn.NLLLoss on the logarithm.",
    ),
    Kind(
        "sigmoid at the end",
        "The network's outputs lie between 0 and 1 and do not sum to one.",
        "nothing: it is good to know",
        "calibration",
        "Where each sample has one class only, a softmax over all classes and cross-entropy learn faster.",
    ),
)
