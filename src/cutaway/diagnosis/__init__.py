"""What is right and wrong with a data set and a network: plain arrays in, tables and words out."""

from cutaway.diagnosis.attacks import PixelRange, deepfool, fgsm, pgd
from cutaway.diagnosis.findings import Evidence, Finding
from cutaway.diagnosis.predictions import (
    class_probabilities,
    confusion_counts,
    notable_samples,
    prediction_table,
)
from cutaway.diagnosis.rules import find
from cutaway.diagnosis.separability import Separability, separability
from cutaway.diagnosis.units import unit_table

__all__ = [
    "Evidence",
    "Finding",
    "PixelRange",
    "Separability",
    "class_probabilities",
    "confusion_counts",
    "deepfool",
    "fgsm",
    "find",
    "notable_samples",
    "pgd",
    "prediction_table",
    "separability",
    "unit_table",
]
