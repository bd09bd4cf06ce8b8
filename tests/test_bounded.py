import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cutaway.bounded import BoundedCache

PUTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=40)


@given(PUTS)
def test_it_keeps_what_a_naive_twin_keeps(puts):
    kept, twin = BoundedCache[int](most_bytes=10, most_values=3), []
    for number, (key, size) in enumerate(puts):
        kept.put(key, number, size)
        twin = [each for each in twin if each[0] != key]
        if size <= 10:
            twin.append((key, number, size))
        while len(twin) > 3 or sum(each[2] for each in twin) > 10:
            twin.pop(0)
        held = {key: number for key, number, _ in twin}
        # Asked for from the oldest to the newest, which leaves the order as it was.
        assert [kept.get(key) for key, _, _ in twin] == [held[key] for key, _, _ in twin]
        assert all(kept.get(key) is None for key in range(6) if key not in held)


def test_what_was_asked_for_lately_stays():
    kept = BoundedCache[str](most_bytes=100, most_values=2)
    kept.put("a", "A", 1)
    kept.put("b", "B", 1)
    assert kept.get("a") == "A"
    kept.put("c", "C", 1)
    assert kept.get("b") is None
    assert kept.get("a") == "A"


def test_arrays_are_given_back_as_they_are():
    kept = BoundedCache[np.ndarray](most_bytes=100, most_values=2)
    values = np.arange(3)
    kept.put(b"key", values, values.nbytes)
    assert kept.get(b"key") is values
