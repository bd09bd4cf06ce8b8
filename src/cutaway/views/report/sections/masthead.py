"""The page's head and foot: what was studied, in one look, and how it was made."""

from typing import Any

from cutaway.study import Study

URGENT = 3
"""So many of the gravest findings stand at the head of the page."""


def masthead(study: Study) -> dict[str, Any]:
    """Title, lead, tiles, the gravest findings and footer."""
    model, data = study.record["model"], study.record["data"]
    return {
        "title": f"{model['name']} on {data['name']}",
        "lead": _lead(study),
        "tiles": _tiles(study),
        "urgent": _urgent(study),
        "footer": _footer(study),
    }


def _lead(study: Study) -> str:
    own = len(study.studied)
    others = len(study.samples) - own
    text = f"{own:,} {_split(study.data_split)}samples"
    if study.class_names:
        text += f" of {len(study.class_names)} classes"
    if others:
        text += f", beside {others:,} the network learned from"
    return (
        f"{text}: what the data looks like, what each of {len(study.layers) - 1} layers makes of "
        "it, and where that goes wrong."
    )


def _split(name: str) -> str:
    return "" if name in {"data", "all"} else f"{name} "


def _tiles(study: Study) -> list[dict[str, str]]:
    tiles = []
    if study.labelled:
        right = study.samples["label"] == study.samples["predicted"]
        own = study.samples["split"] == study.data_split
        tiles.append({"name": "Predicted right", "value": f"{right[own].mean():.1%}"})
        if not own.all():
            tiles.append({"name": "On the reference", "value": f"{right[~own].mean():.1%}"})
    dead = study.units[study.units["dead"]]
    serious = sum(finding.severity != "note" for finding in study.findings)
    return [
        *tiles,
        {"name": "Samples", "value": f"{len(study.samples):,}"},
        {"name": "Parameters", "value": f"{study.record['model']['parameters']:,}"},
        {"name": "Units", "value": f"{len(study.units):,}"},
        {"name": "Dead units", "value": f"{len(dead):,}"},
        {"name": "To look into", "value": f"{serious:,}"},
    ]


def _urgent(study: Study) -> dict[str, Any]:
    """The gravest findings by title and number, and how many more want a look."""
    grave = [
        {"number": number, "title": finding.title, "severity": finding.severity}
        for number, finding in enumerate(study.findings)
        if finding.severity != "note"
    ]
    return {"rows": grave[:URGENT], "more": len(grave[URGENT:])}


def _footer(study: Study) -> str:
    transform = study.record["transform"]
    versions = ", ".join(f"{name} {number}" for name, number in study.record["versions"].items())
    mean = ", ".join(f"{value:.4g}" for value in transform["mean"])
    std = ", ".join(f"{value:.4g}" for value in transform["std"])
    return (
        f"Made with {versions}; seed {study.record['settings']['seed']}. Images were normalized "
        f"with mean ({mean}) and standard deviation ({std}), {_ORIGINS[transform['origin']]}. "
        f"Data {study.record['data']['hash'][:12]}, network {study.record['model']['hash'][:12]}."
    )


_ORIGINS = {
    "checkpoint": "as the checkpoint says",
    "model": "as the model says",
    "given": "as was given",
    "inferred": "measured on this data because neither checkpoint nor model says",
}
