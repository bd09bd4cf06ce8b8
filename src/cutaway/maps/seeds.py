"""What scikit-learn's `random_state` means here."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import InputError

if TYPE_CHECKING:
    RandomState = int | np.random.RandomState | None
else:
    # scikit-learn's contract: a constructor takes anything, fit refuses what is wrong.
    RandomState = Any


def seed_of(random_state: Any) -> int:
    """One seed below 2³¹; None is seed 0, since a map of the same data should be the same map.

    Raises:
        InputError: It is neither a whole number in that range, nor a RandomState, nor None.

    Example:
        >>> seed_of(None), seed_of(7)
        (0, 7)
    """
    if random_state is None:
        return 0
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, (int, np.integer)) and 0 <= random_state < 2**31:
        return int(random_state)
    raise InputError(
        f"random_state={random_state!r}; expected a whole number from 0 to 2**31 - 1, "
        "a numpy RandomState, or None"
    )
