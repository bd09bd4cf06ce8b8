"""What capturing costs: the CNN over 10,000 CIFAR-10 images, bare against hooked, in one run.

Prints the time of the bare forward pass, of the pass with every layer averaged inside hooks (by
`unit_means`, and by `Tensor.mean`), and of the pass that `collect` makes with full statistics and
feature files, each with its ratio to the bare one. Exits with 1 where the means take more than
1.15 times the bare pass.

Every batch goes through all, in an order drawn anew, so that other work on the machine and what
ran just before meet each alike (`collect` comes last, and a bare pass that is not timed follows).
Times are medians over the batches, scaled to all of them, and a ratio is the median over the
batches of the time against the bare time for the same batch. Beside elapsed time stands the time
that the processor spent: on a busy machine the threads of one operation wait for each other, which
weighs on elapsed time alone.
"""

import argparse
import copy
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from cutaway.activations import capture, collect, unit_means
from cutaway.data import load_data
from cutaway.networks import CNN

LARGEST_RATIO = 1.15


def cifar10(count: int) -> Tensor:
    """Images in [0, 1], (count, 3, 32, 32); random ones, said so, where there are no others."""
    if os.environ.get("CUTAWAY_DATA"):
        return load_data("cifar10", split="test", limit=count).tensor()
    print("CUTAWAY_DATA is not set: random images take the place of CIFAR-10")
    noise = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), np.uint8)
    return torch.from_numpy(noise) / 255


def torch_means(activation: Tensor) -> Tensor:
    """What one would write by hand."""
    return activation.mean(dim=(0, *range(2, activation.ndim)))


def clocks() -> np.ndarray:
    """Elapsed time and processor time, in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


class Laps:
    """Runs things in turn, batch by batch, and notes how long each takes."""

    def __init__(self, runs: dict[str, Callable[[Tensor], object]], last: str) -> None:
        self._runs = list(runs.items())
        self.laps: dict[str, list[np.ndarray]] = {name: [] for name in (*runs, last)}
        self._last = last

    def around(self, batches: list[Tensor]) -> Iterator[Tensor]:
        """Yields the batches; what the receiver does with one is timed as the last run."""
        order = np.random.default_rng(0)
        for batch in batches:
            self._runs[0][1](batch)
            for index in order.permutation(len(self._runs)):
                name, run = self._runs[index]
                start = clocks()
                run(batch)
                self.laps[name].append(clocks() - start)
            start = clocks()
            yield batch
            self.laps[self._last].append(clocks() - start)


def add_means(
    hooked: nn.Module, acts: Mapping[str, Tensor], totals: dict[str, Tensor], batch: Tensor
) -> None:
    """One batch of a running average of every layer."""
    hooked(batch)
    for address, mean in acts.items():
        totals[address] = totals.get(address, 0) + len(batch) * mean


def measure(model: nn.Module, batches: list[Tensor]) -> dict[str, list[np.ndarray]]:
    """Seconds a batch of each way."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), ExitStack() as captures:
        runs: dict[str, Callable[[Tensor], object]] = {"bare": copy.deepcopy(model)}
        for name, reduce in (("means", unit_means), ("torch.mean", torch_means)):
            hooked = copy.deepcopy(model)
            acts = captures.enter_context(capture(hooked, "*", reduce=reduce))
            runs[name] = partial(add_means, hooked, acts, {})
        laps = Laps(runs, "collect")
        samples = sum(len(batch) for batch in batches)
        collect(model, laps.around(batches), samples=samples, folder=folder, device="cpu")
    return laps.laps


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    model = CNN().eval()
    images = cifar10(options.images)
    starts = range(0, len(images), options.batch_size)
    batches = [images[start : start + options.batch_size] for start in starts]
    measure(model, batches[:4])
    laps: dict[str, list[np.ndarray]] = {}
    for _ in range(options.repeats):
        for name, seconds in measure(model, batches).items():
            laps.setdefault(name, []).extend(seconds)
    times = {name: np.array(each) for name, each in laps.items()}
    ratios = {name: np.median(each / times["bare"], axis=0) for name, each in times.items()}
    print(f"torch {torch.__version__}, {options.threads} threads, {len(images)} images")
    print("            elapsed   ratio   processor   ratio")
    for name, each in times.items():
        elapsed, processor = np.median(each, axis=0) * len(batches)
        by_clock, by_processor = ratios[name]
        print(f"{name:10}{elapsed:7.2f} s {by_clock:7.3f} {processor:9.2f} s {by_processor:7.3f}")
    return int(ratios["means"][0] > LARGEST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
