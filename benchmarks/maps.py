"""Maps beside their peers: seconds, KL, quality, placing of new samples, memory.

Every contender runs in a process of its own, in turn, for as many rounds as asked, so that other
work on the machine meets each alike; a row shows medians over the rounds. A process first maps a
few samples, which compiles what its library compiles and stands under `first`, imports included;
then `fit` and `processor` are warm. `process` is the whole time from a process's start to the
finished map. Samples are reduced to 50 principal components first. All maps are scored on one P
(exact neighbours, perplexity 30) with exact Z. Every map with a transform then places held-out
samples, a sixth as many as are mapped; `placed` is their 10-NN label accuracy on the map. Where
more samples are asked for than the training split has, the test split is mapped too, and none is
held out.

With `--pca`, principal components of 10,000 CIFAR-10 images are found beside scikit-learn's.

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
WARM_UP = {"umap-learn": 5000}
"""Samples whose map compiles all that a larger one takes: umap-learn's search changes at 4,096."""

FEW = 400
NEIGHBOURS = 10
FORMATS = {"KL": ".3f", "MB": ".0f"} | dict.fromkeys(
    ("placed", "trust", "continuity", "kept", "kNN"), ".4f"
)


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
    clock = time.perf_counter()
    contender(name).fit(train[: WARM_UP.get(name, FEW)])
    first = time.perf_counter() - clock
    before = peak_memory()
    clock, processor = time.perf_counter(), time.process_time()
    estimator = contender(name)
    fitted = estimator.fit(train)
    took = {
        "first": first,
        "fit": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "MB": peak_memory() - before,
    }
    places = np.asarray(fitted) if name == "openTSNE" else fitted.embedding_
    np.save(folder / "map.npy", places)
    if len(test) and hasattr(fitted, "transform"):
        fitted.transform(test[:FEW])
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
    """PCA-50 of n samples to map and n // 6 held-out ones (see above), each with labels."""
    from cutaway.data import load_data

    held_out = slice(None)
    if source == "digits":
        every = load_data("digits")
        order = np.random.default_rng(0).permutation(len(every))
        cut = min(n, len(every) - len(every) // 6)
        train, test = every.select(order[:cut]), every.select(order[cut : cut + cut // 6])
    else:
        train = load_data(source, split="train", limit=n)
        test = load_data(source, split="test", limit=n // 6)
        if len(train) < n:
            train = train.join(load_data(source, split="test", limit=n - len(train)))
            held_out = slice(0)
    flat = [images.pixels.reshape(len(images), -1).astype(np.float32) for images in (train, test)]
    reducer = PCA(50, random_state=0).fit(flat[0])
    reduced = reducer.transform(flat[1])[held_out]
    labels = [np.array(images.labels) for images in (train, test)]
    return reducer.transform(flat[0]), labels[0], reduced, labels[1][held_out]


def table(rows: dict[str, dict[str, float]]) -> str:
    """The rows as a Markdown table, seconds of a peer over ours in brackets."""
    timed = ("fit", "processor", "process", "place")
    columns = ["first", *timed, "placed", "KL", "trust", "continuity", "kept", "kNN", "MB"]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        ours = rows.get(next((our for our in PEERS if name in PEERS[our]), ""))
        cells = []
        for column in columns:
            value = row.get(column, float("nan"))
            cell = "" if np.isnan(value) else f"{value:{FORMATS.get(column, '.2f')}}"
            if ours and cell and column in timed:
                cell += f" ({value / ours[column]:.1f}x)"
            cells.append(cell)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def accuracy_among_components(data: tuple[Any, ...]) -> float:
    """10-NN label accuracy of the held-out samples among the components that were mapped."""
    train, train_labels, test, test_labels = data
    near = NeighbourIndex(train).query(test, NEIGHBOURS).indices
    votes = np.apply_along_axis(
        np.bincount, 1, train_labels[near], minlength=train_labels.max() + 1
    )
    return float((votes.argmax(axis=1) == test_labels).mean())


def compare_components(rounds: int) -> None:
    """Prints seconds and errors of 50 principal components of 10,000 CIFAR-10 images."""
    from sklearn import decomposition

    from cutaway.data import load_data

    images = load_data("cifar10", split="train", limit=10_000)
    X = images.pixels.reshape(len(images), -1).astype(np.float32)
    centred = X.astype(np.float64) - X.mean(axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    exact, axes = values[::-1][:50] / (len(X) - 1), vectors[:, ::-1][:, :50]
    makers = {"cutaway.PCA": PCA, "sklearn.PCA": decomposition.PCA}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in makers}
    fitted = {}
    for _ in range(rounds):
        for name, make in makers.items():
            clock, processor = time.perf_counter(), time.process_time()
            fitted[name] = make(50, random_state=0).fit(X)
            took[name].append((time.perf_counter() - clock, time.process_time() - processor))
    print(f"\n50 components of CIFAR-10, {len(X):,} x {X.shape[1]:,}, {rounds} rounds; "
          "errors against the float64 decomposition")  # fmt: skip
    print("| | fit | processor | variance, largest relative error | subspace, largest angle |")
    print("|---|---|---|---|---|")
    for name, estimator in fitted.items():
        fit, processor = np.median(took[name], axis=0)
        error = np.abs(estimator.explained_variance_ / exact - 1).max()
        within = axes.T @ estimator.components_.T.astype(np.float64)
        outside = estimator.components_.T - axes @ within
        angle = np.degrees(np.arcsin(np.minimum(1.0, np.linalg.norm(outside, 2))))
        print(f"| {name} | {fit:.2f} | {processor:.2f} | {error:.1e} | {angle:.1e}° |", flush=True)


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
    print(table(medians))
    if len(data[2]):
        print(f"10-NN accuracy of the held-out among the components: "
              f"{accuracy_among_components(data):.4f}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", default=["mnist"], help="digits, mnist, cifar10")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000])
    parser.add_argument("--methods", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pca", action="store_true", help="principal components alone")
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_child(arguments.child, arguments.folder)
        return
    if arguments.pca:
        compare_components(arguments.rounds)
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
