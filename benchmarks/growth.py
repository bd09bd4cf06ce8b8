"""How the cost of t-SNE grows: seconds by part, memory, and recall, from 10,000 samples upwards.

Up to 70,000 samples are MNIST's digits, drawn by a fixed seed. More are made of the same digits
moved by one pixel or two, each time in another direction: as many rows, but no new handwriting. All
are reduced to 50 principal components first, which is not timed. Each size runs with all defaults
in a process of its own that has mapped 400 samples before, so that no compiling is in the time.

`peak` is the most memory that the process held, libraries and data included. `recall` is the share
of true neighbours found, 1 where they are exact.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.maps import PCA, TSNE, backends, clustered_neighbours
from cutaway.maps.gradient_descent import Descent
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.progress import show_progress

SIZES = (10_000, 30_000, 70_000, 100_000, 200_000, 300_000)
WARM_UP = 400
COMPONENTS = 50
AT_ONCE = 50_000
PARTS = ("neighbours", "affinities", "descent")


def shifts() -> list[tuple[int, int]]:
    """Movements by at most two pixels, the least first."""
    every = [(down, across) for down in range(-2, 3) for across in range(-2, 3)]
    return sorted(every, key=lambda shift: (abs(shift[0]) + abs(shift[1]), shift))


def samples(n: int) -> np.ndarray:
    """PCA-50 of n digits, moved copies among them where there are more than digits."""
    from cutaway.data import load_data

    parts = [load_data("mnist", split=split).pixels[..., 0] for split in ("train", "test")]
    digits = np.random.default_rng(0).permutation(np.concatenate(parts))
    if n > len(digits) * len(shifts()):
        raise SystemExit(f"--sizes {n}: at most {len(digits) * len(shifts())} samples can be made")
    moved = [np.roll(digits, shift, axis=(1, 2)) for shift in shifts()[: -(-n // len(digits))]]
    pixels = np.concatenate(moved)[:n].reshape(n, -1)
    reducer = PCA(COMPONENTS).fit(pixels[:AT_ONCE].astype(np.float32))
    blocks = (pixels[start : start + AT_ONCE] for start in range(0, n, AT_ONCE))
    return np.concatenate([reducer.transform(block.astype(np.float32)) for block in blocks])


def timed(took: dict[str, float], part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which adds its processor seconds to a part."""

    def measured(*arguments: Any, **options: Any) -> Any:
        before = time.process_time()
        result = function(*arguments, **options)
        took[part] += time.process_time() - before
        return result

    return measured


def watch(took: dict[str, float]) -> None:
    """Has the parts of t-SNE measured from here on."""
    exact = timed(took, "neighbours", NeighbourIndex.among_themselves)
    NeighbourIndex.among_themselves = exact  # type: ignore[method-assign]
    for module, part, name in (
        (clustered_neighbours, "neighbours", "clustered_neighbours"),
        (backends, "affinities", "joint_affinities"),
    ):
        setattr(module, name, timed(took, part, getattr(module, name)))
    Descent.run = timed(took, "descent", Descent.run)  # type: ignore[method-assign]


def peak_memory() -> float:
    """The most memory this process has held, in MB, where the kernel tells it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024


def run_child(folder: Path) -> None:
    """Maps what lies in the folder, and writes what it took."""
    X = np.load(folder / "X.npy")
    TSNE(random_state=0, max_iter=20).fit(X[:WARM_UP])
    TSNE(random_state=0, max_iter=20, neighbors="approximate").fit(X[:WARM_UP])
    took = dict.fromkeys(PARTS, 0.0)
    watch(took)
    show_progress()
    clock, processor = time.perf_counter(), time.process_time()
    fitted = TSNE(random_state=0, device="cpu").fit(X)
    took["processor"] = time.process_time() - processor
    took["seconds"] = time.perf_counter() - clock
    took["KL"], took["recall"] = fitted.kl_divergence_, fitted.neighbour_recall_
    took["peak MB"] = peak_memory()
    (folder / "took.json").write_text(json.dumps(took))


def run(n: int) -> dict[str, float]:
    """What n samples take, in a process of their own."""
    with tempfile.TemporaryDirectory() as temporary:
        np.save(Path(temporary) / "X.npy", samples(n))
        command = [sys.executable, __file__, "--child", temporary]
        subprocess.run(command, check=True)  # noqa: S603 (this script)
        return json.loads((Path(temporary) / "took.json").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_child(arguments.child)
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    columns = ["processor", *PARTS, "seconds", "peak MB", "recall", "KL"]
    print(f"{'samples':>10}" + "".join(f"{column:>12}" for column in columns), flush=True)
    for n in arguments.sizes:
        took = run(n)
        print(f"{n:10,}" + "".join(f"{took[column]:12.4g}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
