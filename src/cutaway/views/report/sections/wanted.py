"""What units want to see: an image for each of some units, beside the sample that moves it most."""

from typing import Any

from cutaway.study import Study
from cutaway.study.wanted import layers_with_unit_images
from cutaway.views.report.pictures import COLUMN, Picture, picture_of

_FOUND = (
    "Images found by optimization: beginning with noise, each step changes the image so that one "
    "unit answers more strongly to it. Under each stands the sample that moves the unit most. They "
    "show one thing a unit answers to, not all of them."
)


def unit_images_section(study: Study) -> dict[str, Any]:
    """What the section `unit_images` shows; None in a Study that was not deep."""
    held = layers_with_unit_images(study)
    left_out = list((study.record.get("unit_images") or {}).get("skipped", {}).values())
    if not held and not left_out:
        return {"unit_images": None}
    return {
        "unit_images": {
            "text": " ".join([_FOUND] * bool(held) + [f"Left out: {each}." for each in left_out]),
            "pictures": [_picture(study, layer, entry["units"]) for layer, entry in held.items()],
        }
    }


def _picture(study: Study, layer: str, units: list[int]) -> Picture:
    title = f"What units of {layer} want to see"
    total = int((study.units["layer"] == layer).sum())
    text = f"{len(units)} of {total} units."
    return picture_of(
        study, "unit_images", title, text, layer=layer, width=COLUMN, units=tuple(units)
    )
