"""Plain values out of anything."""

import json
import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.networks.plain import plain_values
from cutaway.networks.stand_ins import StandIn

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values))
def test_plain_values_stay_as_they_are(values):
    assert plain_values(values) == values


def test_everything_else_is_dropped_and_places_in_lists_are_kept():
    values = {
        "tensor": torch.ones(2),
        "class": StandIn,
        "nan": math.nan,
        "list": [1, object(), 3],
        "tuple": (1, 2),
        3: "number as a key",
        "bytes": b"x",
    }
    assert plain_values(values) == {"list": [1, None, 3], "tuple": [1, 2]}
    json.dumps(plain_values(values))


def test_a_namespace_becomes_a_dictionary():
    namespace = StandIn()
    namespace.__setstate__({"lr": 0.1, "net": torch.ones(1)})
    assert plain_values({"hparams": namespace}) == {"hparams": {"lr": 0.1}}


def test_what_is_no_dictionary_is_empty():
    for value in (None, 3, "text", [1]):
        assert plain_values(value) == {}
