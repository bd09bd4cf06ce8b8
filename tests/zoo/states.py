"""Comparing outputs bit for bit, and a network's state before and after."""

import gc
import random
import zlib

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves


def tensors_in(value: object) -> list[Tensor]:
    """The tensors inside what a network returned, found by PyTorch's own means."""
    return [each for each in tree_leaves(value) if isinstance(each, Tensor)]


def bits(tensor: Tensor) -> Tensor:
    """A tensor's bytes, so that NaN equals NaN and 0 differs from -0."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def same(one: object, other: object) -> bool:
    """Whether two results hold tensors of equal type, shape and bits."""
    left, right = tensors_in(one), tensors_in(other)
    return len(left) == len(right) and all(
        a.dtype == b.dtype and a.shape == b.shape and torch.equal(bits(a), bits(b))
        for a, b in zip(left, right, strict=True)
    )


def tensors_alive() -> int:
    """How many tensors Python knows of."""
    gc.collect()
    return sum(issubclass(type(each), Tensor) for each in gc.get_objects())


def state_of(model: nn.Module) -> dict[str, object]:
    """All that a capture might disturb."""
    modules = list(model.modules())
    values = (*model.parameters(), *model.buffers())
    return {
        "random state": (
            torch.get_rng_state().numpy().tobytes(),
            random.getstate(),
            np.random.get_state()[1].tobytes(),  # noqa: NPY002 (the state that others share)
        ),
        "gradient mode": torch.is_grad_enabled(),
        "modes": [module.training for module in modules],
        "hooks": [hooks_of(module) for module in modules],
        "attributes": [sorted(vars(module)) for module in modules],
        "gradient flags": [each.requires_grad for each in model.parameters()],
        "gradients": [each.grad is None for each in model.parameters()],
        "values": [zlib.crc32(bits(each).numpy()) for each in values],
    }


def hooks_of(module: nn.Module) -> int:
    """How many hooks of any kind a module has."""
    return sum(len(hooks) for name, hooks in vars(module).items() if name.endswith("_hooks"))


def differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Which parts of a state changed."""
    return [what for what in before if before[what] != after[what]]
