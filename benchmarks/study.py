"""What each stage of a Study costs: passes of the data through the network, and processor time.

A CNN (that of a checkpoint, else one of random weights) on test images of CIFAR-10 (random ones
where CUTAWAY_DATA is not set). Prints for every stage how many samples went through the network,
forward and back, and the processor's time, both as a share of one bare forward pass of all samples,
which is taken before and after. Exits with 1 where what every build does passes the data through
the network twice or more; a pass back counts as two forward.

    python benchmarks/study.py --checkpoint runs/cifar10/best.ckpt --deep
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cutaway.data import load_data
from cutaway.networks import CNN, load_model
from cutaway.study.build import DEEP_STAGES, STAGES
from cutaway.study.plan import Plan, make_plan

MOST = 2.0
BACKWARD = 2


class Counted:
    """Counts the samples that pass through a network, in forward passes.

    Args:
        network: Watched from now on.
    """

    def __init__(self, network: nn.Module) -> None:
        self.samples = 0
        network.register_forward_hook(self._forward)

    def _forward(self, _module: nn.Module, arguments: tuple[Tensor], outputs: Any) -> None:
        self.samples += len(arguments[0])
        # A pass that ends early returns nothing.
        if isinstance(outputs, Tensor) and outputs.requires_grad:
            outputs.register_hook(self._back)

    def _back(self, gradient: Tensor) -> None:
        self.samples += BACKWARD * len(gradient)


def cifar10(count: int) -> Any:
    """Labelled images as `build_study` takes them."""
    if os.environ.get("CUTAWAY_DATA"):
        return load_data("cifar10", split="test", limit=count)
    print("CUTAWAY_DATA is not set: random images take the place of CIFAR-10")
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return load_data((pixels, random.integers(0, 10, count)))


def bare(plan: Plan) -> float:
    """Processor seconds of a forward pass of all samples."""
    start = time.process_time()
    with torch.inference_mode():
        for inputs in plan.batches():
            plan.model(inputs)
    return time.process_time() - start


def measure(plan: Plan, folder: Path) -> list[tuple[str, float, float]]:
    """Runs every stage; gives its name, passes and processor seconds."""
    counted = Counted(plan.model)
    rows = []
    for name, steps in STAGES + (DEEP_STAGES if plan.deep else ()):
        counted.samples, start = 0, time.process_time()
        for step in steps:
            step(plan, folder)
        rows.append((name, counted.samples / len(plan.images), time.process_time() - start))
    return rows


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--deep", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = load_model(options.checkpoint) if options.checkpoint else CNN(3, 10, image_size=32)
    images = cifar10(options.samples)
    plan = make_plan(
        model, images, None, None, None, {"pca": "pixels"}, None, 0, "cpu", deep=options.deep
    )
    seconds = [bare(plan)]
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(plan, Path(folder))
    seconds.append(bare(plan))
    print(f"\n{len(plan.images):,} images; a bare pass took {min(seconds):.1f} processor seconds\n")
    print("| stage | passes | processor time, in bare passes |\n|---|---|---|")
    for name, passes, spent in rows:
        print(f"| {name} | {passes:.2f} | {spent / min(seconds):.2f} |")
    total = sum(passes for _, passes, _ in rows[: len(STAGES)])
    print(f"\nWhat every build does takes {total:.2f} passes; the goal is less than {MOST:g}.")
    return int(total >= MOST)


if __name__ == "__main__":
    sys.exit(main())
