"""Where the two networks tell the classes apart, and how alike their layers are."""

from typing import Any

import pandas as pd

from cutaway import plot
from cutaway.study.comparison import Comparison
from cutaway.views.report.measures import MEASURES, Measure, in_digits
from cutaway.views.report.pictures import THEME, WIDE, Picture, inline


def layers_section(comparison: Comparison) -> dict[str, Any]:
    """Curves over depth together, the last layers in figures, and CKA between both."""
    tables = comparison.first.layers, comparison.second.layers
    measured = [one for one in MEASURES if all(one[0] in table for table in tables)]
    return {
        "layers": {
            "text": _text(comparison),
            "curves": _curves(comparison) if measured else None,
            "last": [_row(tables, one) for one in measured],
            "cka": _cka(comparison),
        }
    }


def _text(comparison: Comparison) -> str:
    if comparison.same_layers:
        return "Both have the same layers, row by row."
    return (
        f"The networks have other layers: {len(comparison.first.layers) - 1:,} and "
        f"{len(comparison.second.layers) - 1:,}. They are laid over each other by depth."
    )


def _curves(comparison: Comparison) -> Picture:
    title = "Where the classes come apart"
    drawn = plot.compared_layers(
        comparison.first.layers,
        comparison.second.layers,
        comparison.names,
        theme=THEME,
        width=WIDE,
    )
    text = "Accuracies are those of classifiers that see one layer only."
    return Picture(inline(drawn, title), title, text, wide=True)


def _row(tables: tuple[pd.DataFrame, pd.DataFrame], measure: Measure) -> list[str]:
    column, words, form = measure
    ends = [table[column].iloc[-1] for table in tables]
    return [words, *(in_digits(value, form) for value in ends)]


def _cka(comparison: Comparison) -> Picture:
    title = "How alike the layers of the two are"
    mine, theirs = comparison.first.layers["layer"], comparison.second.layers["layer"]
    matrix = comparison.cka["cka"].to_numpy().reshape(len(mine), len(theirs))
    drawn = plot.similarity(
        matrix, mine.tolist(), theirs.tolist(), names=comparison.names, theme=THEME, width=WIDE
    )
    text = (
        "Centred kernel alignment (CKA) of the same samples, in hundredths: 100 where two layers "
        "see them alike. Rows are layers of the first, columns of the second."
    )
    return Picture(inline(drawn, title), title, text, wide=True, kind="square")
