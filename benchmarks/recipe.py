"""How far Report6's network gets on CIFAR-10: several seeds, mean and spread.

Trains the CNN, unchanged, by the recipe "patient" with every seed, and measures it once on the test
split, which nothing else looks at: as it is, with answers averaged over each image and its mirror
image, and over these shifted by up to two pixels as well. A run that was interrupted goes on where
it stopped; one that is complete is only measured.

The teacher comes from

    cutaway train cifar10 --network cutaway.networks.teacher:Teacher --recipe augmented \
        --epochs 20 -o runs/teacher

and is told in the table, measured in the same way. `--filters` widens the second convolution from
its 32 filters, to find the smallest change to the network that reaches what it does not. Exits with
1 where the mean with flips is below 85%.
"""

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cutaway.data import DataModule
from cutaway.networks import CNN, transform_of
from cutaway.progress import show_progress
from cutaway.training import RECIPES, train
from cutaway.training.evaluation import Looks, evaluate
from cutaway.training.prepare import load_teacher

REPORT6 = 0.85
WAYS = {
    "one look": Looks(),
    "and mirrored": Looks(flip=True),
    "and shifted": Looks(flip=True, shift=2),
}


def measure(trained: nn.Module) -> list[float]:
    """Accuracy on the test split in each way."""
    data = DataModule("cifar10", batch_size=500, transform=transform_of(trained))
    data.setup()
    cpu = torch.device("cpu")
    tallies = [evaluate(trained, data.test_dataloader(), cpu, looks) for looks in WAYS.values()]
    return [tally.accuracy for tally in tallies]


def network(filters: int) -> nn.Module:
    """Report6's CNN, its second convolution with so many filters."""
    cnn = CNN()
    if filters != cnn.block2[0].out_channels:
        cnn.block2[0] = nn.Conv2d(64, filters, kernel_size=5)
        cnn.block2[1] = nn.BatchNorm2d(filters)
        cnn.fc_layers[0] = nn.Linear(filters * 25, 64)
    return cnn


def row(name: str, accuracies: list[float]) -> str:
    return f"{name:16}" + "".join(f"{accuracy:14.2%}" for accuracy in accuracies)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=RECIPES["patient"].epochs)
    parser.add_argument("--filters", type=int, default=32)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/patient"))
    options = parser.parse_args()
    show_progress()
    recipe = replace(RECIPES["patient"], epochs=options.epochs)
    teacher = load_teacher(options.teacher)
    lines, accuracies = [row("teacher", measure(teacher))], []
    for seed in options.seeds:
        folder = options.output / f"seed-{seed}"
        run = train(
            "cifar10",
            partial(network, options.filters),
            recipe=recipe,
            teacher=teacher,
            seed=seed,
            precision=options.precision,
            output=folder,
            resume=True,
        )
        accuracies.append(measure(run.model))
        trained = run.history["train_accuracy"].iloc[-1]
        lines.append(row(f"seed {seed}", accuracies[-1]) + f"{trained:14.2%}")
    mean = np.mean(accuracies, axis=0)
    if len(accuracies) > 1:
        spread = np.std(accuracies, axis=0, ddof=1)
        lines += [row("mean", list(mean)), row("deviation", list(spread))]
    size = sum(parameter.numel() for parameter in network(options.filters).parameters())
    print(
        f"CIFAR-10, test split, {size:,} parameters, {recipe.epochs} epochs; Report6 says about "
        f"{REPORT6:.0%} of its own"
    )
    print(" " * 16 + "".join(f"{way:>14}" for way in WAYS) + "   in training")
    print("\n".join(lines))
    return int(mean[1] < REPORT6)


if __name__ == "__main__":
    sys.exit(main())
