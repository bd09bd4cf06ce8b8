import numpy as np
import pytest
import torch

from cutaway.maps.affinities import joint_affinities
from cutaway.maps.compiled_points import CompiledPoints
from cutaway.maps.gradient_descent import LONGEST_STEP, Phase
from cutaway.maps.kernels.descent import descend
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.tensors.points import TensorPoints

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def few():
    rows = np.random.default_rng(0).standard_normal((300, 5))
    start = np.ascontiguousarray(rows[:, :2].T, dtype=np.float32)
    return joint_affinities(NeighbourIndex(rows).among_themselves(30), 10.0), start


def test_steps_are_those_of_compiled_points(few):
    affinities, start = few
    phase = Phase(6, 4.0, 20.0, 0.8)
    places = []
    for points in (CompiledPoints(affinities, start), TensorPoints(affinities, start, CPU)):
        points.rest()
        for _ in range(phase.iterations):
            points.step(phase)
        places.append(points.places)
    assert np.abs(places[0] - start).max() > 0.1
    np.testing.assert_allclose(places[1], places[0], atol=2e-4)


def test_velocities_are_those_of_the_compiled_rule(few):
    rng = np.random.default_rng(2)
    phase = Phase(1, 1.0, 3.0, 0.8)
    points = TensorPoints(*few, CPU)
    Y, velocity, gains = (np.zeros((2, 300), np.float32) for _ in range(3))
    gains += 1
    for _ in range(4):
        slope = (rng.standard_normal((2, 300)) * 2).astype(np.float32)
        found = points.velocity_after(torch.from_numpy(slope), phase)
        numbers = (np.float32(each) for each in (1, 1, 3, 0.8, LONGEST_STEP))
        zero = np.zeros_like(slope)
        descend(slope / 4, zero, *numbers, Y, 2, velocity, gains, np.empty((2, 2), np.float32))
        np.testing.assert_allclose(found, velocity, rtol=1e-4, atol=1e-5)
    assert np.isclose(np.hypot(*velocity).max(), LONGEST_STEP)


def test_rest_stops_the_points_and_places_are_a_copy(few):
    affinities, start = few
    points = TensorPoints(affinities, start, CPU)
    phase = Phase(1, 1.0, 10.0, 0.8)
    points.step(phase)
    first = points.places
    kept = first.copy()
    points.rest()
    points.step(phase)
    np.testing.assert_array_equal(first, kept)
    again = TensorPoints(affinities, kept, CPU)
    again.step(phase)
    np.testing.assert_array_equal(points.places, again.places)
