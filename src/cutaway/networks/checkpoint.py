"""Reading a checkpoint without running anything that is in it."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cutaway.data.transform import InputTransform
from cutaway.errors import InputError, UnsafeFileError
from cutaway.networks.archive import CUT_OFF, require_checkpoint_file
from cutaway.networks.plain import plain_values
from cutaway.networks.stand_ins import stand_ins

# Where checkpoints keep the weights: Lightning's key, then common ones of plain training loops.
_WEIGHT_KEYS = ("state_dict", "model_state_dict", "model")
_REFUSED_NAME = re.compile(
    r"(?:GLOBAL (?P<name>\S+) w|unrecognized function (?P<function>.+?)(?:\n|$))"
)
_STAND_INS: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = list(stand_ins())


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        state_dict: Tensors by name, on the CPU, in the file's order.
        hyper_parameters: Plain values as in JSON; what is no plain value was dropped.
        epoch: Epochs trained as the file counts them, or None where it does not say.
        global_step: Optimizer steps taken, or None.
        transform: How images were prepared for the network, where the file says so.
        class_names: Names of the classes, where the file says so.
        unmatched: Entries that were random when the file was written, where it says so.
    """

    state_dict: dict[str, Tensor]
    hyper_parameters: dict[str, Any] = field(default_factory=dict)
    epoch: int | None = None
    global_step: int | None = None
    transform: InputTransform | None = None
    class_names: tuple[str, ...] | None = None
    unmatched: tuple[str, ...] = ()


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Reads a checkpoint of Lightning, a state dict saved by torch, or a safetensors file.

    Only tensors and plain values are read. Names of classes that Lightning is known to store are
    answered by inert stand-ins (`networks.known_names()` lists them); any other is refused, and
    nothing in the file is ever run or imported.

    Args:
        path: A file such as `epoch=99.ckpt`, `weights.pt` or `model.safetensors`.

    Raises:
        InputError: There is no such file, it is cut off, or it is not a checkpoint.
        UnsafeFileError: It names something that is neither torch's nor on the list.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     torch.save({"weight": torch.zeros(2, 3)}, f"{folder}/weights.pt")
        ...     read_checkpoint(f"{folder}/weights.pt").state_dict["weight"].shape
        torch.Size([2, 3])
    """
    file = Path(path)
    content = _safetensors(file) if file.suffix == ".safetensors" else _unpickled(file)
    hyper_parameters = plain_values(content.get("hyper_parameters"))
    return Checkpoint(
        state_dict=_weights(content, file),
        hyper_parameters=hyper_parameters,
        epoch=_whole_number(content.get("epoch")),
        global_step=_whole_number(content.get("global_step")),
        transform=_transform(hyper_parameters.get("transform"), file),
        class_names=_names(hyper_parameters.get("class_names")),
        unmatched=_names(hyper_parameters.get("unmatched")) or (),
    )


def _unpickled(file: Path) -> dict[Any, Any]:
    require_checkpoint_file(file)
    try:
        with torch.serialization.safe_globals(_STAND_INS):
            content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 (hostile bytes make the reader raise anything)
        raise _refusal(file, error) from None
    if not isinstance(content, dict):
        raise InputError(
            f"{str(file)!r} holds a {type(content).__name__}; expected a dictionary of weights, "
            "as torch.save(model.state_dict(), path) writes it"
        )
    return content


def _refusal(file: Path, error: Exception) -> InputError:
    """The error in our words; torch's own message advises to switch the protection off."""
    text = str(error)
    found = _REFUSED_NAME.search(text)
    if found or "is blocked" in text or "Can only " in text:
        name = (found and (found["name"] or found["function"])) or "something"
        return UnsafeFileError(
            f"{str(file)!r} names {name}, which a checkpoint may not hold: reading it could run "
            "code. Nothing was run and nothing was loaded. Expected tensors and plain values: "
            "where you trust the file, save its weights alone with torch.save(model.state_dict(), "
            "path)"
        )
    return InputError(f"{str(file)!r} {CUT_OFF}")


def _safetensors(file: Path) -> dict[Any, Any]:
    import safetensors
    import safetensors.torch

    if not file.is_file():
        raise InputError(f"{str(file)!r} does not exist; expected a safetensors file")
    try:
        return {"state_dict": safetensors.torch.load_file(file, device="cpu")}
    except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{str(file)!r} {CUT_OFF}") from error


def _weights(content: Mapping[Any, Any], file: Path) -> dict[str, Tensor]:
    candidates = [content[key] for key in _WEIGHT_KEYS if isinstance(content.get(key), dict)]
    found = candidates[0] if candidates else content
    weights = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    if not weights or not all(isinstance(name, str) for name in weights):
        raise InputError(
            f"{str(file)!r} holds no weights: its entries are {sorted(map(repr, content))[:8]}; "
            "expected a Lightning checkpoint, or a dictionary of tensors by name"
        )
    for name, tensor in weights.items():
        _require_stored(name, tensor, file)
    return weights


def _require_stored(name: str, tensor: Tensor, file: Path) -> None:
    """A tensor may not claim more values than the file holds: copying it would fill the memory."""
    stored = tensor.layout is torch.strided and not tensor.is_meta and not tensor.is_quantized
    if not stored or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise InputError(
            f"{str(file)!r}: {name!r} of shape {tuple(tensor.shape)} is not stored in full; "
            "expected plain dense tensors: save model.state_dict() as it is"
        )


def _whole_number(value: Any) -> int | None:
    return value if type(value) is int else None


def _transform(value: Any, file: Path) -> InputTransform | None:
    # Other people's checkpoints may have a hyper-parameter of that name and another meaning.
    keys = ("size", "mean", "std", "channels")
    if not isinstance(value, dict) or not all(key in value for key in keys):
        return None
    try:
        return InputTransform.from_dict(
            {**{key: value[key] for key in keys}, "origin": "checkpoint"}
        )
    except InputError as error:
        raise InputError(f"{str(file)!r} states a wrong input transform: {error}") from error


def _names(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value or not all(type(name) is str for name in value):
        return None
    return tuple(value)
