"""Filters of every convolution, and what they make of one image."""

from typing import Any

from cutaway.study import Study
from cutaway.views.gallery import draw, telling_sample
from cutaway.views.report.pictures import COLUMN, THEME, Picture, class_name, inline


def filters_section(study: Study) -> dict[str, Any]:
    """What the section `filters` shows."""
    if not study.filters:
        return {"filters": {"text": "The network has no convolution.", "pictures": []}}
    return {
        "filters": {
            "text": (
                "The weights that each convolution slides over its input. Smooth patches blur, a "
                "bright centre in a dark surround sharpens, light beside dark finds edges; deeper "
                "filters read other channels and say little to the eye."
            ),
            "pictures": [_filters(study, layer) for layer in study.filters],
        }
    }


def _filters(study: Study, layer: str) -> Picture:
    filters, channels, height, width = study.filters[layer].shape
    title = f"Filters of {layer}"
    text = f"{filters} filters of {height}×{width}"
    if channels == 3:
        text += ", in the colours they weigh."
    else:
        text += f" over {channels} channels; the strongest is drawn." if channels > 1 else "."
    return Picture(
        inline(draw(study, "filters", layer=layer, theme=THEME, width=COLUMN, titled=False), title),
        title,
        text,
    )


def feature_maps_section(study: Study) -> dict[str, Any]:
    """What the section `feature_maps` shows."""
    sample = telling_sample(study)
    if not study.filters:
        return {"feature_maps": {"text": "The network has no convolution.", "pictures": []}}
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
        }
    }


def _feature_maps(study: Study, layer: str, sample: int) -> Picture:
    channels, height, width = study.activations(layer, sample).shape
    title = f"Feature maps of {layer}"
    figure = draw(
        study, "feature_maps", layer=layer, sample=sample, theme=THEME, width=COLUMN, titled=False
    )
    return Picture(inline(figure, title), title, f"{channels} maps of {height}×{width}.")
