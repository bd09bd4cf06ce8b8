"""One pass of a network over a data set that sums up every layer in bounded memory."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from cutaway.activations.batches import Batches, remaining
from cutaway.activations.checkpoint import Checkpoint
from cutaway.activations.collection import Collection, collection_of
from cutaway.activations.collector import Collector, outputs_path
from cutaway.activations.features import feature_path
from cutaway.activations.layers import Layers, select_layers
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.activations.shard import collect_shard
from cutaway.activations.workers import Workers
from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.progress import task

CHECKPOINT_SECONDS = 30.0
"""A resumable pass writes its state so often: what a kill costs at most."""


def collect(
    model: nn.Module,
    batches: Iterable[Tensor] | Batches,
    *,
    layers: Layers = None,
    samples: int,
    folder: str | os.PathLike[str],
    keep: Sequence[int] = (),
    feature_limit: int = 1024,
    covariance: bool = False,
    device: str | torch.device = "auto",
    key: str | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    workers: Workers | None = None,
) -> Collection:
    """Runs a network over a data set once, in eval mode, and sums up each chosen layer.

    Memory holds one batch and the sums, however many samples there are. The statistics are the
    same to the last bit whatever the samples are grouped into, given equal activations.

    Args:
        model: Any network; mode, device and gradient flags are afterwards what they were.
        batches: Transformed inputs (batch, ...) in order of the samples, whose ids count from 0.
        layers: As in `capture`; None is every leaf.
        samples: How many samples the batches hold together.
        folder: Where what the network returns goes, at `outputs.npy`, and feature files, at
            `features/<address>.npy`: spatial maps averaged to the largest g x g grid with
            channels * g * g <= `feature_limit`, tokens averaged, vectors as they are.
        keep: Ids of the samples whose whole activations are kept in memory.
        feature_limit: Most features of a sample of maps, though never fewer than its channels;
            0 writes no feature files.
        covariance: Whether to sum up how the features of each layer vary together, for PCA: memory
            then holds some matrices (features, features) for each layer, as many as the logarithm
            of the samples.
        device: Where to run; "auto" takes a GPU where there is one.
        key: Names network and data. A pass that is killed goes on where it was when it is called
            again with an equal key, folder and arguments, and gives the same to the last bit;
            without a key, files of a failed pass are removed.
        checkpoint_seconds: How much work a kill may cost, where there is a key.
        workers: Processes that take shards of the data, as `engage` gives them; `batches` must be
            `Batches` then. The result is the same as without, where they compute alike.

    Raises:
        InputError: No layer matches, the batches do not hold `samples` samples, `keep` names
            others, or the folder cannot be written.

    Example:
        >>> import tempfile
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = collect(model, [torch.zeros(3, 2)], samples=3, folder=folder, device="cpu")
        >>> found.layers["1"].count, found.outputs.shape
        (3, (3, 2))
    """
    if samples < 1:
        raise InputError(f"samples={samples}; expected 1 or more")
    wrong = [identity for identity in keep if not 0 <= identity < samples]
    if wrong:
        raise InputError(f"keep holds {wrong[0]}; expected ids from 0 to {samples - 1}")
    names = select_layers(model, layers)
    plan = PassPlan(names, samples, Path(folder), tuple(keep), feature_limit, covariance)
    place = resolve_device(device)
    checkpoint = Checkpoint(plan.folder, _key(key, plan), checkpoint_seconds)
    state = _state_left(checkpoint, plan)
    with _removed_unless_resumable(plan, checkpoint):
        if workers is None:
            _run_here(model, batches, plan, place, state, checkpoint)
        else:
            _run_on(workers, model, batches, plan, place, state, checkpoint)
        if state.done.total != samples:
            raise InputError(
                f"batches hold {state.done.total} samples, and samples={samples}; expected as many"
            )
        collection = collection_of(state, plan)
    checkpoint.remove()
    return collection


def _key(key: str | None, plan: PassPlan) -> str | None:
    """What must be equal for a pass to go on: the caller's key, and what the pass is to do."""
    if key is None:
        return None
    return json.dumps(
        [key, plan.names, plan.samples, plan.keep, plan.feature_limit, plan.covariance]
    )


def _state_left(checkpoint: Checkpoint, plan: PassPlan) -> PassState:
    """What a killed pass left, unless a file that it wrote rows to is gone; else nothing."""
    state = checkpoint.load()
    if state is None:
        return PassState()
    kept = state.summed_up if plan.feature_limit else ()
    paths = [feature_path(plan.folder, address) for address in kept]
    paths += [outputs_path(plan.folder)] if state.outputs.regular else []
    return state if all(path.is_file() for path in paths) else PassState()


def _run_here(
    model: nn.Module,
    batches: Iterable[Tensor] | Batches,
    plan: PassPlan,
    device: torch.device,
    state: PassState,
    checkpoint: Checkpoint,
) -> None:
    with task(f"Capturing {len(plan.names)} layers", plan.samples) as progress:
        seen = state.done.total
        progress.advance(seen)

        def after_batch(collector: Collector) -> None:
            nonlocal seen
            progress.advance(collector.state.done.total - seen)
            seen = collector.state.done.total
            if checkpoint.due:
                collector.sync()
                checkpoint.save(collector.state)

        for first, rest in remaining(batches, state.done, plan.samples):
            collect_shard(model, rest, first, plan, device, state=state, after_batch=after_batch)


def _run_on(
    workers: Workers,
    model: nn.Module,
    batches: Iterable[Tensor] | Batches,
    plan: PassPlan,
    device: torch.device,
    state: PassState,
    checkpoint: Checkpoint,
) -> None:
    if not isinstance(batches, Batches):
        raise InputError(
            f"batches is a {type(batches).__name__}; expected Batches, whose parts workers can take"
        )
    with task(f"Capturing {len(plan.names)} layers", plan.samples) as progress:
        progress.advance(state.done.total)
        for shard in workers.shards(model, batches, plan, device, state.done):
            progress.advance(shard.done.total)
            state.merge(shard)
            if checkpoint.due:
                checkpoint.save(state)


@contextmanager
def _removed_unless_resumable(plan: PassPlan, checkpoint: Checkpoint) -> Iterator[None]:
    """Removes the files that a failed pass has made, those of lost shards among them."""
    before = _written(plan.folder)
    try:
        yield
    except BaseException:
        if not checkpoint.wanted:
            for path, moment in _written(plan.folder).items():
                if before.get(path) != moment:
                    path.unlink(missing_ok=True)
        raise


def _written(folder: Path) -> dict[Path, int]:
    """The files of a pass, each with when it was written to last."""
    paths = [outputs_path(folder), *feature_path(folder, "").parent.glob("*.npy")]
    return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}
