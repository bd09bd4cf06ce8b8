"""What training costs: ours against a bare PyTorch loop and the plain Lightning recipe, in one run.

The three train Report6's CNN on CIFAR-10 with AdamW on batches of 128 images that are shifted by up
to four pixels, flipped and normalized:

- ours: `Loop`, as `cutaway train cifar10 --recipe augmented` runs it, callbacks and all;
- bare: a loop in plain PyTorch of the same steps, in the same precision and memory order, which
  cuts, flips and normalizes whole batches by tensor operations;
- plain: Lightning in its default settings, with a `DataLoader` whose data set decodes nothing but
  pads, cuts, flips and normalizes one image at a time with Pillow and NumPy, as is customary.

They take turns, a few steps each, in an order drawn anew, so that other work on the machine meets
all alike. The figures are medians over the turns. Beside elapsed time stands the time that the
processor spent: on a busy machine threads wait for each other, which weighs on elapsed time alone.
Exits with 1 where ours has less than 0.95 of the bare loop's speed, or less than 3 times that of
the plain recipe, by elapsed time.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import lightning
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from cutaway.data import DataModule, InputTransform, load_data
from cutaway.networks import CNN
from cutaway.training import RECIPES
from cutaway.training.callbacks import History
from cutaway.training.loop import Loop
from cutaway.training.precision import choose_precision
from cutaway.training.quiet import quiet_lightning

AGAINST_BARE, AGAINST_PLAIN = 0.95, 3.0
BATCH, SHIFT, RATE = 128, 4, 1e-3
MEAN, DEVIATION = (0.491, 0.482, 0.447), (0.247, 0.243, 0.262)
WARM_UP = 3


def cifar10(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bytes (count, 32, 32, 3) and labels; random ones, said so, where there are no others."""
    if os.environ.get("CUTAWAY_DATA"):
        images = load_data("cifar10", split="train", limit=count)
        assert images.labels is not None
        return images.pixels, images.labels
    print("CUTAWAY_DATA is not set: random images take the place of CIFAR-10")
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return pixels, random.integers(0, 10, count)


def clocks() -> np.ndarray:
    """Elapsed time and processor time, in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


class Laps(lightning.Callback):
    """Notes the clocks after every step, and ends the run after so many."""

    def __init__(self, steps: int) -> None:
        self.ends: list[np.ndarray] = []
        self._steps = steps

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """One step more."""
        self.ends.append(clocks())
        trainer.should_stop = len(self.ends) >= self._steps

    @property
    def seconds(self) -> np.ndarray:
        """Of one step, without the first few."""
        return (self.ends[-1] - self.ends[WARM_UP - 1]) / (len(self.ends) - WARM_UP)


class Ours:
    """As the command trains."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, precision: str) -> None:
        transform = InputTransform(size=32, mean=MEAN, std=DEVIATION, channels=3)
        self._data = DataModule(
            (pixels, labels), batch_size=BATCH, transform=transform, shift=SHIFT, flip=True
        )
        self._data.setup()
        self._precision = precision

    def __call__(self, steps: int) -> np.ndarray:
        """Seconds a step."""
        laps, description = Laps(steps), {"name": "CNN", "arguments": {}}
        recipe, device = RECIPES["augmented"], torch.device("cpu")
        loop = Loop(CNN(), self._data, recipe, device, 0, description)
        with quiet_lightning():
            loop.fit(self._precision, [History(), laps])
        return laps.seconds


class Bare:
    """Plain PyTorch, on whole batches."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, precision: str) -> None:
        self._pixels = torch.from_numpy(pixels.copy())
        self._labels = torch.from_numpy(labels.copy())
        self._low = precision == "bfloat16"

    def __call__(self, steps: int) -> np.ndarray:
        """Seconds a step."""
        network = CNN().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, fused=True)
        order = torch.randperm(len(self._pixels))
        ends = []
        for step in range(steps):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            images = self._batch(chosen)
            with torch.autocast("cpu", torch.bfloat16, enabled=self._low):
                logits = network(images)
            loss = functional.cross_entropy(logits.float(), self._labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ends.append(clocks())
        return (ends[-1] - ends[WARM_UP - 1]) / (len(ends) - WARM_UP)

    def _batch(self, chosen: Tensor) -> Tensor:
        images = self._pixels[chosen].permute(0, 3, 1, 2).float() / 255
        images = (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)
        images = functional.pad(images, (SHIFT,) * 4, mode="reflect")
        top, left = torch.randint(0, 2 * SHIFT + 1, (2, len(images), 1))
        rows = (top + torch.arange(32))[:, None, :, None]
        columns = (left + torch.arange(32))[:, None, None, :]
        samples, channels = torch.arange(len(images)), torch.arange(3)
        images = images[samples[:, None, None, None], channels[None, :, None, None], rows, columns]
        flipped = torch.rand(len(images), 1, 1, 1) < 0.5
        images = torch.where(flipped, images.flip(3), images)
        return images.contiguous(memory_format=torch.channels_last)


class OneByOne(Dataset):
    """Each image padded, cut, flipped and normalized by itself."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        self._pixels, self._labels = pixels, labels

    def __len__(self) -> int:
        """Number of images."""
        return len(self._pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """One image and its label."""
        image = Image.fromarray(self._pixels[index])
        padded = Image.fromarray(np.pad(np.asarray(image), ((SHIFT,) * 2, (SHIFT,) * 2, (0, 0))))
        left, top = (int(torch.randint(0, 2 * SHIFT + 1, ())) for _ in range(2))
        image = padded.crop((left, top, left + 32, top + 32))
        if torch.rand(()) < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        tensor = torch.from_numpy(np.array(image)).permute(2, 0, 1).float().div(255)
        mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)
        return (tensor - mean[:, None, None]) / deviation[:, None, None], int(self._labels[index])


class PlainModule(lightning.LightningModule):
    """What a tutorial has."""

    def __init__(self) -> None:
        super().__init__()
        self.network = CNN()

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """The loss of one batch."""
        images, labels = batch
        logits = self.network(images)
        loss = functional.cross_entropy(logits, labels)
        self.log("train_loss", loss)
        self.log("train_accuracy", (logits.argmax(dim=1) == labels).float().mean())
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW at one rate."""
        return torch.optim.AdamW(self.parameters(), lr=RATE)


class Plain:
    """Lightning as it comes, one image at a time."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, workers: int) -> None:
        self._batches = DataLoader(
            OneByOne(pixels, labels), batch_size=BATCH, shuffle=True, num_workers=workers
        )

    def __call__(self, steps: int) -> np.ndarray:
        """Seconds a step."""
        laps = Laps(steps)
        with quiet_lightning():
            trainer = lightning.Trainer(
                max_epochs=1,
                accelerator="cpu",
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                callbacks=[laps],
            )
            trainer.fit(PlainModule(), self._batches)
        return laps.seconds


def take_turns(ways: dict[str, Callable[[int], np.ndarray]], turns: int, steps: int) -> Any:
    """Seconds a step, (turns, 2 clocks) for each way."""
    order = np.random.default_rng(0)
    for way in ways.values():
        way(WARM_UP + 2)
    laps: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    for _ in range(turns):
        for name in order.permutation(list(ways)):
            laps[name].append(ways[name](WARM_UP + steps))
    return {name: np.array(each) for name, each in laps.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--workers", type=int, default=0, help="of the plain recipe's DataLoader")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    torch.manual_seed(0)
    pixels, labels = cifar10(10_000)
    images = torch.rand(BATCH, 3, 32, 32).to(memory_format=torch.channels_last)
    network: nn.Module = CNN().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    precision, gain = choose_precision(
        options.precision, network, images, total_images=len(pixels) * 100
    )
    ways: dict[str, Callable[[int], np.ndarray]] = {
        "ours": Ours(pixels, labels, precision),
        "bare": Bare(pixels, labels, precision),
        "plain": Plain(pixels, labels, options.workers),
    }
    laps = take_turns(ways, options.turns, options.steps)
    tried = "" if gain is None else f" (tried: {gain:.2f} times as fast as float32)"
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {precision}{tried}")
    print("        images a second   ours, times   by processor   ours, times")
    for name, each in laps.items():
        elapsed, processor = BATCH / np.median(each, axis=0)
        by_clock, by_processor = np.median(each / laps["ours"], axis=0)
        print(f"{name:8}{elapsed:15.0f}{by_clock:14.2f}{processor:15.0f}{by_processor:14.2f}")
    ratios = {name: np.median(laps[name] / laps["ours"], axis=0)[0] for name in ("bare", "plain")}
    return int(ratios["bare"] < AGAINST_BARE or ratios["plain"] < AGAINST_PLAIN)


if __name__ == "__main__":
    sys.exit(main())
