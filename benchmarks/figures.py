"""The grid of 64 filters, drawn by Cutaway and by the common recipe, saved to PNG at equal size.

The common recipe is a subplot and an imshow for each filter, through pyplot. Runs are interleaved,
and the median of each is printed with their ratio.

    python benchmarks/figures.py
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from cutaway import plot

RUNS = 15
DPI = 150
TARGET = 10.0


def whole(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def draw_by_cutaway(weights: np.ndarray, path: Path) -> None:
    axes = plot.filters(weights, channel=0, columns=8)
    # As in the recipe: `plot.to_png` also waits until the disk has the file.
    whole(axes).savefig(path, dpi=DPI)


def draw_by_recipe(weights: np.ndarray, path: Path, size: tuple[float, float]) -> None:
    plt.figure(figsize=size)
    for index, kernel in enumerate(weights):
        plt.subplot(8, 8, index + 1)
        plt.axis("off")
        plt.imshow(kernel[0], cmap="gray")
    plt.savefig(path, dpi=DPI)
    plt.close()


def seconds(draw: Callable[[], None]) -> float:
    started = time.perf_counter()
    draw()
    return time.perf_counter() - started


def main() -> int:
    weights = np.random.default_rng(0).normal(size=(64, 3, 5, 5)).astype(np.float32)
    width, height = whole(plot.filters(weights, channel=0, columns=8)).get_size_inches()
    times: dict[str, list[float]] = {"cutaway": [], "recipe": []}
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "cutaway.png"), Path(folder, "recipe.png")
        # The first pair warms caches of fonts and files, and does not count.
        for _ in range(RUNS + 1):
            times["cutaway"].append(seconds(lambda: draw_by_cutaway(weights, ours)))
            times["recipe"].append(
                seconds(lambda: draw_by_recipe(weights, theirs, (width, height)))
            )
        with Image.open(ours) as one, Image.open(theirs) as other:
            print(f"64 filters as PNG, {one.size} and {other.size} pixels, medians of {RUNS} runs")
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:8s} {1000 * median:8.1f} ms")
    ratio = medians["recipe"] / medians["cutaway"]
    print(f"ratio    {ratio:8.1f} times faster (aim: {TARGET:g} or more)")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
