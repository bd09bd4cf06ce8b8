"""Which epoch is the best."""

import pytest
import torch
from torch import nn

from cutaway.training.callbacks import COLUMNS, Best, History, layer_gradients


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


def test_gradients_of_layers_are_those_of_their_parameters():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    network[2].requires_grad_(False)
    assert layer_gradients(network) == {}
    network(torch.randn(5, 3)).square().sum().backward()
    whole = torch.cat([parameter.grad.flatten() for parameter in network[0].parameters()])
    assert layer_gradients(network) == {"0": pytest.approx(float(whole.norm()))}


def test_gradients_are_kept_where_a_run_is_stopped_before_its_epoch_ends():
    history = History()
    history.load_state_dict({"rows": [], "gradients": {"0": 2.0}})
    assert history.state_dict() == {"rows": [], "gradients": {"0": 2.0}}
    history.rows = [{"epoch": 1, "gradient_norm/0": 2.0}]
    assert list(history.table) == [*COLUMNS, "gradient_norm/0"]


def test_without_an_epoch_nothing_is_restored():
    network = nn.Identity()
    Best(History()).restore(network)
