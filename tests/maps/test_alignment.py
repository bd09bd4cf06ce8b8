import numpy as np
import pytest
import scipy.spatial
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import InputError
from cutaway.maps import align
from cutaway.maps.alignment import procrustes

MAP = np.random.default_rng(0).normal(size=(30, 2)) @ [[2, 1], [0, 1]]


def moved(positions, angle, scale, shift, mirror):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * (positions * [1, -1 if mirror else 1]) @ turn + shift


@given(
    angle=st.floats(0, 7),
    scale=st.floats(0.1, 100),
    shift=st.floats(-100, 100),
    mirror=st.booleans(),
)
def test_any_similarity_is_undone(angle, scale, shift, mirror):
    found = procrustes(moved(MAP, angle, scale, shift, mirror), MAP)
    np.testing.assert_allclose(found.apply(moved(MAP, angle, scale, shift, mirror)), MAP, atol=1e-4)
    assert found.scale == pytest.approx(1 / scale)
    assert found.disparity == pytest.approx(0, abs=1e-9)


@given(noise=st.floats(0, 3), seed=st.integers(0, 5))
def test_the_disparity_is_scipys(noise, seed):
    other = MAP + noise * np.random.default_rng(seed).normal(size=MAP.shape)
    expected = scipy.spatial.procrustes(MAP, other)[2]
    assert procrustes(other, MAP).disparity == pytest.approx(expected, abs=1e-9)


@given(seed=st.integers(0, 5), by=st.floats(-0.3, 0.3))
def test_no_other_rotation_comes_nearer(seed, by):
    other = MAP + np.random.default_rng(seed).normal(size=MAP.shape)
    aligned = procrustes(other, MAP, scale=False).apply(other)
    assert np.square(aligned - MAP).sum() <= np.square(
        moved(aligned - aligned.mean(axis=0), by, 1, 0, False) + aligned.mean(axis=0) - MAP
    ).sum() * (1 + 1e-6)


def test_distances_within_a_map_stay_as_they_are():
    other = np.random.default_rng(1).normal(size=MAP.shape)
    aligned = align([MAP, other], scale=False)[1]
    np.testing.assert_allclose(
        scipy.spatial.distance.pdist(aligned), scipy.spatial.distance.pdist(other), rtol=1e-4
    )


def test_identical_maps_stay_identical():
    aligned = align([MAP, MAP, moved(MAP, 1, 2, 3, True)])
    np.testing.assert_array_equal(aligned[0], MAP.astype(np.float32))
    np.testing.assert_array_equal(aligned[0], aligned[1])
    np.testing.assert_allclose(aligned[0], aligned[2], atol=1e-5)


def test_the_first_goes_onto_the_reference():
    aligned = align([moved(MAP, 2, 5, 1, False)], reference=MAP)
    np.testing.assert_allclose(aligned[0], MAP, atol=1e-5)


@pytest.mark.parametrize("rows", [1, 2])
def test_maps_without_extent_are_only_shifted(rows):
    aligned = align([np.full((rows, 2), 5.0)], reference=MAP[:rows])
    np.testing.assert_allclose(aligned[0].mean(axis=0), MAP[:rows].mean(axis=0), atol=1e-6)
    assert procrustes(MAP[:5], np.zeros((5, 2))).disparity == 1


def test_maps_of_other_samples_are_refused():
    with pytest.raises(InputError, match=r"\(29, 2\) and \(30, 2\) cannot be aligned"):
        align([MAP, MAP[:-1]])
    with pytest.raises(InputError, match="holds NaN or infinity"):
        align([np.full((3, 2), np.nan)])
    assert align([]) == []
