"""t-SNE on a GPU beside our own on the CPU and TorchDR: seconds, KL, trustworthiness, memory.

Every contender runs in a process of its own. Its first map of all samples stands under `first`: it
starts the device and compiles what is not compiled yet. The others are warm, and `fit` is their
median, with `neighbours`, `affinities` and `descent` the parts of the last. Samples are MNIST's
digits, train and test, by 50 principal components. All maps are scored with exact Z on one P. `MB`
is what a process came to hold while it mapped, `GPU MB` the most that torch held on the device.

Sizes below and above `cutaway.maps.backends.PAYS_FROM` show from how many samples a GPU pays.
TorchDR is compared where it is installed (`pip install torchdr`), with its own defaults: 2,000
iterations to our 600. Where there is no CUDA, nothing is measured and the exit code is 2; with
`--device cpu` tensors run on the CPU, which shows only that they run.
"""

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cutaway.maps import TSNE, map_quality
from cutaway.maps.affinities import Affinities, joint_affinities
from cutaway.maps.backends import CompiledBackend, TensorBackend
from cutaway.maps.gradient_descent import Descent
from cutaway.maps.neighbours import NeighbourIndex
from maps import exact_divergence, peak_memory, samples

NO_CUDA = 2
CONTENDERS = ("cutaway, tensors", "cutaway, compiled", "TorchDR")
PARTS = ("neighbours", "affinities", "descent")
FORMATS = {"KL": ".3f", "trust": ".4f", "MB": ".0f", "GPU MB": ".0f"}


def places_by(name: str, device: str, X: np.ndarray) -> np.ndarray:
    """A contender's map of the rows."""
    if name == "TorchDR":
        torchdr = importlib.import_module("torchdr")
        return np.asarray(torchdr.TSNE(device=device, random_state=0).fit_transform(X))
    if name == "cutaway, compiled":
        return TSNE(random_state=0, device="cpu").fit_transform(X)
    if device == "cuda":
        return TSNE(random_state=0, device="cuda").fit_transform(X)
    backend = TensorBackend(torch.device(device))
    return TSNE(random_state=0)._fit(X, backend).embedding_  # noqa: SLF001 (no public way there)


def watch(took: dict[str, float]) -> None:
    """Has the seconds of the parts of our maps added up from here on."""

    def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **options: Any) -> Any:
            clock = time.perf_counter()
            result = function(*arguments, **options)
            took[part] = took.get(part, 0.0) + time.perf_counter() - clock
            return result

        return measured

    for backend in (CompiledBackend, TensorBackend):
        for part in ("neighbours", "affinities"):
            setattr(backend, part, timed(part, getattr(backend, part)))
    Descent.run = timed("descent", Descent.run)  # type: ignore[method-assign]


def run_child(name: str, device: str, rounds: int, folder: Path) -> None:
    """Maps what lies in the folder, and writes what it took."""
    warnings.simplefilter("ignore")
    X = np.load(folder / "X.npy")
    parts: dict[str, float] = {}
    watch(parts)
    before = peak_memory()
    seconds = []
    for _ in range(1 + rounds):
        parts.clear()
        clock = time.perf_counter()
        places = places_by(name, device, X)
        seconds.append(time.perf_counter() - clock)
    took = {"first": seconds[0], "fit": float(np.median(seconds[1:])), **parts}
    took["MB"] = peak_memory() - before
    if device == "cuda":
        took["GPU MB"] = torch.cuda.max_memory_allocated() / 2**20
    np.save(folder / "map.npy", places)
    (folder / "took.json").write_text(json.dumps(took))


def run(
    name: str, device: str, rounds: int, X: np.ndarray, affinities: Affinities
) -> dict[str, float]:
    """What a contender took in a process of its own, and how good its map is."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        np.save(folder / "X.npy", X)
        command = [sys.executable, __file__, "--child", name, "--folder", temporary]
        command += ["--device", device, "--rounds", str(rounds)]
        subprocess.run(command, check=True)  # noqa: S603 (this script, with names that it chose)
        places = np.load(folder / "map.npy")
        took = json.loads((folder / "took.json").read_text())
    quality = map_quality(X, places)
    return took | {"KL": exact_divergence(affinities, places), "trust": quality.trustworthiness}


def compare(source: str, n: int, device: str, rounds: int) -> None:
    """Prints the table of one size."""
    X = samples(source, n)[0]
    affinities = joint_affinities(NeighbourIndex(X).among_themselves(90), 30.0)
    columns = ("first", "fit", *PARTS, *FORMATS)
    print(f"\n{source}, {len(X):,} samples, {rounds} rounds\n| | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name in CONTENDERS:
        if name == "TorchDR" and importlib.util.find_spec("torchdr") is None:
            print("TorchDR is not installed: it is left out", file=sys.stderr)
            continue
        took = run(name, device, rounds, X, affinities)
        cells = [
            f"{took[column]:{FORMATS.get(column, '.2f')}}" if column in took else ""
            for column in columns
        ]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="digits, mnist, cifar10")
    parser.add_argument("--sizes", nargs="+", type=int, default=[70_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        print("This machine has no CUDA device: nothing was measured. Run this where there is one; "
              "--device cpu only shows that it runs.", file=sys.stderr)  # fmt: skip
        return NO_CUDA
    if arguments.child:
        run_child(arguments.child, arguments.device, arguments.rounds, arguments.folder)
        return 0
    if not os.environ.get("CUTAWAY_DATA") and arguments.data == "mnist":
        print("CUTAWAY_DATA is not set: the digits take the place of MNIST")
        arguments.data = "digits"
    accelerator = torch.cuda.get_device_name() if arguments.device == "cuda" else "no GPU"
    print(f"{accelerator}, {os.cpu_count()} cores, torch {torch.__version__}, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    for n in arguments.sizes:
        compare(arguments.data, n, arguments.device, arguments.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
