"""What the figures of complexity mean, in plain words."""

from cutaway.diagnosis.complexity import (
    PATCHES,
    PCA_MAP,
    PIXELS,
    TSNE_MAP,
    Complexity,
)

DEPTHS = {
    "linear": "A linear model will do: no hidden layer.",
    "mlp": "A multilayer perceptron will do: one or two hidden layers, no convolution.",
    "convolutional": "A small convolutional network: one or two convolutional layers.",
    "deep": "A deep convolutional network: several convolutional layers one after the other.",
    "more": "More than these can do, and not by convolution: more images, or a larger MLP.",
    "few": "Too few images to tell, or too few of all classes but the largest.",
    "unclear": "These images do not tell their classes: look at labels and images first.",
}
"""The depth that each recommendation stands for."""


def facts(found: Complexity) -> list[tuple[str, str]]:
    """The figures as names and values in words."""
    counts = ", ".join(f"{n:,} for {share:.0%}" for share, n in found.components)
    dimensions = [
        f"{value:.1f} by {way}"
        for value, way in (
            (found.two_nearest_dimension, "TwoNN"),
            (found.likely_dimension, "maximum likelihood"),
        )
        if value is not None
    ]
    rows = [
        ("Looked at", f"{found.samples:,} images of {found.features:,} numbers"),
        ("Principal components", f"{counts} of the variance"),
        ("Intrinsic dimension", ", ".join(dimensions) or "cannot be told"),
    ]
    if not found.scores:
        return [*rows, ("Classes", "none to tell apart, so nothing is recommended")]
    for features in (PIXELS, PCA_MAP, TSNE_MAP, PATCHES):
        reached = [
            f"{one.classifier} {one.accuracy:.1%}"
            for one in found.scores
            if one.features == features
        ]
        if reached:
            rows.append((f"From {features}", ", ".join(reached) + " right"))
    return [*rows, ("By guessing", f"{found.guessing:.1%}")]


def recommendation(found: Complexity) -> str:
    """What is recommended, and the evidence for it.

    Example:
        >>> from cutaway.diagnosis.complexity import complexity
        >>> print(recommendation(complexity("digits")).split(".")[0])
        A linear model will do: no hidden layer
    """
    if found.recommendation is None:
        return (
            "Without labels of two classes or more, and several images of one, nothing can be said "
            "about the network that the data needs."
        )
    linear = found.accuracy(PIXELS, "linear")
    mlp = found.accuracy(PIXELS, "MLP")
    nearest = found.accuracy(PIXELS, "k-NN")
    convolution = found.accuracy(PATCHES, "linear")
    learned = round(0.8 * found.samples)
    evidence = (
        f"Of held-out images, after learning from {learned:,}, a linear model gets {linear:.1%} "
        f"right from pixels, an MLP {mlp:.1%}, nearest neighbours {nearest:.1%}, and a linear "
        f"model behind one convolution that nobody trained {convolution:.1%}"
    )
    return f"{DEPTHS[found.recommendation]} {evidence}; {_aim(found)}."


def _aim(found: Complexity) -> str:
    guessed = f"guessing gets {found.guessing:.1%}"
    if found.recommendation == "unclear":
        return guessed
    if found.recommendation == "few":
        return f"{guessed}, and of so few that are held out more may be chance"
    missed = f"none reaches the {found.target:.0%} asked for"
    return {
        "deep": f"{missed}, and convolution helps",
        "more": f"{missed}, and convolution helps little",
    }.get(str(found.recommendation), f"{found.target:.0%} was asked for")
