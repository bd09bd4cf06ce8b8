import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.tensors import neighbours as searched
from cutaway.maps.tensors.neighbours import tensor_neighbours

CPU = torch.device("cpu")


def assert_the_same(rows, k):
    index = NeighbourIndex(rows)
    found, expected = tensor_neighbours(index, k, CPU), index.among_themselves(k)
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_array_equal(found.squared_distances, expected.squared_distances)
    return found


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(2, 60),
    features=st.integers(1, 7),
    levels=st.integers(1, 5),
    data=st.data(),
)
def test_neighbours_are_those_of_the_compiled_search_even_among_copies(
    seed, n, features, levels, data
):
    rows = np.random.default_rng(seed).integers(0, levels, (n, features)).astype(np.float32)
    assert_the_same(rows, data.draw(st.integers(1, n - 1)))


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1e3, 1e6)])
def test_many_rows_are_searched_block_by_block(scale, offset, monkeypatch):
    monkeypatch.setattr(searched, "_PRODUCTS_AT_ONCE", 700 * 2500)
    rows = np.random.default_rng(0).standard_normal((2500, 20)) * scale + offset
    assert assert_the_same(rows, 30).recounted < 0.01


def test_products_of_few_bits_are_not_used_and_the_setting_is_left_as_it_was():
    rows = np.random.default_rng(0).standard_normal((500, 12)) + 5
    torch.set_float32_matmul_precision("medium")
    try:
        assert_the_same(rows, 10)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")
