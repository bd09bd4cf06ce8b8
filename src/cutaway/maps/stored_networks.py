"""Networks as plain arrays for a file, and back, trusting nothing that a file says."""

import numpy as np
import torch
from torch import nn

from cutaway.maps.stored_arrays import Arrays, damaged, finite_array


def network_to_arrays(network: nn.Module, name: str) -> dict[str, np.ndarray]:
    """The network's parameters, each under `name.` and its own name.

    Example:
        >>> sorted(network_to_arrays(nn.Linear(2, 1), "encoder"))
        ['encoder.bias', 'encoder.weight']
    """
    return {f"{name}.{key}": value.numpy() for key, value in network.cpu().state_dict().items()}


def stored_widths(arrays: Arrays, name: str) -> tuple[int, ...]:
    """Widths of the fully connected layers stored under `name`, read off their weights.

    Raises:
        InputError: There are none, or one does not follow on the one before.
    """
    widths: list[int] = []
    position = 0
    while f"{name}.{position}.weight" in arrays:
        key = f"{name}.{position}.weight"
        shape = np.shape(arrays[key])
        if len(shape) != 2 or min(shape) < 1 or (widths and shape[1] != widths[-1]):
            raise damaged(key, arrays[key], "the weights of a layer that follows on the one before")
        widths = [*(widths or [shape[1]]), shape[0]]
        position += 2
    if not widths:
        raise damaged(f"{name}.0.weight", None, "the weights of the first layer")
    return tuple(widths)


def load_network(network: nn.Module, arrays: Arrays, name: str) -> nn.Module:
    """Fills the network's parameters with those stored under `name`, in eval mode.

    Raises:
        InputError: One is missing, of another shape, or not finite.
    """
    state = {}
    for key, parameter in network.state_dict().items():
        shape = tuple(parameter.shape)
        array = finite_array(arrays, f"{name}.{key}", shape)
        state[key] = torch.from_numpy(array.astype(np.float32))
    network.load_state_dict(state, assign=True)
    return network.eval()
