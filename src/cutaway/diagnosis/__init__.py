"""What is right and wrong with a data set and a network: plain arrays in, tables and words out."""

from cutaway.diagnosis.attacks import PixelRange, deepfool, fgsm, pgd
from cutaway.diagnosis.attribution import attribute
from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.layer_geometry import (
    LayerGeometry,
    fisher_ratio,
    layer_geometry,
    silhouette,
)
from cutaway.diagnosis.predictions import (
    class_probabilities,
    confusion_counts,
    notable_samples,
    prediction_table,
)
from cutaway.diagnosis.rules import KINDS, find
from cutaway.diagnosis.separability import Separability, separability
from cutaway.diagnosis.similarity import cka_matrix
from cutaway.diagnosis.units import unit_table
from cutaway.diagnosis.wanted import unit_images

__all__ = [
    "KINDS",
    "Evidence",
    "Finding",
    "Kind",
    "LayerGeometry",
    "PixelRange",
    "Separability",
    "attribute",
    "cka_matrix",
    "class_probabilities",
    "confusion_counts",
    "deepfool",
    "fgsm",
    "find",
    "fisher_ratio",
    "layer_geometry",
    "notable_samples",
    "pgd",
    "prediction_table",
    "separability",
    "silhouette",
    "unit_images",
    "unit_table",
]
