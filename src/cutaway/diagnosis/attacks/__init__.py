"""Small changes of an image that turn a network's prediction over, and how small they can be."""

from cutaway.diagnosis.attacks.deepfool import Turned, deepfool
from cutaway.diagnosis.attacks.ladder import EPSILONS, LADDERS, climb
from cutaway.diagnosis.attacks.parting import relative_distances
from cutaway.diagnosis.attacks.pixel_range import PixelRange
from cutaway.diagnosis.attacks.robustness import Association, association, robustness_by_surety
from cutaway.diagnosis.attacks.sign import fgsm, pgd

__all__ = [
    "EPSILONS",
    "LADDERS",
    "Association",
    "PixelRange",
    "Turned",
    "association",
    "climb",
    "deepfool",
    "fgsm",
    "pgd",
    "relative_distances",
    "robustness_by_surety",
]
