"""The table of results as a page of the documentation."""

from collections import Counter
from pathlib import Path
from statistics import median

_HEAD = """# Capture, held to the networks of timm and transformers

`make zoo` takes each network with random weights and the smallest images that it takes (two of
them, one thread), and holds capture of every layer to this, bit for bit:

- the output of the hooked pass equals that of the bare one, also with what layers take kept;
- a pass that ends after the layer in the middle (`stop=True`) has the same value there;
- an error raised in that layer comes out as it is;
- a training step (forward in train mode, backward, gradients kept at every layer) has the same
  outputs, gradients of the weights, running statistics and random numbers as a bare one;
- afterwards random state, modes, hooks, attributes, gradient flags, gradients and weights are what
  they were, and no tensor more is alive.

`ratio` is the processor time of the pass with all layers kept to that of the bare pass, one pass
each, so it is rough where a pass takes milliseconds; `MB` is what the layers' outputs take.
`missed` counts layers that the network has and does not call, such as lists of layers. A network
that takes longer than {seconds:.0f} s or more than {memory:.0f} GiB is a failure.
"""


def write_table(
    rows: list[dict[str, object]], networks: int, path: Path, seconds: float, memory: float
) -> None:
    """Writes the page: what failed first, then every network.

    Args:
        rows: A row a network.
        networks: How many there are in all.
        path: The file.
        seconds: Longest that a network may take.
        memory: Most GiB that it may take.
    """
    failed = [row for row in rows if row.get("faults")]
    left_out = [row for row in rows if "left_out" in row]
    held = [row for row in rows if row not in failed and row not in left_out]
    parts = [
        _HEAD.format(seconds=seconds, memory=memory),
        _summary(held, failed, left_out, networks),
        "## Failures\n",
        *([_line(row, "; ".join(row["faults"])) for row in failed] or ["None."]),
        "\n## Left out\n",
        _counted(left_out),
        "\n## Networks\n",
        "| library | network | parameters | input | layers | missed | gradients | MB | ratio | |",
        "|---|---|---:|---|---:|---:|---:|---:|---:|---|",
        *(_row(row) for row in rows if row not in left_out),
    ]
    path.write_text("\n".join(parts) + "\n")


def _summary(held: list, failed: list, left_out: list, networks: int) -> str:
    by_library = Counter(row["source"] for row in held)
    counts = ", ".join(f"{count} of {library}" for library, count in by_library.items())
    ratios = [row["ratio"] for row in held]
    due = networks - len(held) - len(failed) - len(left_out)
    reached = f", {due} were not reached" if due else ""
    return (
        f"Of {networks} networks {len(held)} kept every promise ({counts}), {len(failed)} failed, "
        f"{len(left_out)} were left out{reached}. Median ratio: {median(ratios):.2f}.\n"
    )


def _counted(left_out: list[dict[str, object]]) -> str:
    large = [row for row in left_out if str(row["left_out"]).startswith("more than")]
    reasons = Counter(str(row["left_out"]) for row in large)
    lines = []
    for reason, count in reasons.items():
        sizes = ", ".join(_size(row) for row in large if row["left_out"] == reason)
        lines.append(f"{count} of {reason}: {sizes}.")
    others = [_line(row, str(row["left_out"])) for row in left_out if row not in large]
    return "\n".join([*others, "", *lines])


def _size(row: dict[str, object]) -> str:
    return f"{row['name']} ({row['parameters'] / 1e6:.0f})"


def _line(row: dict[str, object], words: str) -> str:
    return f"- {row['source']} `{row['name']}`: {_escaped(words)}"


def _escaped(words: str) -> str:
    return " ".join(words.replace("|", "\\|").replace("<", "&lt;").split())


def _row(row: dict[str, object]) -> str:
    words = "; ".join([*(f"**{fault}**" for fault in row["faults"]), *row.get("notes", [])])
    cells = [
        row["source"],
        row["name"],
        f"{row['parameters']:,}" if "parameters" in row else "",
        row.get("input", ""),
        row.get("layers", ""),
        row.get("missed", ""),
        row.get("gradients", ""),
        f"{row['megabytes']:.1f}" if "megabytes" in row else "",
        f"{row['ratio']:.2f}" if "ratio" in row else "",
        _escaped(words),
    ]
    return f"| {' | '.join(map(str, cells))} |"
