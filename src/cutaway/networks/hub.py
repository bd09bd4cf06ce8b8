"""Weights that are published on the Hugging Face hub for our own ResNets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutaway.data.transform import InputTransform
from cutaway.errors import InputError

# torchvision's weights for ImageNet, in timm's copies: safetensors, with a configuration beside.
PUBLISHED = {
    "resnet18": "timm/resnet18.tv_in1k",
    "resnet34": "timm/resnet34.tv_in1k",
    "resnet50": "timm/resnet50.tv_in1k",
    "resnet101": "timm/resnet101.tv_in1k",
    "resnet152": "timm/resnet152.tv_in1k",
}
_WEIGHTS, _CONFIGURATION = "model.safetensors", "config.json"
_LARGEST_CONFIGURATION = 1 << 20


def published_weights(name: str) -> Path:
    """The file of a ResNet's published weights, downloaded where the hub's cache has it not.

    Its configuration comes to lie beside it. The hub library's own settings count: HF_ENDPOINT for
    a mirror, HF_HUB_OFFLINE, HF_HOME.

    Args:
        name: Such as "resnet18".

    Raises:
        InputError: Nothing is published under that name, or it cannot be had.
    """
    if name not in PUBLISHED:
        raise InputError(
            f"no published weights are known for {name!r}; expected one of {list(PUBLISHED)}, or "
            "'timm:NAME' for those of timm"
        )
    repository = PUBLISHED[name]
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        huggingface_hub.hf_hub_download(repository, _CONFIGURATION)
        return Path(huggingface_hub.hf_hub_download(repository, _WEIGHTS))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the weights of {name!r} cannot be had from {repository!r} on the hub ({reason}), and "
            "are not in its cache; check the network, or download model.safetensors elsewhere and "
            "give the file"
        ) from error


def stated_transform(weights: Path) -> InputTransform | None:
    """What the configuration beside a file of weights says of their input, or None.

    Args:
        weights: A file; `config.json` in the same folder, as timm's models on the hub have it, is
            read where it is there.

    Raises:
        InputError: The configuration states something impossible.
    """
    file = weights.parent / _CONFIGURATION
    if not file.is_file() or file.stat().st_size > _LARGEST_CONFIGURATION:
        return None
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return None
    stated = content.get("pretrained_cfg") if isinstance(content, dict) else None
    if not isinstance(stated, Mapping) or not {"input_size", "mean", "std"} <= stated.keys():
        return None
    try:
        return _transform(stated)
    except InputError as error:
        raise InputError(f"{str(file)!r} states a wrong input transform: {error}") from error


def _transform(stated: Mapping[str, Any]) -> InputTransform:
    size = stated["input_size"]
    channels, *sides = size if isinstance(size, list) and len(size) == 3 else (size, size, size)
    values = {"size": sides, "channels": channels, "mean": stated["mean"], "std": stated["std"]}
    return InputTransform.from_dict({**values, "origin": "model"})
