from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cutaway.activations.exact import ExactSum

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)


def total(sums, place=0):
    return Fraction(sums.whole()[place], ExactSum.SCALE)


@given(st.lists(singles, max_size=30))
def test_sums_are_those_of_fractions(terms):
    sums, squares = ExactSum(1), ExactSum(1)
    column = np.array(terms, np.float64).reshape(-1, 1)
    sums.add(column)
    squares.add_squares(column)
    assert total(sums) == sum(map(Fraction, terms))
    assert total(squares) == sum(Fraction(term) ** 2 for term in terms)


@given(st.lists(st.floats(-(2.0**150), 2.0**150), min_size=1, max_size=20), st.data())
def test_order_and_grouping_do_not_matter(terms, data):
    column = np.array(terms).reshape(-1, 1)
    whole = ExactSum(1)
    whole.add(column)
    whole.add_squares(column)
    cut = data.draw(st.integers(0, len(terms)))
    order = np.array(data.draw(st.permutations(range(len(terms)))))
    left, right = ExactSum(1), ExactSum(1)
    for part, rows in ((left, order[:cut]), (right, order[cut:])):
        part.add(column[rows])
        part.add_squares(column[rows])
    right.merge(left)
    assert right.whole() == whole.whole()


def test_what_is_no_number_is_left_out_and_columns_stay_apart():
    sums = ExactSum(2)
    sums.add(np.array([[1.5, np.nan], [np.inf, -2.0], [0.0, -0.0], [5e-324, -np.inf]]))
    assert [total(sums, place) for place in (0, 1)] == [Fraction(3, 2), -2]
