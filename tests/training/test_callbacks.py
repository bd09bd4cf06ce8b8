"""Which epoch is the best."""

import pytest
from torch import nn

from cutaway.training.callbacks import COLUMNS, Best, History


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([(0.5, 1.0)], True),
        ([(0.5, 1.0), (0.6, 1.5)], True),
        ([(0.6, 1.0), (0.5, 0.5)], False),
        ([(0.5, 1.0), (0.5, 0.9)], True),
        ([(0.5, 0.9), (0.5, 0.9)], False),
        ([(0.5, float("nan"))], True),
        ([], False),
    ],
)
def test_higher_accuracy_then_lower_loss(scores, best):
    history = History()
    history.rows = [{"val_accuracy": accuracy, "val_loss": loss} for accuracy, loss in scores]
    assert history.newest_is_best is best


def test_an_empty_history_has_its_columns():
    assert tuple(History().table) == COLUMNS


def test_without_an_epoch_nothing_is_restored():
    network = nn.Identity()
    Best(History()).restore(network)
