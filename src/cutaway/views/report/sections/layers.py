"""Filters of every convolution, and what they make of one image."""

from collections import Counter
from typing import Any

from cutaway.diagnosis.effects import effect_kind
from cutaway.study import Study
from cutaway.views.gallery import telling_sample
from cutaway.views.gallery.fields import map_layers
from cutaway.views.report.pictures import COLUMN, Picture, class_name, picture_of, shown_first

SHOWN = 12
"""Of more convolutions the later ones are folded away."""


def filters_section(study: Study) -> dict[str, Any]:
    """What the section `filters` shows."""
    if not study.filters:
        return {
            "filters": {
                "text": "The network has no convolution.",
                "effects": "",
                "sorted": None,
                "pictures": [],
                "shown": 0,
            }
        }
    return {
        "filters": {
            "text": (
                "The weights that each convolution slides over its input. Smooth patches blur, a "
                "bright centre in a dark surround sharpens, light beside dark finds edges; deeper "
                "filters read other channels and say little to the eye."
            ),
            "effects": _effects(study),
            "sorted": _sorted(study),
            "pictures": [_filters(study, layer) for layer in study.filters],
            "shown": shown_first(len(study.filters), SHOWN),
        }
    }


def _first_effects(study: Study) -> list[str]:
    """What each filter of the first convolution does; empty where they were not named."""
    if "effect" not in study.units or not study.filters:
        return []
    first = next(iter(study.filters))
    return list(study.units.loc[study.units["layer"] == first, "effect"])


def _effects(study: Study) -> str:
    """One sentence on what the first layer's filters do, commonest first."""
    effects = _first_effects(study)
    if not effects:
        return ""
    counts = Counter(effect_kind(effect) or "silent" for effect in effects).most_common()
    said = ", ".join(f"{count} {kind}" for kind, count in counts)
    return (
        f"By their frequency response, the {len(effects)} filters of {next(iter(study.filters))} "
        f"are: {said}."
    )


def _sorted(study: Study) -> Picture | None:
    if not _first_effects(study):
        return None
    title = f"What the filters of {next(iter(study.filters))} do"
    text = "Under each filter its number, and the angle of edges, from the horizontal."
    return picture_of(study, "filter_effects", title, text)


def _filters(study: Study, layer: str) -> Picture:
    filters, channels, height, width = study.filters[layer].shape
    title = f"Filters of {layer}"
    text = f"{filters} filters of {height}×{width}"
    if channels == 3:
        text += ", in the colours they weigh."
    else:
        text += f" over {channels} channels; the strongest is drawn." if channels > 1 else "."
    return picture_of(study, "filters", title, text, layer=layer, width=COLUMN)


def feature_maps_section(study: Study) -> dict[str, Any]:
    """What the section `feature_maps` shows."""
    sample = telling_sample(study)
    if not study.filters:
        return {
            "feature_maps": {
                "text": "The network has no convolution.",
                "pictures": [],
                "shown": 0,
                "over": None,
            }
        }
    of = f"sample {sample}"
    if study.labelled:
        of += f", class {class_name(study, int(study.samples['label'].iloc[sample]))}"
    return {
        "feature_maps": {
            "text": (
                f"What each filter makes of one image ({of}). Early maps still look like the "
                "picture, blurred, sharpened or inverted; deeper ones are coarser and stand for "
                "parts that no longer look like anything."
            ),
            "pictures": [_feature_maps(study, layer, sample) for layer in study.filters],
            "shown": shown_first(len(study.filters), SHOWN),
            "over": _over_image(study, sample),
        }
    }


def _over_image(study: Study, sample: int) -> Picture | None:
    if not map_layers(study):
        return None
    layer = map_layers(study)[-1]
    title = f"Feature maps of {layer} over the image"
    text = (
        "The maps with the highest values, in orange where they are high; the frame is all that "
        "the highest position sees."
    )
    return picture_of(study, "feature_maps_over_image", title, text, layer=layer, sample=sample)


def _feature_maps(study: Study, layer: str, sample: int) -> Picture:
    channels, height, width = study.activations(layer, sample).shape
    title = f"Feature maps of {layer}"
    text = f"{channels} maps of {height}×{width}."
    return picture_of(study, "feature_maps", title, text, layer=layer, sample=sample, width=COLUMN)
