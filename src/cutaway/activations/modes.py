"""Running a network as it is used, and leaving it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from cutaway.errors import InputError


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
    _require_values(model)
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


def _require_values(model: nn.Module) -> None:
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        if tensor.is_meta:
            raise InputError(
                f"model {type(model).__name__} is on the device 'meta', where its {name!r} has no "
                "values; expected a network with weights. Build it outside torch.device('meta')"
            )
