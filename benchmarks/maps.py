"""t-SNE and UMAP beside their peers: seconds, KL, quality, placing of new samples, memory.

Every contender runs in a process of its own, in turn, for as many rounds as asked, so that other
work on the machine meets each alike; the table shows medians over the rounds. A process first maps
400 samples, which compiles what its library compiles and is not timed; its whole time, from start
to the finished map, stands under `process`. Samples are reduced to 50 principal components first.
All t-SNE maps are scored on one P (exact neighbours, perplexity 30) with exact Z. Every map with a
transform then places held-out samples, a sixth as many as are mapped; `placed` is their 10-NN
label accuracy on the map.

Each contender has its own defaults: cutaway 600 iterations, openTSNE 750, scikit-learn 1000.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from cutaway.maps import PCA, map_quality
from cutaway.maps.affinities import Affinities, joint_affinities, kl_divergence
from cutaway.maps.kernels.repulsion import exact_repulsion
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.maps.neighbours import NeighbourIndex

CONTENDERS = ("cutaway.TSNE", "openTSNE", "sklearn.TSNE", "cutaway.UMAP", "umap-learn")
PEERS = {"cutaway.TSNE": ("openTSNE", "sklearn.TSNE"), "cutaway.UMAP": ("umap-learn",)}
WARM_UP = 400
NEIGHBOURS = 10


def contender(name: str) -> Any:
    """An estimator with scikit-learn's fit and transform, at its own defaults, on all cores."""
    if name.startswith("cutaway"):
        import cutaway

        return getattr(cutaway, name.split(".")[1])(random_state=0)
    if name == "openTSNE":
        import openTSNE

        return openTSNE.TSNE(n_jobs=os.cpu_count(), random_state=0)
    if name == "sklearn.TSNE":
        from sklearn.manifold import TSNE

        return TSNE(n_jobs=os.cpu_count(), random_state=0)
    import umap

    return umap.UMAP()


def peak_memory() -> float:
    """The most memory this process has held, in MB, where the kernel tells it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024


def run_child(name: str, folder: Path) -> None:
    """One contender's run: maps and places what lies in the folder, and writes what it took."""
    warnings.simplefilter("ignore")
    train, test = np.load(folder / "train.npy"), np.load(folder / "test.npy")
    contender(name).fit(train[:WARM_UP])
    before = peak_memory()
    clock, processor = time.perf_counter(), time.process_time()
    estimator = contender(name)
    fitted = estimator.fit(train)
    took = {
        "fit": time.perf_counter() - clock,
        "cpu": time.process_time() - processor,
        "MB": peak_memory() - before,
    }
    places = np.asarray(fitted) if name == "openTSNE" else fitted.embedding_
    np.save(folder / "map.npy", places)
    if hasattr(fitted, "transform"):
        fitted.transform(test[:WARM_UP])
        clock = time.perf_counter()
        placed = np.asarray(fitted.transform(test))
        took["place"] = time.perf_counter() - clock
        np.save(folder / "placed.npy", placed)
    (folder / "took.json").write_text(json.dumps(took))


def run(name: str, train: np.ndarray, test: np.ndarray) -> tuple[dict[str, float], np.ndarray, Any]:
    """Runs a contender in a process; returns what it took, its map, and what it placed or None."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        np.save(folder / "train.npy", train)
        np.save(folder / "test.npy", test)
        clock = time.perf_counter()
        subprocess.run(  # noqa: S603 (this script, with names that it chose)
            [sys.executable, __file__, "--child", name, "--folder", temporary], check=True
        )
        took = {"process": time.perf_counter() - clock}
        took |= json.loads((folder / "took.json").read_text())
        took["process"] -= took.get("place", 0.0)
        placed = folder / "placed.npy"
        return took, np.load(folder / "map.npy"), np.load(placed) if placed.exists() else None


def exact_divergence(affinities: Affinities, places: np.ndarray) -> float:
    """The KL divergence with Z summed over all pairs."""
    Y = np.ascontiguousarray(places.T, dtype=np.float32)
    potential, force = np.empty(Y.shape[1], dtype=np.float32), np.empty_like(Y)
    over_ranges(exact_repulsion, even_ranges(Y.shape[1]), Y, potential, force)
    return kl_divergence(affinities, Y, float(potential.sum(dtype=np.float64)))


def score(
    data: tuple[np.ndarray, ...], affinities: Affinities, places: np.ndarray, placed: Any
) -> dict[str, float]:
    """Quality of a map of the training samples, and of the places of the held-out ones."""
    train, train_labels, _, test_labels = data
    quality = map_quality(train, places)
    near = KNeighborsClassifier(NEIGHBOURS).fit(places, train_labels)
    own = near.kneighbors(n_neighbors=NEIGHBOURS, return_distance=False)
    votes = np.apply_along_axis(np.bincount, 1, train_labels[own], minlength=train_labels.max() + 1)
    return {
        "KL": exact_divergence(affinities, places),
        "trust": quality.trustworthiness,
        "continuity": quality.continuity,
        "kept": quality.neighbours_kept,
        "kNN": float((votes.argmax(axis=1) == train_labels).mean()),
        "placed": float("nan") if placed is None else near.score(placed, test_labels),
    }


def samples(source: str, n: int) -> tuple[Any, ...]:
    """PCA-50 of n training samples and n // 6 held-out ones, each with labels."""
    from cutaway.data import load_data

    if source == "digits":
        every = load_data("digits")
        order = np.random.default_rng(0).permutation(len(every))
        cut = min(n, len(every) - len(every) // 6)
        train, test = every.select(order[:cut]), every.select(order[cut : cut + cut // 6])
    else:
        train = load_data(source, split="train", limit=n)
        test = load_data(source, split="test", limit=n // 6)
    flat = [images.pixels.reshape(len(images), -1).astype(np.float32) for images in (train, test)]
    reducer = PCA(50).fit(flat[0])
    return reducer.transform(flat[0]), train.labels, reducer.transform(flat[1]), test.labels


def table(rows: dict[str, dict[str, float]]) -> str:
    """The rows as text, and the ratios of seconds to ours."""
    columns = ["fit", "cpu", "process", "place", "placed"]
    columns += ["KL", "trust", "continuity", "kept", "kNN", "MB"]
    lines = [f"{'':14}" + "".join(f"{column:>11}" for column in columns)]
    for name, row in rows.items():
        cells = (f"{row.get(column, float('nan')):11.4g}" for column in columns)
        lines.append(f"{name:14}" + "".join(cells))
    for ours, peers in PEERS.items():
        for name in peers if ours in rows else ():
            if name in rows:
                ratios = (f"{c} {rows[name][c] / rows[ours][c]:.1f}" for c in ("fit", "process"))
                lines.append(f"{name} takes times {ours}: " + ", ".join(ratios))
    return "\n".join(lines)


def compare(source: str, n: int, names: list[str], rounds: int) -> None:
    """Prints the table of one data set and size."""
    data = samples(source, n)
    neighbours = NeighbourIndex(data[0]).among_themselves(90)
    affinities = joint_affinities(neighbours, 30.0)
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            took, places, placed = run(name, data[0], data[2])
            seen[name].append(took | score(data, affinities, places, placed))
            print(f"  {name}: {took['fit']:.2f} s", file=sys.stderr, flush=True)
    medians = {
        name: {key: float(np.median([each[key] for each in runs])) for key in runs[0]}
        for name, runs in seen.items()
    }
    print(f"\n{source}, {len(data[0]):,} mapped, {len(data[2]):,} placed, {rounds} rounds")
    print(table(medians), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", default=["mnist"], help="digits, mnist, cifar10")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000])
    parser.add_argument("--methods", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_child(arguments.child, arguments.folder)
        return
    if not os.environ.get("CUTAWAY_DATA") and arguments.data == ["mnist"]:
        print("CUTAWAY_DATA is not set: the digits take the place of MNIST")
        arguments.data = ["digits"]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    for source in arguments.data:
        for n in arguments.sizes:
            compare(source, n, arguments.methods, arguments.rounds)


if __name__ == "__main__":
    main()
