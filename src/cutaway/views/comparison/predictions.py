"""Which predictions changed, class by class and image by image, and how sure each network is."""

from typing import Any

from cutaway import plot
from cutaway.diagnosis.changes import LOST, MOVED, WON
from cutaway.study.comparison import Comparison
from cutaway.views.report.pictures import (
    COLUMN,
    THEME,
    WIDE,
    Picture,
    Thumbnail,
    class_name,
    data_uri,
    inline,
)

SHOWN = 20
"""At most so many samples in a row of thumbnails, the surest of the second network first."""


def predictions_section(comparison: Comparison) -> dict[str, Any]:
    """Recall by class, and the samples that were won and lost."""
    first, second = comparison.names
    groups = (
        (WON, f"Won: {first} was wrong, {second} is right"),
        (LOST, f"Lost: {first} was right, {second} is wrong"),
        (MOVED, "Taken for something else than before"),
    )
    return {
        "predictions": {
            "text": _text(comparison),
            "recalls": _recalls(comparison),
            "galleries": [
                {"title": f"{title} ({_count(comparison, change):,})", "samples": samples}
                for change, title in groups
                if (samples := _thumbnails(comparison, change))
            ],
        }
    }


def _text(comparison: Comparison) -> str:
    counts = comparison.counts
    same = counts["samples"] - counts["changed"]
    return (
        f"Both make the same prediction for {same:,} of {counts['samples']:,} samples "
        f"({same / counts['samples']:.1%})."
    )


def _count(comparison: Comparison, change: str) -> int:
    return int((comparison.samples["change"] == change).sum())


def _recalls(comparison: Comparison) -> Picture | None:
    if comparison.recalls is None:
        return None
    title = "Samples of each class that are recognized"
    drawn = plot.compared_recalls(comparison.recalls, comparison.names, theme=THEME, width=WIDE)
    text = "At the right the change, in hundredths."
    return Picture(inline(drawn, title), title, text, wide=True)


def _thumbnails(comparison: Comparison, change: str) -> list[Thumbnail]:
    table = comparison.samples
    own = table[table["change"] == change]
    ranked = own.sort_values("other_confidence", ascending=False, kind="stable")
    return [_thumbnail(comparison, row) for row in ranked.head(SHOWN).to_dict("records")]


def _thumbnail(comparison: Comparison, row: dict[str, Any]) -> Thumbnail:
    study = comparison.first
    before, after = (class_name(study, int(row[key])) for key in ("predicted", "other_predicted"))
    sure, other_sure = f"{row['confidence']:.0%}", f"{row['other_confidence']:.0%}"
    title = class_name(study, int(row["label"])) if "label" in row else f"sample {row['id']}"
    return Thumbnail(
        data_uri(study.thumbnail(int(row["id"]))),
        f"sample {row['id']}: {title}, taken for {before} and then for {after}",
        title,
        f"taken for {before} ({sure}), now {after} ({other_sure})",
        int(row["id"]),
    )


def calibration_section(comparison: Comparison) -> dict[str, Any]:
    """The two reliability diagrams; None where one was not measured."""
    one, other = comparison.first.calibration, comparison.second.calibration
    if one is None or other is None:
        return {"calibration": None}
    pictures = []
    for name, found in zip(comparison.names, (one, other), strict=True):
        title = f"Calibration of {name}"
        drawn = plot.reliability(found, theme=THEME, width=COLUMN)
        pictures.append(Picture(inline(drawn, title), title))
    return {
        "calibration": {
            "text": (
                f"The expected calibration error is {one['error']:.1%} of {comparison.names[0]} "
                f"and {other['error']:.1%} of {comparison.names[1]}: by so much accuracy and "
                "confidence lie "
                "apart. Bars below the diagonal are of a network that is too sure."
            ),
            "pictures": pictures,
        }
    }
