"""What cannot be captured: refused by name, with what to do instead."""

import torch
from torch import nn

from cutaway.errors import InputError

_SHARDED = {"FullyShardedDataParallel", "FSDPModule"}


def require_followed(name: str, module: nn.Module) -> None:
    """Raises InputError where a module runs no hooks, or several processes or devices share it.

    Args:
        name: What the message calls it: a layer's name, or a network's class.
        module: TorchScript, fully sharded and replicated modules are refused.

    Example:
        >>> require_followed("ReLU", nn.ReLU())
    """
    if isinstance(module, torch.jit.ScriptModule):
        raise InputError(
            f"layer {name!r} is TorchScript, which runs no hooks inside; expected a plain "
            "nn.Module. Load the network that the script was made from"
        )
    if _SHARDED.intersection(kind.__name__ for kind in type(module).__mro__):
        raise InputError(
            f"layer {name!r} is fully sharded (FSDP): no process holds its weights or sees a whole "
            "batch; expected a plain nn.Module. Gather the weights into an unsharded copy of the "
            "network"
        )
    if isinstance(module, nn.DataParallel) and len(module.device_ids) > 1:
        raise InputError(
            f"layer {name!r} is nn.DataParallel over {len(module.device_ids)} devices, whose "
            "copies run at once; expected one copy. Pass its .module"
        )


def require_hookable(model: nn.Module) -> None:
    """Raises InputError where a network as a whole, or a part that shards it, cannot be followed.

    Example:
        >>> require_hookable(nn.ReLU())
    """
    require_followed(type(model).__name__, model)
    for name, module in model.named_modules():
        if _SHARDED.intersection(kind.__name__ for kind in type(module).__mro__):
            require_followed(name, module)
