"""An encoder that attends to a sample's nearest training samples."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

_LOCAL_RANK = 10
_ROUNDS = 10


class NeighbourEncoder(nn.Module):
    """Places a sample by attention over the positions of its nearest centres.

    The attention starts from distances among the features, a_j ∝ exp(−s d_j² / d²) with d the
    distance of the tenth centre, and is then narrowed in rounds to the centres that agree on the
    map, w_j ∝ a_j / (1 + ‖y − v_j‖²), y = Σ w_j v_j: the fixed point at which t-SNE's attraction
    rests. So a sample between two groups joins one of them and does not land in the gap.

    Args:
        positions: Where the centres start on the map; trained.
        sharpness: Where s starts; trained.

    Example:
        >>> encoder = NeighbourEncoder(torch.tensor([[0.0, 0.0], [4.0, 0.0]]))
        >>> encoder(torch.tensor([[0, 1]]), torch.tensor([[0.1, 9.0]])).detach().round().tolist()
        [[0.0, 0.0]]
    """

    def __init__(self, positions: Float[Tensor, "centres axes"], sharpness: float = 4.0) -> None:
        super().__init__()
        # Adam moves every parameter by about the learning rate, whatever the map's extent is.
        self.extent = max(float(positions.std(correction=0)), 1e-12)
        self.scaled_positions = nn.Parameter(positions / self.extent)
        self.log_sharpness = nn.Parameter(torch.tensor(sharpness).log().to(positions.dtype))

    def forward(
        self,
        neighbours: Int64[Tensor, "samples k"],
        squared_distances: Float[Tensor, "samples k"],
    ) -> Float[Tensor, "samples axes"]:
        """Positions of samples with these nearest centres, nearest first."""
        rank = min(_LOCAL_RANK, squared_distances.shape[1]) - 1
        local = squared_distances[:, rank, None].clamp(min=torch.finfo(torch.float32).tiny)
        attention = (-self.log_sharpness.exp() * squared_distances / local).softmax(dim=1)
        values = self.scaled_positions[neighbours] * self.extent
        weights = attention
        position = (weights[..., None] * values).sum(dim=1)
        for _ in range(_ROUNDS):
            apart = (position[:, None] - values).square().sum(dim=2)
            weights = attention / (1 + apart)
            weights = weights / weights.sum(dim=1, keepdim=True)
            position = (weights[..., None] * values).sum(dim=1)
        return position
