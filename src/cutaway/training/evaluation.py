"""Loss and accuracy over batches, of single images or of several views of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from cutaway.data.augment import view_batch


@dataclass
class Tally:
    """Sums of loss and right answers over the batches of an epoch.

    They stay on the device until they are read, so that no step waits for them.

    Example:
        >>> tally = Tally()
        >>> tally.add(torch.tensor([[9.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 1]))
        >>> tally.accuracy
        0.5
    """

    losses: list[Tensor]
    correct: list[Tensor]
    samples: int

    def __init__(self) -> None:
        self.losses, self.correct, self.samples = [], [], 0

    def add(self, logits: Float[Tensor, "batch classes"], labels: Int64[Tensor, " batch"]) -> None:
        """Counts one batch; its loss is plain cross-entropy without smoothing."""
        with torch.no_grad():
            logits = logits.detach().float()
            self.losses.append(functional.cross_entropy(logits, labels, reduction="sum"))
            self.correct.append((logits.argmax(dim=1) == labels).sum())
            self.samples += len(labels)

    def total(self, add: Callable[[Tensor], Tensor]) -> None:
        """Adds up what several processes counted.

        Args:
            add: Gives the sum of all processes' tensors, and is called by each of them.
        """
        sums = [_total(self.losses), _total(self.correct), float(self.samples)]
        loss, correct, samples = add(torch.tensor(sums, dtype=torch.float64))
        self.losses, self.correct, self.samples = [loss], [correct], int(samples)

    @property
    def loss(self) -> float:
        """Mean cross-entropy a sample, in nats; NaN where there was none."""
        return _total(self.losses) / self.samples if self.samples else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of right answers in [0, 1]; NaN where there was no sample."""
        return _total(self.correct) / self.samples if self.samples else float("nan")


@dataclass(frozen=True)
class Looks:
    """How often a network looks at an image before it answers.

    Its answer is then the mean of its probabilities over all looks, each at the image shifted, or
    mirrored, or both.

    Attributes:
        flip: Look at the mirrored image too.
        shift: Look at it shifted by so many pixels too, in all eight directions; 0 for not.

    Example:
        >>> Looks(flip=True).count, Looks(flip=True, shift=1).count
        (2, 18)
    """

    flip: bool = False
    shift: int = 0

    @property
    def count(self) -> int:
        """Passes through the network for one image."""
        return len(self._ways())

    def logits(
        self, network: nn.Module, images: Float[Tensor, "batch *shape"]
    ) -> Float[Tensor, "batch classes"]:
        """The network's logits at one look, the logarithm of its mean probabilities at several."""
        if self.count == 1:
            return network(images)
        looks = [network(_seen(images, *way)).float().log_softmax(dim=1) for way in self._ways()]
        return torch.stack(looks).logsumexp(dim=0) - torch.tensor(float(len(looks))).log()

    def _ways(self) -> list[tuple[int, int, bool]]:
        steps = (-self.shift, 0, self.shift) if self.shift else (0,)
        return list(product(steps, steps, (False, True) if self.flip else (False,)))


def evaluate(
    network: nn.Module,
    batches: Iterable[tuple[Tensor, ...]],
    device: torch.device,
    looks: Looks | None = None,
) -> Tally:
    """Runs a network over labelled batches in eval mode without gradients.

    Args:
        network: Its mode is as before afterwards.
        batches: Tuples that begin with images (batch, channels, height, width) and labels (batch,).
        device: Where the network is.
        looks: How often it looks at each image; None for once.

    Example:
        >>> batch = torch.tensor([[9.0, 0.0]]), torch.tensor([0])
        >>> evaluate(nn.Identity(), [batch], torch.device("cpu")).accuracy
        1.0
    """
    training, tally = network.training, Tally()
    looks = Looks() if looks is None else looks
    network.eval()
    with torch.inference_mode():
        for images, labels, *_ in batches:
            tally.add(looks.logits(network, images.to(device)), labels.to(device))
    network.train(training)
    return tally


def _seen(images: Tensor, down: int, right: int, mirrored: bool) -> Tensor:
    if not (down or right or mirrored):
        return images
    each = torch.ones(len(images), dtype=torch.int64)
    return view_batch(images.cpu(), each * down, each * right, each.bool() & mirrored).to(
        images.device
    )


def _total(values: list[Tensor]) -> float:
    return float(torch.stack(values).double().sum()) if values else 0.0
