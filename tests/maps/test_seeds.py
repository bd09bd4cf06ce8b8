import numpy as np
import pytest

from cutaway.errors import InputError
from cutaway.maps.seeds import seed_of


def test_a_random_state_gives_one_seed_a_state():
    assert seed_of(np.random.RandomState(1)) == seed_of(np.random.RandomState(1))
    assert seed_of(np.int64(5)) == 5


@pytest.mark.parametrize("wrong", [-1, 2**31, 1.5, "seed"])
def test_what_is_no_seed_is_named(wrong):
    with pytest.raises(InputError, match=f"random_state={wrong!r}; expected a whole number"):
        seed_of(wrong)
