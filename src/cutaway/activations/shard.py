"""A pass of a network over a shard of the data: a plain function that returns mergeable state."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from cutaway.activations.calls import observing
from cutaway.activations.collector import Collector
from cutaway.activations.kernels import summarize_units
from cutaway.activations.modes import evaluating
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.compiled import announce_compilation
from cutaway.errors import InputError

Saving = Callable[[Collector], None]


def collect_shard(
    model: nn.Module,
    batches: Iterable[Tensor],
    first_id: int,
    plan: PassPlan,
    device: torch.device,
    *,
    state: PassState | None = None,
    after_batch: Saving | None = None,
) -> PassState:
    """Runs a network over some of the samples, in eval mode, and sums up the plan's layers.

    Features and outputs go to the plan's folder, into the rows of the samples. States of shards
    merge to that of the whole, to the last bit, where batches are the same: how many samples go
    through a network together may change the last digits of what it returns.

    Args:
        model: Any network; mode, device and gradient flags are afterwards what they were.
        batches: Transformed inputs (batch, ...) in order of the samples.
        first_id: Id of the first sample.
        plan: What the pass is to do.
        device: Where to run.
        state: What is known of other samples; it is brought forward.
        after_batch: Called after every batch.

    Returns:
        What is known now.

    Raises:
        InputError: There are more samples than planned, or a file cannot be written.
    """
    announce_compilation(summarize_units, "layer statistics")
    collector = Collector(model, plan, PassState() if state is None else state)
    done = first_id
    try:
        with evaluating(model, device), observing(model, plan.names, collector):
            for batch in batches:
                _require_room(batch, done, plan.samples)
                collector.begin(batch, done)
                collector.end(model(batch.to(device)))
                done += len(batch)
                if after_batch:
                    after_batch(collector)
    finally:
        collector.close()
    return collector.state


def _require_room(batch: Any, done: int, samples: int) -> None:
    if not isinstance(batch, Tensor) or not batch.ndim:
        raise InputError(
            f"batches holds a {type(batch).__name__}; expected tensors (batch, ...) without labels"
        )
    if done + len(batch) > samples:
        raise InputError(
            f"batches hold {done + len(batch)} samples or more, and samples={samples}; "
            "expected as many"
        )
