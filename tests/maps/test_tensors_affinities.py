import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.affinities import joint_affinities
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.tensors.affinities import tensor_affinities


@settings(max_examples=30)
@given(seed=st.integers(0, 2**31), n=st.integers(2, 80), data=st.data())
def test_affinities_are_those_of_the_cpu(seed, n, data):
    rows = np.random.default_rng(seed).standard_normal((n, 4))
    neighbours = NeighbourIndex(rows).among_themselves(data.draw(st.integers(1, n - 1)))
    found = tensor_affinities(neighbours, 5.0, torch.device("cpu"))
    expected = joint_affinities(neighbours, 5.0)
    np.testing.assert_array_equal(found.row_starts, expected.row_starts)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-6)
