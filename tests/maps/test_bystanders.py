import numpy as np
import pytest

from cutaway.maps import bystanders
from cutaway.maps.bystanders import Bystanders
from cutaway.maps.placement import TRUST_NEIGHBOURS


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)


def naive_trust(rows, places, row, place):
    """The share of the nearest in the data that are among the nearest on the map."""
    near = np.argsort(np.linalg.norm(rows - row, axis=1), kind="stable")[:TRUST_NEIGHBOURS]
    on_map = np.argsort(np.linalg.norm(places - place, axis=1), kind="stable")[:TRUST_NEIGHBOURS]
    return len(set(near) & set(on_map)) / TRUST_NEIGHBOURS


def test_trust_equals_the_naive_twin(rows):
    rng = np.random.default_rng(1)
    around, places = Bystanders(rows), rows[:, :2]
    new = rng.normal(size=(20, 5)).astype(np.float32)
    placed = (new[:, :2] + rng.normal(scale=0.1, size=(20, 2))).astype(np.float32)
    found = around.assess(around.search(new), placed, around.plane(places))
    expected = [naive_trust(rows, places, *each) for each in zip(new, placed, strict=True)]
    np.testing.assert_allclose(found.trust, expected, atol=1e-6)
    np.testing.assert_array_equal(found.embedding, placed)


def test_a_false_place_is_not_trusted_and_a_stranger_is_unlike(rows):
    around = Bystanders(rows)
    plane = around.plane(rows[:, :2])
    true, false = rows[:1, :2], rows[:1, :2] + 50
    assert (
        around.assess(around.search(rows[:1]), true, plane).trust[0]
        > around.assess(around.search(rows[:1]), false, plane).trust[0]
    )
    assert not around.assess(around.search(rows[:1]), true, plane).unlike[0]
    assert around.assess(around.search(rows[:1] + 50), true, plane).unlike[0]


def test_wide_features_are_reduced_first():
    rows = np.random.default_rng(0).normal(size=(300, 120)).astype(np.float32)
    rows[:, 2:] *= 0.01
    around = Bystanders(rows)
    found = around.assess(around.search(rows[:5]), rows[:5, :2], around.plane(rows[:, :2]))
    assert (found.trust > 0.5).all()


def test_of_many_samples_a_fixed_choice_stands_for_all(rows, monkeypatch):
    monkeypatch.setattr(bystanders, "MOST", 50)
    first, second, other = Bystanders(rows), Bystanders(rows), Bystanders(rows, seed=1)
    assert len(first.rows) == 50
    np.testing.assert_array_equal(first.rows, second.rows)
    assert not np.array_equal(first.rows, other.rows)
    assert (np.diff(first.rows) > 0).all()


def test_two_samples_are_enough():
    rows = np.array([[0.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    around = Bystanders(rows)
    found = around.assess(around.search(rows[:1]), rows[:1], around.plane(rows))
    assert np.isfinite(found.trust).all()
