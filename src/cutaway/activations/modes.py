"""Running a network as it is used, and leaving it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Puts a network in eval mode on a device, without gradients, for the length of the block.

    Afterwards each module has the mode that it had, and the network is where it was. A network
    that is spread over several devices is not moved.

    Example:
        >>> model = nn.Sequential(nn.Dropout())
        >>> with evaluating(model, torch.device("cpu")):
        ...     model.training
        False
        >>> model.training
        True
    """
    modes = {module: module.training for module in model.modules()}
    homes = {tensor.device for tensor in (*model.parameters(), *model.buffers())}
    home = homes.pop() if len(homes) == 1 else device
    try:
        if home != device:
            model.to(device)
        model.eval()
        with torch.no_grad():
            yield
    finally:
        for module, training in modes.items():
            module.training = training
        if home != device:
            model.to(home)
