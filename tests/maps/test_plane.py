import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.plane import Plane


def naive_nearest(places, queries, k):
    """Every squared distance in float64, ties by number."""
    gaps = queries[:, None].astype(np.float64) - places[None].astype(np.float64)
    return np.argsort((gaps**2).sum(axis=2), axis=1, kind="stable")[:, :k]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(1, 300),
    components=st.integers(1, 2),
    shape=st.sampled_from(["cloud", "copies", "lattice", "line", "far"]),
)
def test_the_nearest_points_are_those_of_a_full_search(seed, n, components, shape):
    rng = np.random.default_rng(seed)
    places = rng.standard_normal((n, components)) * 10.0 ** rng.integers(-6, 6)
    if shape == "copies":
        places = places[rng.integers(0, max(n // 20, 1), n)]
    elif shape == "lattice":
        places = rng.integers(0, 6, (n, components))
    elif shape == "line":
        places[:, 0] = 3.0
    elif shape == "far":
        places[0] *= 1e5
    places = places.astype(np.float32)
    beside = places[rng.integers(0, n, 20)] * rng.uniform(0.5, 2, (20, components))
    queries = np.concatenate([places[:10], beside]).astype(np.float32)
    k = int(rng.integers(1, n + 1))
    found = Plane(places).nearest(queries, k)
    np.testing.assert_array_equal(found, naive_nearest(places, queries, k))


@pytest.mark.parametrize("place", [0.0, 7.5])
def test_points_on_one_spot_are_found_by_number(place):
    places = np.full((50, 2), place, dtype=np.float32)
    found = Plane(places).nearest(np.array([[7.5, 1e30]], dtype=np.float32), 5)
    assert found.tolist() == [[0, 1, 2, 3, 4]]
