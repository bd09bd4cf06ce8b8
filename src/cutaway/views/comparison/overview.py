"""What is compared, in one look, and the findings that came and went."""

from typing import Any

from cutaway.diagnosis import Finding
from cutaway.study import Study
from cutaway.study.comparison import Comparison

CHANCE = 0.05
"""A difference in accuracy is called more than chance below this probability."""


def masthead(comparison: Comparison) -> dict[str, Any]:
    """Title, lead and tiles."""
    first, second = comparison.names
    left = sum(comparison.pairing.left_out)
    return {
        "title": f"{first} and {second}",
        "names": comparison.names,
        "lead": (
            f"Two networks on the same {len(comparison.samples):,} samples of "
            f"{comparison.first.record['data']['name']}: what changed, and where in the network."
            + (f" {left:,} samples that only one of them holds are left out." if left else "")
        ),
        "tiles": _tiles(comparison),
    }


def _tiles(comparison: Comparison) -> list[dict[str, str]]:
    counts = comparison.counts
    tiles = [("Samples", f"{counts['samples']:,}")]
    if "accuracy" in counts:
        names = comparison.names
        tiles += [
            (f"{names[0]} right", f"{counts['accuracy']:.1%}"),
            (f"{names[1]} right", f"{counts['other_accuracy']:.1%}"),
            ("Won", f"{counts['won']:,}"),
            ("Lost", f"{counts['lost']:,}"),
        ]
    tiles.append(("Predictions that changed", f"{counts['changed']:,}"))
    changed = comparison.findings
    tiles.append(("Findings came, went", f"{len(changed.came)}, {len(changed.went)}"))
    return [{"name": name, "value": value} for name, value in tiles]


def compared_section(comparison: Comparison) -> dict[str, Any]:
    """A table of what the two are."""
    studies = comparison.first, comparison.second
    facts = [_facts(study) for study in studies]
    return {
        "compared": {
            "text": verdict(comparison),
            "rows": [(name, *(each[name] for each in facts)) for name in facts[0]],
        }
    }


def verdict(comparison: Comparison) -> str:
    """Which of the two is better, and whether that may be chance."""
    counts, (first, second) = comparison.counts, comparison.names
    if "accuracy" not in counts:
        return (
            f"The data has no labels. {second} predicts {counts['changed']:,} of "
            f"{counts['samples']:,} samples otherwise than {first}."
        )
    gap = counts["other_accuracy"] - counts["accuracy"]
    if not gap:
        same = "the same samples" if not counts["won"] else "though not the same samples"
        return f"Both predict {counts['accuracy']:.1%} right, {same}."
    better = second if gap > 0 else first
    told = counts["chance"] < CHANCE
    chance = f"p = {counts['chance']:.2g}, McNemar's test"
    return (
        f"{better} predicts {abs(gap):.1%} more of the samples right. "
        f"{second} wins {counts['won']:,} that {first} gets wrong, and loses {counts['lost']:,}: "
        + (f"more than chance would do ({chance})." if told else f"it may be chance ({chance}).")
    )


def _facts(study: Study) -> dict[str, str]:
    model, transform = study.record["model"], study.record["transform"]
    mean, std = (", ".join(f"{value:.3g}" for value in transform[k]) for k in ("mean", "std"))
    history = study.history
    return {
        "Folder": study.folder.name,
        "Network": model["name"],
        "Parameters": f"{model['parameters']:,}",
        "Layers": f"{len(study.layers) - 1:,}",
        "Dead units": f"{int(study.units['dead'].sum()):,} of {len(study.units):,}",
        "Input": f"mean {mean}, standard deviation {std} ({transform['origin']})",
        "Epochs trained": "not known" if history is None else f"{len(history):,}",
        "Weights": model["hash"][:12],
    }


def findings_section(comparison: Comparison) -> dict[str, Any]:
    """Findings that came, went and stayed."""
    first, second = comparison.names
    changed = comparison.findings
    groups = (
        (f"Only in {second}", [_row(finding) for finding in changed.came]),
        (f"Only in {first}", [_row(finding) for finding in changed.went]),
        ("In both", [_row(later, earlier) for earlier, later in changed.stayed]),
    )
    return {
        "findings": {
            "text": (
                f"{len(changed.came)} came with {second}, {len(changed.went)} went, "
                f"{len(changed.stayed)} are in both."
            ),
            "groups": [{"title": title, "rows": rows} for title, rows in groups if rows],
        }
    }


def _row(finding: Finding, earlier: Finding | None = None) -> dict[str, str]:
    before = "" if earlier is None or earlier.title == finding.title else earlier.title
    return {
        "severity": finding.severity,
        "title": finding.title,
        "text": finding.text,
        "before": before,
    }
