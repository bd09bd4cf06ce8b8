"""Which pixels a prediction comes from, and whether such pictures depend on the network at all."""

from cutaway.diagnosis.attribution.methods import METHODS, attribute, spatial_layer
from cutaway.diagnosis.attribution.sanity import randomized, rank_agreement, sanity

__all__ = [
    "METHODS",
    "attribute",
    "randomized",
    "rank_agreement",
    "sanity",
    "spatial_layer",
]
