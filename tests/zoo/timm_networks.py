"""timm's architectures with random weights, each on the smallest images that it takes."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn

SIZES = (32, 64, 96, 112, 128, 160, 192, 224)


DOZEN = (
    "coat_lite_tiny",
    "convnext_atto",
    "efficientnet_lite0",
    "ghostnet_050",
    "levit_128s",
    "mobilenetv3_small_050",
    "mobilevit_xxs",
    "pvt_v2_b0",
    "regnetx_002",
    "resmlp_12_224",
    "resnet10t",
    "vit_tiny_patch16_224",
)
"""What CI runs: small ones of a dozen families."""

_libraries: list[torch.library.Library] = []


def prepare() -> None:
    """Lets torchvision be imported beside a build of torch that its compiled part is not for."""
    if not _libraries:
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _libraries.append(library)


def names() -> list[str]:
    """All of timm's architectures, one of each family first, then a second of each, and so on."""
    import timm

    families = [timm.list_models(module=module) for module in timm.list_modules()]
    longest = max(len(family) for family in families)
    return list(
        dict.fromkeys(
            family[row] for row in range(longest) for family in families if row < len(family)
        )
    )


def parameters_of(name: str) -> int:
    """How many parameters an architecture has, found without taking memory for them."""
    import timm

    with torch.device("meta"):
        return sum(each.numel() for each in timm.create_model(name).parameters())


def build(name: str) -> tuple[nn.Module, Callable[[nn.Module], object], str]:
    """A network in eval mode, a call of it with two images of the smallest size, and that size."""
    error: Exception = ValueError("no size was tried")
    for model, size in _candidates(name):
        images = torch.randn(2, *size, generator=torch.Generator().manual_seed(0))
        try:
            with torch.no_grad():
                model(images)
        except Exception as refusal:  # noqa: BLE001 (whatever a network raises on a wrong size)
            error = refusal
        else:
            return model, partial(_call, images), "x".join(map(str, size))
    raise error


def _call(images: torch.Tensor, network: nn.Module) -> object:
    return network(images)


def _candidates(name: str) -> Iterator[tuple[nn.Module, tuple[int, int, int]]]:
    import timm

    torch.manual_seed(0)
    model = timm.create_model(name).eval()
    channels, *default = model.default_cfg["input_size"]
    sizes = [size for size in SIZES if size < min(default)]
    for size in sizes:
        if not model.default_cfg.get("fixed_input_size"):
            yield model, (channels, size, size)
            continue
        try:
            yield timm.create_model(name, img_size=size).eval(), (channels, size, size)
        except Exception:  # noqa: BLE001 (it does not take img_size, or not this one)
            continue
    yield model, (channels, *default)
