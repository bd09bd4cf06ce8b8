"""What `cutaway.complexity` recommends, against what trained models then reach.

The recommendation comes from the first 20,000 training images. Then a linear model, an MLP and
Report6's CNN learn from the whole training split and are asked about the whole test split. A
recommendation holds where the model it names reaches the target and the simpler ones do not; "deep"
holds where none of the three does and the CNN is ahead by far.

    python benchmarks/complexity.py
    python benchmarks/complexity.py --sets digits mnist
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import cutaway
from cutaway.data import Images
from cutaway.diagnosis.classifiers import accuracy

EPOCHS = {"digits": 10, "mnist": 2, "cifar10": 10}
AHEAD = 0.1
"""What the CNN must gain over pixels where "deep" was recommended."""


def features(train: Images, test: Images) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of both along the components that hold 99% of the training images' variance."""
    rows, asked = (images.tensor().flatten(1).numpy() for images in (train, test))
    fitted = cutaway.PCA(n_components=0.99).fit(rows)
    return fitted.embedding_, fitted.transform(asked)


def reached(name: str, epochs: int) -> dict[str, float]:
    """Test accuracy of each model after learning from the whole training split."""
    train, test = (cutaway.load_data(name, split=split) for split in ("train", "test"))
    rows, asked = features(train, test)
    labels = np.array(train.labels), np.array(test.labels)
    found = {
        model: accuracy(model, (rows, labels[0]), (asked, labels[1])) for model in ("linear", "MLP")
    }
    with tempfile.TemporaryDirectory() as folder:
        run = cutaway.train(name, epochs=epochs, output=Path(folder) / "run")
    return {**found, "CNN": run.test_accuracy}


def holds(recommendation: str, found: dict[str, float], target: float) -> bool:
    """Whether the trained models bear a recommendation out."""
    linear, mlp, cnn = (found[model] >= target for model in ("linear", "MLP", "CNN"))
    if recommendation == "deep":
        simple = max(found["linear"], found["MLP"])
        return not (linear or mlp) and found["CNN"] - simple >= AHEAD
    return {
        "linear": linear,
        "mlp": mlp and not linear,
        "convolutional": cnn and not (linear or mlp),
    }.get(recommendation, False)


def main() -> None:
    """Prints a row a set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=EPOCHS, default=list(EPOCHS))
    parser.add_argument("--epochs", type=int, help="epochs of the CNN; else 10, 2 and 10")
    options = parser.parse_args()
    print("| set | recommended | seconds | linear | MLP | CNN (epochs) | holds |")
    print("|---|---|---|---|---|---|---|")
    for name in options.sets:
        epochs = options.epochs or EPOCHS[name]
        clock = time.perf_counter()
        advised = cutaway.complexity(cutaway.load_data(name, split="train"))
        took = time.perf_counter() - clock
        found = reached(name, epochs)
        said = str(advised.recommendation)
        scores = f"{found['linear']:.1%} | {found['MLP']:.1%} | {found['CNN']:.1%} ({epochs})"
        verdict = "yes" if holds(said, found, advised.target) else "NO"
        print(f"| {name} | {said} | {took:.0f} | {scores} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
