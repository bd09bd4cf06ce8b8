"""Whether bfloat16 pays on this processor, found out by trying."""

import time

import torch
from torch import Tensor, nn

from cutaway.errors import InputError

PRECISIONS = ("auto", "float32", "bfloat16")

# Below so many images in a whole run the trial costs more than it can save.
_FEWEST_IMAGES = 200_000
_STEPS = 5
# A smaller gain is within the noise of a busy machine, and float32 is the exacter choice.
_GAIN = 1.2


def worth_preparing(total_images: int, device: torch.device) -> bool:
    """Whether a run is long enough to pay for code that is compiled for the CPU.

    Example:
        >>> worth_preparing(total_images=10_000, device=torch.device("cpu"))
        False
    """
    return device.type == "cpu" and total_images >= _FEWEST_IMAGES


def choose_precision(
    precision: str, network: nn.Module, images: Tensor, *, total_images: int
) -> tuple[str, float | None]:
    """Settles "auto" by timing a few steps in float32 and in bfloat16 autocast.

    Args:
        precision: "float32", "bfloat16" or "auto".
        network: The network to be trained; its state is as before afterwards.
        images: One batch, on the network's device.
        total_images: Images of the whole run, each counted at every epoch. Below 200,000 the
            choice is float32 without a trial, so that short runs are equal on any machine.

    Returns:
        "float32" or "bfloat16", and how many times faster bfloat16 was, or None where it was not
        tried.

    Raises:
        InputError: `precision` is none of the three.

    Example:
        >>> choose_precision("auto", nn.Linear(3, 2), torch.zeros(4, 3), total_images=100)
        ('float32', None)
    """
    if precision in {"float32", "bfloat16"}:
        return precision, None
    if precision != "auto":
        raise InputError(f"precision={precision!r} is unknown; expected one of {PRECISIONS}")
    if total_images < _FEWEST_IMAGES or images.device.type not in {"cpu", "cuda"}:
        return "float32", None
    gain = _speed_of_bfloat16(network, images)
    return ("bfloat16" if gain >= _GAIN else "float32"), gain


def _speed_of_bfloat16(network: nn.Module, images: Tensor) -> float:
    """Seconds of a float32 step over seconds of a bfloat16 step, the fastest of each."""
    state = {name: value.clone() for name, value in network.state_dict().items()}
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for step in range(_STEPS + 1):
        for low in (False, True):
            started = time.perf_counter()
            with torch.autocast(images.device.type, torch.bfloat16, enabled=low):
                loss = network(images).float().square().mean()
            loss.backward()
            if images.device.type == "cuda":
                torch.cuda.synchronize()
            # The first step of each chooses its kernels and is not counted.
            if step:
                seconds[low].append(time.perf_counter() - started)
    network.zero_grad(set_to_none=True)
    network.load_state_dict(state)
    return min(seconds[False]) / min(seconds[True])
