"""Autoencoders beside PCA, and parametric t-SNE beside openTSNE's transform.

    python benchmarks/autoencoders.py [--samples N] [--components K ...] [--skip-linear]

Needs MNIST and CIFAR-10 (from CUTAWAY_DATA or the hub); the second table, the extra [bench].
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from cutaway.data import load_data
from cutaway.maps import PCA, TSNE, Autoencoder, ParametricTSNE, map_quality

ANGLE_GOAL = 5.0
ERROR_GOAL = 1.01
NEIGHBOURS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, help="of each set; all by default")
    parser.add_argument("--components", type=int, nargs="+", default=[2])
    parser.add_argument("--fit", type=int, default=10_000, help="MNIST images that t-SNE maps")
    parser.add_argument("--unseen", type=int, default=2_000, help="MNIST test images to place")
    parser.add_argument("--skip-linear", action="store_true")
    parser.add_argument("--skip-parametric", action="store_true")
    parser.add_argument("--skip-pipelines", action="store_true")
    options = parser.parse_args()
    if not options.skip_linear:
        compare_linear(options.samples, options.components)
    if not options.skip_parametric:
        compare_parametric(options.fit, options.unseen)
    if not options.skip_pipelines:
        compare_pipelines(options.fit, options.unseen)


def compare_linear(samples: int | None, components: list[int]) -> None:
    print(f"Linear autoencoder and PCA (goals: angle < {ANGLE_GOAL}°, error ratio < {ERROR_GOAL})")
    print("data        n       k  PCA s  autoencoder s  angle °  error ratio")
    for name in ("mnist", "cifar10"):
        X = rows(name, "train", samples)
        for count in components:
            pca, pca_seconds = timed(PCA(count).fit, X)
            linear, seconds = timed(Autoencoder(count, linear=True, random_state=0).fit, X)
            weights = linear.decoder_[0].weight.detach().numpy()
            angle = np.degrees(scipy.linalg.subspace_angles(weights, pca.components_.T).max())
            ratio = squared_error(linear, X) / squared_error(pca, X)
            print(
                f"{name:8} {len(X):6,} {count:6} {pca_seconds:6.1f} {seconds:13.1f} "
                f"{angle:9.4f} {ratio:12.6f}",
                flush=True,
            )


def compare_parametric(fit: int, unseen: int) -> None:
    import openTSNE
    from sklearn.manifold import trustworthiness

    reduction = PCA(50)
    X = reduction.fit_transform(rows("mnist", "train", fit))
    new = reduction.transform(rows("mnist", "test", unseen))
    methods: dict[str, Any] = {
        "openTSNE": openTSNE.TSNE(random_state=0, n_jobs=-1),
        "ParametricTSNE": ParametricTSNE(random_state=0),
    }
    print(f"\nUnseen MNIST images: {fit:,} mapped, {unseen:,} placed, PCA-50 input")
    print(f"method           fit s  place s  trustworthiness of the placed, k={NEIGHBOURS}")
    for name, method in methods.items():
        model, fit_seconds = timed(method.fit, X)
        placed, seconds = timed(model.transform, new)
        trust = trustworthiness(new, np.asarray(placed), n_neighbors=NEIGHBOURS)
        print(f"{name:14} {fit_seconds:7.1f} {seconds:8.2f}  {trust:.4f}", flush=True)


def compare_pipelines(fit: int, unseen: int) -> None:
    """t-SNE after an autoencoder, as Report6 suggests, beside t-SNE after PCA."""
    train = load_data("mnist", split="train", limit=fit)
    test = load_data("mnist", split="test", limit=unseen)
    X, new = (data.tensor().flatten(1).numpy() for data in (train, test))
    reductions = {
        "PCA(50)": PCA(50, random_state=0),
        "Autoencoder(32)": Autoencoder(32, random_state=0),
    }
    print(f"\nt-SNE after a reduction: {fit:,} MNIST images mapped, {unseen:,} placed")
    print("reduction        fit s  CPU s  trustworthiness  10-NN  10-NN of the placed")
    for name, reduction in reductions.items():
        pipeline = make_pipeline(reduction, TSNE(random_state=0))
        started = time.process_time()
        pipeline, seconds = timed(pipeline.fit, X)
        cpu = time.process_time() - started
        places = pipeline[-1].embedding_
        trust = map_quality(X, places, k=NEIGHBOURS, ranked=2_000).trustworthiness
        voters = KNeighborsClassifier(10).fit(places, train.labels)
        own = cross_val_score(KNeighborsClassifier(10), places, train.labels, cv=10).mean()
        placed = voters.score(pipeline.transform(new), test.labels)
        print(
            f"{name:15} {seconds:6.1f} {cpu:6.1f} {trust:16.4f} {own:6.4f} {placed:20.4f}",
            flush=True,
        )


def rows(name: str, split: str, limit: int | None) -> np.ndarray:
    pixels = load_data(name, split=split, limit=limit).pixels
    return pixels.reshape(len(pixels), -1)


def squared_error(model: Any, X: np.ndarray, block: int = 2_000) -> float:
    """Sum over all values, block by block, so that the whole of CIFAR-10 fits in memory."""
    total = 0.0
    for start in range(0, len(X), block):
        part = X[start : start + block]
        back = model.inverse_transform(model.transform(part))
        total += float(np.square(back - part).sum(dtype=np.float64))
    return total


def timed(run: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    result = run(*arguments)
    return result, time.perf_counter() - start


if __name__ == "__main__":
    main()
