"""Maps of both networks side by side, the second's turned onto the first's."""

from typing import Any

from cutaway import plot
from cutaway.study.comparison import Comparison
from cutaway.views.gallery import METHOD_NAMES
from cutaway.views.report.pictures import COLUMN, THEME, Picture, inline

SHOWN = 3
"""So many pairs of maps, t-SNE and UMAP and the deepest layers first."""


def maps_section(comparison: Comparison) -> dict[str, Any]:
    """Pairs of maps; None where the two have none in common."""
    held = comparison.maps()[:SHOWN]
    if not held:
        return {"maps": None}
    return {
        "maps": {
            "text": (
                "The same samples on both maps. The second is turned, mirrored, scaled and shifted "
                "as a whole so that it lies on the first as well as it can: what has moved, has "
                "moved in the network, or by the map's own freedom."
            ),
            "pairs": [_pair(comparison, *each) for each in held],
        }
    }


def _pair(comparison: Comparison, layer: str, other: str, method: str) -> dict[str, Any]:
    table, names = comparison.samples, comparison.first.class_names or None
    labels = table["label"].to_numpy() if "label" in table else None
    places = comparison.places(layer, other, method)
    pictures = []
    for name, own, points in zip(comparison.names, (layer, other), places, strict=True):
        title = f"{METHOD_NAMES[method]} of {own}, {name}"
        drawn = plot.map(points, labels, class_names=names, theme=THEME, width=COLUMN)
        alternative = f"{title}: {len(points):,} samples"
        pictures.append(Picture(inline(drawn, alternative), title, kind="points"))
    same = layer if layer == other else f"{layer} and {other}"
    return {"title": f"After {same}, by {METHOD_NAMES[method]}", "pictures": pictures}
