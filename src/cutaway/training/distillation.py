"""The distance of a network's answers from its teacher's."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def distillation_loss(
    logits: Float[Tensor, "batch classes"],
    taught: Float[Tensor, "batch classes"],
    temperature: float,
) -> Float[Tensor, ""]:
    """How far a network's answers are from its teacher's, in nats, times the squared temperature.

    The Kullback-Leibler divergence of softmax(logits / temperature) from softmax(taught /
    temperature), mean over the batch. It is 0 where they agree, and never negative. The square
    keeps its gradients as large as those of a loss against labels.

    Source: Hinton, Vinyals and Dean 2015.

    Example:
        >>> import torch
        >>> float(distillation_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]]), 4.0))
        0.0
    """
    ours, theirs = ((each / temperature).log_softmax(dim=1) for each in (logits, taught))
    divergence = functional.kl_div(ours, theirs, log_target=True, reduction="batchmean")
    return divergence * temperature**2
