"""The door: limits, and what is said aloud."""

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.errors import InputError


@pytest.mark.parametrize("limit", [0, -3])
def test_limits_below_one(limit):
    with pytest.raises(InputError, match=f"limit={limit}; expected an integer of at least 1"):
        load_data("digits", limit=limit)


def test_remarks_are_said_once(capsys):
    load_data(np.ones((1, 2, 2), bool))
    assert capsys.readouterr().err == "arrays: True and False were read as 255 and 0.\n"
    load_data("digits")
    assert capsys.readouterr().err == ""


def test_unknown_split():
    with pytest.raises(InputError, match=r"split='tst' is not in 'digits'.*did you mean 'test'"):
        load_data("digits", split="tst")
