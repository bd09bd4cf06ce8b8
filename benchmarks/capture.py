"""What capturing costs: every layer of a network against its bare forward pass, in one run.

For the CNN on CIFAR-10 and ResNet-50 (random weights) on random images of 224x224 pixels. Prints
the time of the bare forward pass; of the pass with every leaf averaged inside hooks (by
`unit_means`, by `Tensor.mean`, and by the peers that are installed); of the pass with full
statistics of every leaf (moments, share active, extremes, histogram, top-k: by separate reductions
in torch, and by Cutaway); and of what `collect` does by default, which writes pooled features too.
Says whether Cutaway's means take at most 1.15 times the bare pass and its full statistics at most
1.5 times, by the processor's time, and exits with 1 where the means do not.

Every batch goes through all, in an order drawn anew, so that other work on the machine and what
ran just before meet each alike. Times are medians over the batches, and a ratio is the median over
the batches of the time against the bare time for the same batch. Beside elapsed time stands the
time that the processor spent: on a busy machine the threads of one operation wait for each other,
which weighs on elapsed time alone. Peers that are not installed (extra `[bench]`) are named;
torchvision is in no extra, since beside a build of torch that it is not for it breaks other
libraries: install it, of the release that belongs to torch, into an environment of its own.
"""

import argparse
import copy
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from cutaway.activations import capture, unit_means
from cutaway.activations.calls import observing
from cutaway.activations.collector import Collector
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.data import load_data
from cutaway.networks import CNN, ResNet
from peers.capturing import PEERS, Run, mean

LIMITS = {"means": 1.15, "statistics": 1.5}
_TOP, _BINS = 9, 32


def cifar10(count: int) -> Tensor:
    """Images in [0, 1], (count, 3, 32, 32); random ones, said so, where there are no others."""
    if os.environ.get("CUTAWAY_DATA"):
        return load_data("cifar10", split="test", limit=count).tensor()
    print("CUTAWAY_DATA is not set: random images take the place of CIFAR-10")
    noise = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), np.uint8)
    return torch.from_numpy(noise) / 255


def separate_reductions(activation: Tensor) -> Tensor:
    """Full statistics as one would write them by hand, a read of the activation for each."""
    units = activation.movedim(1, 0).flatten(1)
    highest = activation.flatten(2).amax(dim=2) if activation.ndim > 2 else activation
    low, high = units.aminmax(dim=1)
    width = ((high - low) / _BINS).clamp_min(1e-30)
    bins = ((units - low[:, None]) / width[:, None]).long().clamp_(0, _BINS - 1)
    rows = bins + _BINS * torch.arange(len(units))[:, None]
    figures = [
        *torch.var_mean(units, dim=1),
        (highest > 0).float().mean(dim=0),
        low,
        high,
        torch.bincount(rows.flatten(), minlength=_BINS * len(units)),
        *highest.topk(min(_TOP, len(highest)), dim=0),
    ]
    return torch.cat([figure.flatten() for figure in figures])


def add_means(
    hooked: nn.Module, acts: Mapping[str, Tensor], totals: dict[str, Tensor], batch: Tensor
) -> None:
    """One batch of a running average of every layer."""
    hooked(batch)
    for address, each in acts.items():
        totals[address] = totals.get(address, 0) + len(batch) * each


class Summing:
    """What `collect` does with a batch."""

    def __init__(self, model: nn.Module, collector: Collector) -> None:
        self._model = model
        self._collector = collector
        self._done = 0

    def __call__(self, batch: Tensor) -> None:
        """Runs a batch and takes in what every layer returns."""
        self._collector.begin(batch, self._done)
        self._collector.end(self._model(batch))
        self._done += len(batch)


def leaves_of(model: nn.Module, batch: Tensor) -> list[str]:
    """Names of the layers that have no layers within, in order of their first calls."""
    with capture(model, None, reduce=unit_means) as acts:
        model(batch)
    return [address for address in acts if "#" not in address]


def contestants(
    model: nn.Module, batches: list[Tensor], folder: Path, stack: ExitStack
) -> dict[str, Run]:
    """Everything that is timed, the bare forward pass first."""
    runs: dict[str, Run] = {"bare": copy.deepcopy(model)}
    names = leaves_of(model, batches[0][:2])
    samples = sum(len(batch) for batch in batches)
    hooks = {"means": unit_means, "Tensor.mean": mean, "separate": separate_reductions}
    for name, reduce in hooks.items():
        hooked = copy.deepcopy(model)
        acts = stack.enter_context(capture(hooked, None, reduce=reduce))
        runs[name] = hooked if name == "separate" else partial(add_means, hooked, acts, {})
    for name, limit in (("statistics", 0), ("collect", 1024)):
        own = copy.deepcopy(model)
        plan = PassPlan(tuple(names), samples, folder / name, feature_limit=limit)
        collector = Collector(own, plan, PassState())
        stack.callback(collector.close)
        stack.enter_context(observing(own, plan.names, collector))
        runs[name] = Summing(own, collector)
    for name, prepare in PEERS.items():
        try:
            runs[name] = prepare(copy.deepcopy(model), names)
        except ImportError as error:
            print(f"{name} is not installed ({error}): its row is missing")
    return runs


def measure(model: nn.Module, batches: list[Tensor]) -> dict[str, np.ndarray]:
    """Elapsed and processor seconds of each batch, each way; a first batch is not counted."""
    laps: dict[str, list[np.ndarray]] = {}
    order = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), ExitStack() as stack:
        runs = list(contestants(model, batches, Path(folder), stack).items())
        for batch in batches:
            for index in order.permutation(len(runs)):
                name, run = runs[index]
                start = clocks()
                run(batch)
                laps.setdefault(name, []).append(clocks() - start)
    return {name: np.array(laps[name][1:]) for name, _ in runs}


def clocks() -> np.ndarray:
    """Elapsed time and processor time, in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


def show(title: str, times: Mapping[str, np.ndarray]) -> bool:
    """Prints a network's table and tells whether the means stay within their limit."""
    ratios = {name: np.median(each / times["bare"], axis=0) for name, each in times.items()}
    print(f"{title}, seconds a batch\n{'':13}  elapsed   ratio   processor   ratio")
    for name, each in times.items():
        elapsed, processor = np.median(each, axis=0)
        by_clock, by_processor = ratios[name]
        print(f"{name:13}{elapsed:9.4f} {by_clock:7.3f} {processor:11.4f} {by_processor:7.3f}")
    for name, limit in LIMITS.items():
        reached = "reached" if ratios[name][1] <= limit else "not reached"
        print(f"{name}: {limit} times the bare pass, by the processor's time, is {reached}")
    return bool(ratios["means"][1] <= LIMITS["means"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=["cnn", "resnet50", "both"], default="both")
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=100, help="of the CNN; ResNet-50 has 16")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} threads")
    within = True
    if options.network != "resnet50":
        batches = cifar10(options.batch_size * (options.batches + 1)).split(options.batch_size)
        title = f"CNN, {options.batch_size} images of 32x32"
        within &= show(title, measure(CNN().eval(), list(batches)))
    if options.network != "cnn":
        images = torch.rand(16, 3, 224, 224)
        model = ResNet("resnet50").eval()
        times = measure(model, [images] * (options.batches // 2 + 1))
        within &= show("ResNet-50, 16 images of 224x224", times)
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
