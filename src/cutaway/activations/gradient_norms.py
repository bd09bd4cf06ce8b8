"""How large the gradient of the loss is at every layer."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from cutaway.activations.backward import parameter_gradients
from cutaway.activations.hooks import capture
from cutaway.activations.layers import Layers, layer_of, named_layers, select_layers
from cutaway.activations.modes import evaluating


@dataclass(frozen=True)
class GradientNorm:
    """The gradient of the loss at one layer.

    Attributes:
        norm: Euclidean norm of the gradient of a sample's own loss at the layer's output, the mean
            over samples; it does not depend on how many there are.
        parameters: Euclidean norm of the gradient of the mean loss at the layer's own parameters;
            NaN where it has none.
    """

    norm: float
    parameters: float


def gradient_norms(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    layers: Layers = None,
    *,
    device: torch.device | None = None,
) -> dict[str, GradientNorm]:
    """Measures the gradient of the cross-entropy at every layer, over some batches.

    The network runs in eval mode, so that samples do not mix, and is left as it was: no gradient is
    added to what its parameters hold.

    Args:
        model: A classifier, frozen or not.
        batches: Pairs of inputs and labels.
        layers: As `capture` takes them.
        device: Where to run.

    Returns:
        From address to norms, in order of execution; layers that no gradient reaches are left out.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
        >>> found = gradient_norms(model, [(torch.ones(1, 1, 2), torch.tensor([0]))])
        >>> list(found)
        ['0', '1']
    """
    names = select_layers(model, layers)
    totals: dict[str, float] = {}
    sums: dict[str, Tensor] = {}
    samples = 0
    with evaluating(model, device or torch.device("cpu")), torch.enable_grad():
        for inputs, labels in batches:
            samples += len(inputs)
            given = (inputs, labels) if device is None else (inputs.to(device), labels.to(device))
            at_outputs, at_parameters = _gradients(model, *given, list(names))
            for address, norm in at_outputs.items():
                totals[address] = totals.get(address, 0.0) + norm
            for name, gradient in at_parameters.items():
                sums[name] = gradient if name not in sums else sums[name] + gradient
    modules = named_layers(model)
    return {
        address: GradientNorm(total / samples, _own(address, modules, model, sums, samples))
        for address, total in totals.items()
    }


def _gradients(
    model: nn.Module,
    inputs: Float[Tensor, "batch *sample"],
    labels: Int64[Tensor, " batch"],
    names: list[str],
) -> tuple[dict[str, float], dict[str, Tensor]]:
    """The sum of samples' norms at each output, and the summed loss's gradient at parameters."""
    images = inputs.detach().requires_grad_()
    with (
        parameter_gradients(model) as at_parameters,
        capture(model, names, gradients=True, reduce=_nothing) as captured,
    ):
        loss = functional.cross_entropy(model(images).float(), labels, reduction="sum")
        # Unlike backward(), this leaves what parameters hold alone.
        wanted = [images, *model.parameters()]
        torch.autograd.grad(loss, wanted, allow_unused=True)
        outputs = {
            # In order of execution, which is not that in which gradients come.
            address: float(captured.gradients[address].flatten(1).double().norm(dim=1).sum())
            for address in captured
            if address in captured.gradients and len(captured.gradients[address]) == len(inputs)
        }
        return outputs, {name: gradient.double() for name, gradient in at_parameters.items()}


def _nothing(values: Tensor) -> Tensor:
    return values.new_empty(0)


def _own(
    address: str,
    modules: dict[str, nn.Module],
    model: nn.Module,
    sums: dict[str, Tensor],
    samples: int,
) -> float:
    module = modules[layer_of(address, modules) or ""]
    own = {id(parameter) for parameter in module.parameters()}
    names = [name for name, parameter in model.named_parameters() if id(parameter) in own]
    squares = [sums[name].square().sum() for name in names if name in sums]
    return float(torch.stack(squares).sum().sqrt()) / samples if squares else float("nan")
