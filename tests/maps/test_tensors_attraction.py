import numpy as np
import scipy.sparse
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.affinities import Affinities
from cutaway.maps.tensors.attraction import TensorAttraction


@settings(max_examples=30)
@given(seed=st.integers(0, 2**31), density=st.sampled_from([0.0, 0.02, 0.5]))
def test_attraction_is_the_sum_over_pairs(seed, density):
    rng = np.random.default_rng(seed)
    matrix = scipy.sparse.random_array((40, 40), density=density, format="csr", rng=rng)
    Y = rng.standard_normal((2, 40)).astype(np.float32)
    affinities = Affinities(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.uint32),
        matrix.data.astype(np.float32),
    )
    force = TensorAttraction(affinities, torch.device("cpu")).force(torch.from_numpy(Y))
    difference = Y[:, :, None].astype(np.float64) - Y[:, None]
    pull = matrix.toarray() / (1 + (difference**2).sum(axis=0))
    np.testing.assert_allclose(force, (pull * difference).sum(axis=2), atol=1e-5)
