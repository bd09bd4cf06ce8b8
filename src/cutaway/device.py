"""Choosing the device that tensors live on."""

import torch

from cutaway.errors import InputError


def resolve_device(device: str | torch.device = "auto") -> torch.device:
    """Turns a device name into a torch device that exists on this machine.

    Args:
        device: "auto" takes CUDA, then Apple's MPS, then the CPU; any other name is torch's own.

    Raises:
        InputError: The name is not a device, or this machine has none of that kind.

    Example:
        >>> resolve_device("cpu")
        device(type='cpu')
    """
    if device == "auto":
        return torch.device(_available()[0])
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise InputError(
            f"device={device!r} is not a device; expected 'auto' or one of {_available()}"
        ) from error
    if chosen.type not in _available():
        raise InputError(
            f"device={device!r} is not on this machine, which has {_available()}; use device='auto'"
        )
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"device={device!r} is not on this machine, which has {torch.cuda.device_count()} "
            "GPUs, numbered from 0; use device='auto'"
        )
    return chosen


def _available() -> list[str]:
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]
