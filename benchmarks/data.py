"""How fast images are read: Cutaway against a plain loop with Pillow, in one run.

Reads MNIST and CIFAR-10 (parquet, from the folder that CUTAWAY_DATA names) and a folder of PNG
files into one array, by `load_data`, as a stream, and by a loop that opens one image after the
other and copies it into an array that was made beforehand. Prints images a second and the ratio of
times, loop over Cutaway: above 1 Cutaway is faster.

The three take turns, round after round, so that other work on the machine meets each alike; a time
is the smallest of the rounds. Beside elapsed time stands the processor's time: threads shorten the
first and not the second.
"""

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from cutaway.data import load_data


def loop_over_parquet(file: Path, limit: int) -> np.ndarray:
    """What one would write by hand."""
    rows = pq.read_table(file, columns=["image"])["image"].slice(0, limit)
    first = np.asarray(Image.open(io.BytesIO(rows[0]["bytes"].as_py())))
    pixels = np.empty((len(rows), *first.shape), np.uint8)
    for at, row in enumerate(rows.to_pylist()):
        with Image.open(io.BytesIO(row["bytes"])) as image:
            pixels[at] = np.asarray(image)
    return pixels


def loop_over_folder(folder: Path) -> np.ndarray:
    """What one would write by hand."""
    files = sorted(folder.rglob("*.png"))
    with Image.open(files[0]) as first:
        pixels = np.empty((len(files), *np.asarray(first).shape), np.uint8)
    for at, file in enumerate(files):
        with Image.open(file) as image:
            pixels[at] = np.asarray(image)
    return pixels


def streamed(source: str, limit: int) -> int:
    return sum(len(images) for images in load_data(source, streaming=True, limit=limit))


def write_pngs(folder: Path, count: int, side: int) -> None:
    """Pictures of soft noise, a hundred different ones, in ten classes."""
    random = np.random.default_rng(0)
    pictures = []
    for _ in range(100):
        small = Image.fromarray(random.integers(0, 256, (8, 8, 3)).astype(np.uint8))
        buffer = io.BytesIO()
        small.resize((side, side), Image.Resampling.BICUBIC).save(buffer, "PNG")
        pictures.append(buffer.getvalue())
    for number in range(count):
        place = folder / f"class {number % 10}"
        place.mkdir(exist_ok=True)
        (place / f"{number:05}.png").write_bytes(pictures[number % 100])


def measure(name: str, count: int, runs: dict[str, Callable[[], object]], rounds: int) -> None:
    best = dict.fromkeys(runs, (float("inf"), float("inf")))
    for _ in range(rounds):
        for run, work in runs.items():
            elapsed, spent = time.perf_counter(), time.process_time()
            work()
            took = time.perf_counter() - elapsed, time.process_time() - spent
            best[run] = min(best[run][0], took[0]), min(best[run][1], took[1])
    loop = best["loop"]
    for run, (elapsed, spent) in best.items():
        print(
            f"{name:<22}{run:<10}{count / elapsed:>10,.0f} images/s"
            f"{loop[0] / elapsed:>8.2f} x elapsed{loop[1] / spent:>8.2f} x processor"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    count = options.images
    place = os.environ.get("CUTAWAY_DATA")
    for name in ("mnist", "cifar10") if place else ():
        file = next((Path(str(place)) / name).glob("train-*.parquet"))
        runs: dict[str, Callable[[], object]] = {
            "loop": partial(loop_over_parquet, file, count),
            "load_data": partial(load_data, name, limit=count),
            "stream": partial(streamed, name, count),
        }
        measure(name, count, runs, options.rounds)
    if not place:
        print("CUTAWAY_DATA is not set: MNIST and CIFAR-10 are left out")
    for side in (32, 224):
        with tempfile.TemporaryDirectory() as folder:
            some = count if side == 32 else count // 10
            write_pngs(Path(folder), some, side)
            runs = {
                "loop": partial(loop_over_folder, Path(folder)),
                "load_data": partial(load_data, folder),
                "stream": partial(streamed, folder, some),
            }
            measure(f"{some:,} PNG of {side}x{side}", some, runs, options.rounds)


if __name__ == "__main__":
    main()
