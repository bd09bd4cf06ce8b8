"""Predictions: the surest right, the least sure wrong, and what is taken for what."""

from typing import Any

from cutaway.diagnosis import notable_samples
from cutaway.study import Study
from cutaway.views.gallery import draw
from cutaway.views.report.pictures import (
    COLUMN,
    THEME,
    WIDE,
    Picture,
    class_name,
    inline,
    thumbnails,
)

SHOWN = 10
"""At most so many samples in a row of thumbnails."""


def predictions_section(study: Study) -> dict[str, Any]:
    """What the section `predictions` shows."""
    return {
        "predictions": {
            "text": _text(study),
            "cases": _cases(study),
            "galleries": _galleries(study),
            "confusion": _confusion(study),
        }
    }


def _text(study: Study) -> str:
    studied = study.studied
    sure = (studied["confidence"] >= 0.9).mean()
    text = f"{sure:.0%} of predictions come with a probability of 90% or more."
    if study.labelled:
        right = studied["label"] == studied["predicted"]
        text = f"{right.sum():,} of {len(studied):,} samples are predicted right. {text}"
    return text


def _notable(study: Study) -> dict[str, tuple[int, ...]]:
    studied = study.studied.reset_index(drop=True)
    ids = studied["id"].to_numpy()
    rows = notable_samples(studied, SHOWN).to_dict()
    return {name: tuple(int(ids[row]) for row in chosen) for name, chosen in rows.items()}


def _cases(study: Study) -> list[Picture]:
    """The fully connected activations of two telling samples, where both exist."""
    if not study.labelled:
        return []
    notable = _notable(study)
    chosen = (
        ("Surest right prediction", notable["surest_right"]),
        ("Least sure wrong prediction", notable["least_sure_wrong"]),
    )
    return [
        _case(study, title, samples[0])
        for title, samples in chosen
        if samples and samples[0] in study.kept
    ]


def _case(study: Study, title: str, sample: int) -> Picture:
    row = study.samples.iloc[sample]
    predicted = class_name(study, int(row["predicted"]))
    label = class_name(study, int(row["label"]))
    text = f"Sample {sample}: predicted {predicted}, truly {label}, {row['confidence']:.1%} sure."
    figure = draw(study, "activations", sample=sample, theme=THEME, width=COLUMN)
    return Picture(inline(figure, f"{title}, fully connected activations. {text}"), title, text)


def _galleries(study: Study) -> list[dict[str, Any]]:
    if not study.labelled:
        return []
    notable = _notable(study)
    if len(notable["surest_wrong"]) < SHOWN:
        titles = {"surest_wrong": "Wrong predictions, surest first"}
    else:
        titles = {
            "surest_wrong": "Surest wrong predictions",
            "least_sure_wrong": "Least sure wrong predictions",
        }
    titles["least_sure_right"] = "Least sure right predictions"
    return [
        {"title": title, "samples": thumbnails(study, notable[name])}
        for name, title in titles.items()
        if notable[name]
    ]


def _confusion(study: Study) -> Picture | None:
    if not study.labelled:
        return None
    title = "Confusion matrix"
    return Picture(
        inline(draw(study, "confusion", theme=THEME, width=WIDE * 0.8), title),
        title,
        "Rows are true classes, columns predictions.",
        wide=True,
        kind="square",
    )
