"""Training a network on minibatches: one loop, one schedule, one seed."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cutaway.errors import InputError
from cutaway.progress import task

_LARGEST_GRADIENT = 1.0

Loss = Callable[[Tensor], Tensor]


def train_on_minibatches(
    network: nn.Module,
    loss: Loss,
    samples: int,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    description: str,
) -> list[float]:
    """Minimizes `loss(indices)` over the network's parameters; returns its mean in each epoch.

    AdamW under a one-cycle schedule (Loshchilov and Hutter 2019; Smith and Topin 2019), gradients
    clipped at norm 1. Each epoch shuffles the samples anew and leaves out a last batch that is not
    full.

    Args:
        network: Whose parameters are trained.
        loss: From the indices of a batch, Int64 on the CPU, to a scalar.
        samples: Number of samples.
        epochs: Passes over them.
        batch_size: Samples a step, all of them where there are fewer.
        learning_rate: The schedule's highest.
        seed: Of the shuffling.
        description: Shown with the progress.

    Raises:
        InputError: The loss became infinite or NaN.
    """
    batch_size = min(batch_size, samples)
    batches = samples // batch_size
    optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=learning_rate, total_steps=epochs * batches + 1, pct_start=0.1
    )
    generator = torch.Generator().manual_seed(seed)
    history = []
    network.train()
    with task(description, total=epochs * batches) as progress:
        for _ in range(epochs):
            order = torch.randperm(samples, generator=generator)[: batches * batch_size]
            total = 0.0
            for indices in order.split(batch_size):
                optimizer.zero_grad()
                error = loss(indices)
                error.backward()
                nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
                optimizer.step()
                schedule.step()
                total += float(error.detach())
                progress.advance()
            history.append(_finite(total / batches, learning_rate))
    network.eval()
    return history


def _finite(error: float, learning_rate: float) -> float:
    if error - error != 0:
        raise InputError(
            f"training left the finite numbers at learning_rate={learning_rate}; "
            f"expected a rate that converges: try {learning_rate / 10:g}"
        )
    return error
