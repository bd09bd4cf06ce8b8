"""BatchNorm, ReLU and 2x2 max pooling at once, for training on the CPU.

What lies between two convolutions costs torch as much as the convolutions themselves, since each
operation reads and writes the whole feature map. ReLU, and normalization but for its sign, keep the
order of numbers, so that pooling may come first: one pass takes the extremes and the sums that the
mean and the variance need, the rest is done on a quarter of the numbers, and one pass turns the
feature map into its gradient in place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor, nn

from cutaway.compiled import announce_compilation
from cutaway.training import kernels

_LENGTH = 4


@contextmanager
def fused_blocks(network: nn.Module) -> Iterator[int]:
    """Lets a network train faster on the CPU, with the results of its own modules but for rounding.

    Within the context every `nn.Sequential` of a convolution, BatchNorm2d, ReLU and MaxPool2d(2)
    computes the last three at once while it is in training mode, on the CPU and on feature maps of
    even height and width. Otherwise, and after the context, its modules run one by one; parameters,
    buffers and names are the same throughout.

    Args:
        network: Changed within the context alone.

    Yields:
        How many such blocks there are. A block with hooks on its modules is left alone, since they
        would not be called.

    Example:
        >>> from cutaway.networks import CNN
        >>> with fused_blocks(CNN()) as blocks:
        ...     blocks
        2
    """
    blocks = [module for module in network.modules() if _is_block(module)]
    if blocks:
        announce_compilation(kernels.pool_and_sum, "training")
    for block in blocks:
        block.forward = MethodType(_forward, block)
    threads = numba.get_num_threads()
    # Processes that train side by side give torch fewer threads than there are cores.
    numba.set_num_threads(min(torch.get_num_threads(), threads))
    try:
        yield len(blocks)
    finally:
        numba.set_num_threads(threads)
        for block in blocks:
            del block.forward


def normalize_rectify_pool(inputs: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """`max_pool2d(relu(norm(inputs)), 2)` in training mode, with gradients.

    Args:
        inputs: (batch, channels, height, width) on the CPU, float32 or bfloat16, with even height
            and width; it is overwritten when gradients are computed, so nothing else may need it
            then.
        norm: With weight and bias; its running statistics move on.

    Returns:
        (batch, channels, height / 2, width / 2) in the inputs' type, channels_last.

    Source: Ioffe and Szegedy 2015 for the gradients of batch normalization.
    """
    result: Tensor = _NormalizeRectifyPool.apply(inputs, norm.weight, norm.bias, norm)  # type: ignore[no-untyped-call]
    return result


def _is_block(module: nn.Module) -> bool:
    if type(module) is not nn.Sequential or len(module) != _LENGTH:
        return False
    convolution, norm, rectifier, pool = module
    return (
        type(convolution) is nn.Conv2d
        and type(norm) is nn.BatchNorm2d
        and norm.affine
        and norm.track_running_stats
        and norm.momentum is not None
        and type(rectifier) is nn.ReLU
        and type(pool) is nn.MaxPool2d
        and pool.kernel_size in {2, (2, 2)}
        and pool.stride in {2, (2, 2)}
        and pool.padding in {0, (0, 0)}
        and pool.dilation in {1, (1, 1)}
        and not pool.return_indices
        and not any(_hooked(part) for part in module)
    )


def _hooked(module: nn.Module) -> bool:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return any(getattr(module, kind) for kind in kinds)


def _forward(self: nn.Sequential, images: Tensor) -> Tensor:
    convolution, norm, rectifier, pool = self
    maps = convolution(images)
    if norm.training and torch.is_grad_enabled() and _fits(maps):
        return normalize_rectify_pool(maps, norm)  # type: ignore[arg-type]
    result: Tensor = pool(rectifier(norm(maps)))
    return result


def _fits(maps: Tensor) -> bool:
    return (
        maps.device.type == "cpu"
        and maps.dtype in {torch.float32, torch.bfloat16}
        and maps.shape[2] % 2 == maps.shape[3] % 2 == 0
        and maps.numel() > 0
    )


class _NormalizeRectifyPool(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, norm: nn.BatchNorm2d
    ) -> Tensor:
        inputs = _array(maps)
        samples, height, width, channels = inputs.shape
        pooled = np.empty((samples, height // 2, width // 2, channels), inputs.dtype)
        places = np.empty(pooled.shape, np.uint8)
        sums = np.empty((samples, 2, channels), np.float32)
        scales, shifts = weight.detach().double().numpy(), bias.detach().double().numpy()
        signs = np.where(scales >= 0, np.float32(1), np.float32(-1))
        kernels.pool_and_sum(inputs, signs, pooled, places, sums)
        count = samples * height * width
        mean, square = sums.sum(axis=0, dtype=np.float64) / count
        variance = np.maximum(square - mean * mean, 0)
        inverse = 1 / np.sqrt(variance + norm.eps)
        scale = (scales * inverse).astype(np.float32)
        outputs = np.empty_like(pooled)
        shift = (shifts - mean * scales * inverse).astype(np.float32)
        kernels.scale_and_rectify(pooled, scale, shift, outputs)
        _move_on(norm, mean, variance * count / (count - 1))
        ctx.kept = inputs, pooled, places, outputs, scale, mean, inverse
        return _tensor(outputs, maps.dtype)

    @staticmethod
    def backward(ctx: Any, by_outputs: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        inputs, pooled, places, outputs, scale, mean, inverse = ctx.kept
        # Its numbers are about to be overwritten: a second pass must not read them.
        ctx.kept = None
        gradients = _array(by_outputs)
        sums = np.empty((len(inputs), 2, inputs.shape[3]), np.float32)
        kernels.gradient_sums(gradients, outputs, pooled, sums)
        by_bias, weighted = sums.sum(axis=0, dtype=np.float64)
        by_weight = (weighted - mean * by_bias) * inverse
        count = inputs.size // inputs.shape[3]
        slope = -scale * inverse * by_weight / count
        constant = -scale * by_bias / count - slope * mean
        kernels.spread_gradients(
            inputs,
            places,
            gradients,
            outputs,
            scale,
            constant.astype(np.float32),
            slope.astype(np.float32),
        )
        return (
            _tensor(inputs, by_outputs.dtype),
            torch.from_numpy(by_weight.astype(np.float32)),
            torch.from_numpy(by_bias.astype(np.float32)),
            None,
        )


def _move_on(norm: nn.BatchNorm2d, mean: np.ndarray, variance: np.ndarray) -> None:
    """Updates the running statistics as BatchNorm does."""
    assert norm.momentum is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    norm.num_batches_tracked.add_(1)
    norm.running_mean.lerp_(torch.from_numpy(mean.astype(np.float32)), norm.momentum)
    norm.running_var.lerp_(torch.from_numpy(variance.astype(np.float32)), norm.momentum)


def _array(maps: Tensor) -> np.ndarray:
    """(batch, height, width, channels), without a copy of a tensor in channels_last."""
    rows = maps.detach().permute(0, 2, 3, 1).contiguous()
    array: np.ndarray = (rows.view(torch.uint16) if maps.dtype == torch.bfloat16 else rows).numpy()
    return array


def _tensor(array: np.ndarray, dtype: torch.dtype) -> Tensor:
    return torch.from_numpy(array).view(dtype).permute(0, 3, 1, 2)
