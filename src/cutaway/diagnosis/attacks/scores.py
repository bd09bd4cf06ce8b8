"""A network's final activations and their gradients at its input; the network stays as it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from cutaway.errors import InputError

Inputs = Float[Tensor, "batch channels height width"]
Scores = Float[Tensor, "batch classes"]
Labels = Int64[Tensor, " batch"]


@contextmanager
def deciding(model: nn.Module) -> Iterator[None]:
    """Eval mode with gradients switched on; afterwards each module has the mode that it had.

    Gradients are taken by `torch.autograd.grad` at the input alone, so that parameters keep theirs.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.enable_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def scores_of(model: nn.Module, inputs: Inputs) -> Scores:
    """Final activations; of a network that ends in a softmax the logarithms of its probabilities.

    A softmax that is sure has next to no slope, and its logarithm has: it gives the same decisions.

    Raises:
        InputError: The network returns no tensor of shape (samples, classes), or of one class.
    """
    outputs = model(inputs)
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or outputs.shape[1] < 2:
        got = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise InputError(
            f"model {type(model).__name__} returns {got}; expected a tensor of shape "
            "(samples, classes) with two classes or more, as of a classifier"
        )
    with torch.no_grad():
        sums = outputs.sum(dim=1)
        shares = bool(
            (outputs >= 0).all() and torch.allclose(sums, torch.ones_like(sums), atol=1e-4)
        )
    return outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log() if shares else outputs


def decided(model: nn.Module, inputs: Inputs) -> Labels:
    """The class that a network names, without gradients."""
    with torch.no_grad():
        return scores_of(model, inputs).argmax(dim=1)


def gradient(total: Tensor, inputs: Inputs, *, again: bool = False) -> Inputs:
    """Gradient of a sum of scores at the inputs, detached.

    Args:
        total: One number.
        inputs: What requires gradients.
        again: Whether the graph is needed once more.

    Raises:
        InputError: None reaches the input.
    """
    try:
        (found,) = torch.autograd.grad(total, inputs, retain_graph=again)
    except RuntimeError as error:
        raise InputError(
            f"no gradient of the network's output reaches its input ({error}); expected a network "
            "whose forward pass keeps them: no torch.no_grad(), .detach() or .item() within"
        ) from error
    return found.detach()
