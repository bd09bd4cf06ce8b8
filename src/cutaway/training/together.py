"""What a process does besides DDP's gradients, so that all have the same network and figures."""

from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.strategies import DDPStrategy

from cutaway.training.group import Group, GroupEnvironment
from cutaway.training.module import Classifier


class Together(Callback):
    """Averages BatchNorm's running statistics after every step, and adds up the figures of epochs.

    Each process sees its own part of a batch. After a step all have the same running statistics,
    the mean over the parts, so that any of them could write the checkpoint. It comes before all
    callbacks that look at the network or the figures.

    Args:
        group: With others in it.
    """

    def __init__(self, group: Group) -> None:
        self._group = group

    def on_train_batch_end(self, _: Trainer, pl_module: LightningModule, *__: Any) -> None:
        """Averages the running statistics."""
        buffers = [each for each in pl_module.buffers() if each.is_floating_point()]
        if not buffers:
            return
        together = self._group.sum(torch.cat([each.flatten() for each in buffers]))
        parts = (together / self._group.size).split([each.numel() for each in buffers])
        for buffer, part in zip(buffers, parts, strict=True):
            buffer.copy_(part.view_as(buffer))

    def on_validation_epoch_end(self, _: Trainer, pl_module: LightningModule) -> None:
        """Adds up what was right and wrong in validation."""
        assert isinstance(pl_module, Classifier)
        pl_module.validated.total(self._group.sum)

    def on_train_epoch_end(self, _: Trainer, pl_module: LightningModule) -> None:
        """Adds up what was right and wrong in training."""
        assert isinstance(pl_module, Classifier)
        pl_module.trained.total(self._group.sum)


def trainer_options(
    group: Group, device: torch.device, *, some_frozen: bool = False
) -> dict[str, Any]:
    """What Lightning's `Trainer` is to be told about devices and processes.

    Args:
        group: The processes that train together.
        device: Of this one.
        some_frozen: Whether parameters may be without gradients, in some epochs or all.

    Example:
        >>> trainer_options(Group(), torch.device("cpu"))["devices"]
        1
    """
    accelerator = "gpu" if device.type == "cuda" else device.type
    if group.alone:
        devices = 1 if device.index is None else [device.index]
        # One process; on a cluster's node Lightning would otherwise ask for srun.
        return {"accelerator": accelerator, "devices": devices, "plugins": [LightningEnvironment()]}
    environment = GroupEnvironment(group)
    strategy = DDPStrategy(
        cluster_environment=environment,
        parallel_devices=[device] * (group.size // group.nodes),
        find_unused_parameters=some_frozen,
    )
    return {
        "accelerator": accelerator,
        "devices": group.size // group.nodes,
        "num_nodes": group.nodes,
        "strategy": strategy,
        "use_distributed_sampler": False,  # `BatchLoader` shares batches out
    }
