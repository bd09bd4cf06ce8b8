import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.maps.neighbour_encoder import NeighbourEncoder


def naive(positions, neighbours, squared, sharpness=4.0):
    """One sample at a time, in plain float64 maths."""
    places = []
    for near, distances in zip(neighbours, squared, strict=True):
        local = distances[min(10, len(distances)) - 1]
        attention = np.exp(-sharpness * distances / local)
        attention /= attention.sum()
        values = positions[near]
        place = attention @ values
        for _ in range(10):
            weights = attention / (1 + np.square(place - values).sum(axis=1))
            place = weights / weights.sum() @ values
        places.append(place)
    return np.array(places)


@given(seed=st.integers(0, 50), k=st.integers(1, 12))
def test_places_are_those_of_the_equations(seed, k):
    rng = np.random.default_rng(seed)
    positions = 10 * rng.normal(size=(20, 2))
    neighbours = np.stack([rng.permutation(20)[:k] for _ in range(5)])
    squared = np.sort(rng.uniform(0.1, 9, size=(5, k)), axis=1)
    encoder = NeighbourEncoder(torch.from_numpy(positions)).double()
    with torch.no_grad():
        found = encoder(torch.from_numpy(neighbours), torch.from_numpy(squared))
    # The sharpness is kept as a logarithm.
    np.testing.assert_allclose(found, naive(positions, neighbours, squared), rtol=1e-6, atol=1e-6)


def test_it_can_be_trained():
    encoder = NeighbourEncoder(torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]]))
    encoder(torch.tensor([[0, 1, 2]]), torch.tensor([[0.5, 1.0, 2.0]])).sum().backward()
    for parameter in encoder.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.abs().max() > 0


def test_equal_distances_of_zero_and_one_spot_stay_finite():
    encoder = NeighbourEncoder(torch.zeros(3, 2))
    assert encoder(torch.tensor([[0, 1]]), torch.zeros(1, 2)).isfinite().all()
