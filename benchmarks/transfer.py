"""What is gained on few labelled images by a network that was trained on others before.

A ResNet-18 with the stem "small" and 16 filters is trained on five classes of CIFAR-10. For each
seed, 100 images of each of the other five classes are drawn. On these 500 the same network is
trained twice, by the same recipe, in the same order and with the same views: from random weights,
and from those of the first training with a new head, the backbone frozen for the first epochs. Both
are then measured on the 5,000 test images of these five classes, which nothing looked at before.
`--side 16` takes a quarter of the time.

The first training is kept in the output folder and taken up again where it is whole. Exits with 1
where transfer does not win with every seed.
"""

import argparse
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from cutaway.data import DataModule, Images, InputTransform, load_data
from cutaway.networks import ResNet, load_model, transform_of
from cutaway.progress import show_progress
from cutaway.training import Recipe, train
from cutaway.training.precision import choose_precision

HALVES = ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9))
WIDTH, LABELLED = 16, 100
FIRST = Recipe(epochs=3, learning_rate=5e-3, validate=False)
FEW = Recipe(epochs=20, learning_rate=2e-3, validate=False)
UNFREEZE_AT = 6
BATCH_SIZE, FEW_BATCH_SIZE = 128, 32


class Half(DataModule):
    """Five classes of CIFAR-10, or a few images of each, with their official test images."""

    def __init__(
        self,
        classes: tuple[int, ...],
        *,
        labelled: int | None,
        seed: int,
        transform: InputTransform | None = None,
        side: int | None = None,
    ) -> None:
        size = BATCH_SIZE if labelled is None else FEW_BATCH_SIZE
        shift = (transform.width if transform is not None else side or 32) // 8
        super().__init__(
            "cifar10", size, seed, transform, side, shift=shift, flip=True, validate=False
        )
        self._classes, self._labelled, self._drawn = classes, labelled, seed

    def _parts(self) -> tuple[Images, Images | None, Images]:
        train_part, test = (of_classes(part, self._classes) for part in ("train", "test"))
        if self._labelled is not None:
            train_part = train_part.select(drawn(train_part, self._labelled, self._drawn))
        return train_part, None, test


@cache
def of_classes(part: str, classes: tuple[int, ...]) -> Images:
    """A part's images of some classes, which are numbered anew."""
    images = load_data("cifar10", split=part)
    assert images.labels is not None
    assert images.class_names is not None
    rows = np.flatnonzero(np.isin(images.labels, classes))
    labels = np.searchsorted(classes, images.labels[rows])
    names = tuple(images.class_names[label] for label in classes)
    return replace(images.select(rows), labels=labels, class_names=names)


def drawn(images: Images, count: int, seed: int) -> np.ndarray:
    """Rows of so many images of each class."""
    assert images.labels is not None
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(images.labels == label) for label in np.unique(images.labels)]
    return np.sort(
        np.concatenate([rng.choice(of_class, count, replace=False) for of_class in rows])
    )


def small_resnet() -> ResNet:
    return ResNet("resnet18", classes=5, width=WIDTH, stem="small")


def faster_precision(side: int) -> str:
    """The faster type of number here, as a long run would find out."""
    images = torch.zeros(BATCH_SIZE, 3, side, side).to(memory_format=torch.channels_last)
    return choose_precision("auto", small_resnet(), images, total_images=10**6)[0]


def first_training(folder: Path, precision: str, epochs: int, side: int) -> Path:
    """The checkpoint of the training on the first five classes, trained where it is not there."""
    checkpoint = folder / "best.ckpt"
    if not (folder / "whole").exists():
        data = Half(HALVES[0], labelled=None, seed=0, side=side)
        recipe = replace(FIRST, epochs=epochs)
        run = train(
            data, small_resnet, recipe=recipe, precision=precision, output=folder, overwrite=True
        )
        print(f"first training: {run.test_accuracy:.2%} of its own 5,000 test images", flush=True)
        (folder / "whole").touch()
    return checkpoint


def compare(checkpoint: Path, precision: str, epochs: int, seed: int) -> tuple[float, float]:
    """Accuracy from random weights and by transfer, on the same images."""
    transform = transform_of(load_model(checkpoint))
    recipe = replace(FEW, epochs=epochs)

    def data() -> Half:
        return Half(HALVES[1], labelled=LABELLED, seed=seed, transform=transform)

    scratch = train(data(), small_resnet, recipe=recipe, seed=seed, precision=precision)
    transfer = train(
        data(),
        pretrained=checkpoint,
        freeze="backbone",
        unfreeze_at=UNFREEZE_AT,
        recipe=recipe,
        seed=seed,
        precision=precision,
    )
    return scratch.test_accuracy, transfer.test_accuracy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--first-epochs", type=int, default=FIRST.epochs)
    parser.add_argument("--epochs", type=int, default=FEW.epochs)
    parser.add_argument(
        "--side", type=int, default=32, help="pixels a side that images are brought to"
    )
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/transfer"))
    options = parser.parse_args()
    show_progress(visible=options.progress)
    started, spent = time.perf_counter(), time.process_time()
    precision = faster_precision(options.side)
    folder = options.output / f"first-{options.side}"
    checkpoint = first_training(folder, precision, options.first_epochs, options.side)
    results = []
    print(f"{'':10}{'from random':>14}{'by transfer':>14}{'gained':>10}", flush=True)
    for seed in options.seeds:
        results.append(compare(checkpoint, precision, options.epochs, seed))
        print(row(f"seed {seed}", *results[-1]), flush=True)
    mean, spread = np.mean(results, axis=0), np.std(results, axis=0, ddof=1)
    print(row("mean", *mean))
    print(f"{'deviation':10}{spread[0]:14.2%}{spread[1]:14.2%}")
    print(
        f"{time.perf_counter() - started:.0f} s, of two processors' time "
        f"{time.process_time() - spent:.0f} s, in {precision}"
    )
    return int(any(transfer <= scratch for scratch, transfer in results))


def row(name: str, scratch: float, transfer: float) -> str:
    return f"{name:10}{scratch:14.2%}{transfer:14.2%}{transfer - scratch:+10.2%}"


if __name__ == "__main__":
    sys.exit(main())
