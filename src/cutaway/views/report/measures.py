"""What is measured of every layer, in words and with as many digits as it deserves."""

import pandas as pd

Measure = tuple[str, str, str]

MEASURES: tuple[Measure, ...] = (
    ("knn_accuracy", "Ten nearest neighbours right", "{:.1%}"),
    ("probe_accuracy", "Linear probe right", "{:.1%}"),
    ("fisher", "Fisher ratio", "{:.3f}"),
    ("silhouette", "Silhouette", "{:.3f}"),
    ("intrinsic_dimension", "Intrinsic dimension", "{:.1f}"),
)
"""Column of the table of layers, its name, and how its values are written."""


def in_digits(value: float, form: str) -> str:
    """A value as it stands on a page; a dash where it was not measured.

    Example:
        >>> in_digits(0.5, "{:.1%}"), in_digits(-1.0, "{:.1f}"), in_digits(float("nan"), "{}")
        ('50.0%', '−1.0', '–')
    """
    return "–" if pd.isna(value) else form.format(value).replace("-", "−")
