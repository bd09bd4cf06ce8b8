"""Rules on gradients through training: each finds its fault and leaves a healthy one alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis import Evidence
from cutaway.diagnosis.rules.gradient_history import RULES


def findings(history):
    table = pd.DataFrame(history) if history is not None else None
    given = Evidence({}, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), history=table)
    return [finding for rule in RULES for finding in rule(given)]


def norms(first, last, **further):
    return {"gradient_norm/a": first, "gradient_norm/z": last, **further}


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (norms([1.0, 0.5, 0.1], [2.0, 1.0, 0.1]), []),
        (norms([1e-5, 1e-5, 1.0], [1.0, 1.0, 1.0]), [("vanished in training", "a")]),
        (norms([1e-5, 1.0, 1.0], [1.0, 1.0, 1.0]), []),
        (norms([np.nan, np.nan, 1e-9], [1.0, 1.0, 1.0]), [("vanished in training", "a")]),
        (norms([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]), []),
        (norms([1.0, 1e-6, 0.5], [1.0, 1e-6, 0.5]), []),
        (norms([1e-6, 1e-3, 1.0], [1.0, 1e-6, 0.5]), []),
        (norms([1.0, 2e4, 1.0], [1.0, 1.0, 1.0]), [("exploded in training", "a")]),
        (norms([1.0, np.inf, 1.0], [1.0, 1.0, 1.0]), [("exploded in training", "")]),
        (
            norms([1.0, np.nan], [1.0, np.nan], train_loss=[1.0, np.nan], epoch=[4, 5]),
            [("exploded in training", "")],
        ),
        ({"epoch": [1], "train_loss": [np.nan]}, []),
        (None, []),
    ],
)
def test_what_went_wrong_in_training_is_found_and_where(history, found):
    made = findings(history)
    assert [(finding.kind, finding.layer) for finding in made] == found
    assert all(finding.figure == "gradient_history" for finding in made)


def test_the_epoch_is_named():
    lost = norms([1.0, np.nan], [1.0, np.nan], train_loss=[1.0, np.nan], epoch=[4, 5])
    assert findings(lost)[0].title.startswith("In epoch 5 of the training loss or gradient")
    spike = norms([1.0, 1.0, 3e4], [1.0, 1.0, 1.0])
    assert findings(spike)[0].title.startswith("In epoch 3 of the training the gradient exploded")
    assert "30,000 times" in findings(spike)[0].text


@given(
    st.lists(st.tuples(*[st.floats(1e-3, 1e3)] * 3), min_size=1, max_size=6),
    st.floats(1e-4, 1e4),
)
def test_they_are_those_of_a_plain_loop_whatever_the_scale_of_the_loss(rows, scale):
    history = {
        f"gradient_norm/{name}": [row[at] * scale for row in rows] for at, name in enumerate("abz")
    }
    vanished = [
        name
        for at, name in enumerate("abz")
        if sum(row[at] / row[2] < 1e-3 for row in rows) > len(rows) / 2
    ]
    jumps = {
        name: max(
            (row[at] / max(map(max, rows[:epoch])) for epoch, row in enumerate(rows) if epoch),
            default=0,
        )
        for at, name in enumerate("abz")
    }
    exploded = [name for name, jump in jumps.items() if jump > 1e3]
    kinds = {finding.kind: finding.layer for finding in findings(history)}
    assert ("vanished in training" in kinds) == bool(vanished)
    assert ("exploded in training" in kinds) == bool(exploded)
    if vanished:
        assert kinds["vanished in training"] == vanished[0]
