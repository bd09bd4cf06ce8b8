"""The report's sections: each turns a Study into what its part of the page says and shows."""

from typing import Any

from cutaway.views.report.pictures import Picture
from cutaway.views.report.sections.adversarial import adversarial_section
from cutaway.views.report.sections.attribution import attribution_section
from cutaway.views.report.sections.clusters import clusters_section
from cutaway.views.report.sections.cues import cues_section
from cutaway.views.report.sections.data import data_section
from cutaway.views.report.sections.findings import findings_section
from cutaway.views.report.sections.layers import feature_maps_section, filters_section
from cutaway.views.report.sections.maps import maps_section
from cutaway.views.report.sections.masthead import masthead
from cutaway.views.report.sections.network import network_section
from cutaway.views.report.sections.predictions import predictions_section
from cutaway.views.report.sections.units import units_section
from cutaway.views.report.sections.wanted import unit_images_section

__all__ = ["PARTS", "anchors_in"]

PARTS = (
    masthead,
    data_section,
    maps_section,
    clusters_section,
    network_section,
    filters_section,
    feature_maps_section,
    units_section,
    unit_images_section,
    predictions_section,
    cues_section,
    attribution_section,
    adversarial_section,
    findings_section,
)
"""Functions from a Study to template values, in the order of the page."""


def anchors_in(shown: Any) -> set[str]:
    """The ids that links of the page can lead to, of all that sections show."""
    if isinstance(shown, Picture):
        return {shown.anchor} - {""}
    if isinstance(shown, dict):
        own = {shown["anchor"]} if isinstance(shown.get("anchor"), str) else set()
        return own.union(*map(anchors_in, shown.values()))
    found: set[str] = set()
    if isinstance(shown, list | tuple):
        found.update(*map(anchors_in, shown))
    return found
