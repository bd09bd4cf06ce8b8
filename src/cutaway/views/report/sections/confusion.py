"""What is taken for what: the confusion matrix, and its worst pairs as a table."""

from typing import Any

from cutaway.diagnosis.confusion import confused_pairs
from cutaway.study import Study
from cutaway.views.gallery.predictions import MOST_NAMED, confused
from cutaway.views.report.pictures import WIDE, class_name, picture_of

PAIRS = 10
"""So many of the most confused pairs are listed."""


def confusion_part(study: Study) -> dict[str, Any]:
    """What the section `predictions` says of confused classes; None without labels."""
    if not study.labelled:
        return {"confusion": None}
    counts = confused(study)
    totals = counts.sum(axis=1)
    many = len(counts) > MOST_NAMED
    text = (
        "Classes are in an order that sets those that are taken for each other side by side; "
        "beside it, the part with most errors."
        if many
        else "Rows are true classes, columns predictions."
    )
    width, kind = (WIDE, "") if many else (WIDE * 0.8, "square")
    title = "Confusion matrix"
    return {
        "confusion": {
            "picture": picture_of(study, "confusion", title, text, width=width, kind=kind),
            "pairs": [
                {
                    "label": class_name(study, label),
                    "predicted": class_name(study, predicted),
                    "count": f"{count:,} of {totals[label]:,}",
                    "share": f"{count / totals[label]:.0%}",
                }
                for label, predicted, count in confused_pairs(counts, PAIRS)
            ],
        }
    }
