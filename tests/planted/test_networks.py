"""Faults planted in networks: each is found, where it is; a healthy twin raises no alarm."""

import copy

import pytest
import torch
from torch import nn

from cutaway.training import train as fit
from tests.planted.conftest import (
    FACTS,
    alarms,
    of_kind,
    small_network,
    train,
)


def only(findings, kind):
    (finding,) = of_kind(findings, kind)
    return finding


def test_a_healthy_network_raises_no_alarm_and_only_states_facts(found, network):
    findings = found(network)
    assert alarms(findings) == []
    assert {finding.kind for finding in findings} <= FACTS


def test_units_that_a_bias_killed(found, network):
    dead = [3, 11]  # a tenth of the layer
    with torch.no_grad():
        network.bn2.bias[dead] = -100.0
    finding = only(found(network), "dead units")
    assert (finding.layer, finding.severity) == ("relu2", "warning")
    assert "numbers 3, 11" in finding.text


def test_duplicated_filters(found, network):
    with torch.no_grad():
        network.conv2.weight[[7, 8]] = network.conv2.weight[[2, 5]]
    finding = only(found(network), "duplicate filters")
    assert finding.layer == "conv2"
    assert "Numbers 7, 8" in finding.text


class Logarithm(nn.Module):
    def forward(self, x):
        return torch.log(x)


def test_activations_that_are_no_numbers_and_the_first_layer_that_makes_them(found, network):
    network.relu1 = Logarithm()
    finding = found(network)[0]
    assert (finding.kind, finding.layer, finding.severity) == ("not a number", "relu1", "problem")
    assert finding.title == "relu1 puts out values that are not finite"


def test_random_weights(found):
    torch.manual_seed(1)
    findings = found(small_network().eval())
    finding = findings[0]
    assert (finding.kind, finding.severity) == ("random weights", "problem")


def test_random_weights_without_batch_norm(found):
    torch.manual_seed(1)
    plain = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).eval()
    assert only(found(plain), "random weights").severity == "problem"


def test_a_network_left_in_train_mode(found, network):
    findings = found(network.train())
    finding = only(findings, "left in train mode")
    assert (finding.layer, finding.severity) == ("bn1", "warning")
    assert alarms(findings) == ["left in train mode"]
    assert network.training


class Stubborn(nn.BatchNorm2d):
    """A BatchNorm that eval() does not reach."""

    def train(self, mode=True):
        return super().train(mode=True)


def by_the_batch(norm):
    made = nn.BatchNorm2d(norm.num_features, track_running_stats=False)
    made.load_state_dict({"weight": norm.weight, "bias": norm.bias})
    return made.eval()


def out_of_reach(norm):
    made = Stubborn(norm.num_features)
    made.load_state_dict(norm.state_dict())
    return made


@pytest.mark.parametrize("fault", [by_the_batch, out_of_reach])
def test_batch_norm_that_goes_by_the_batch_in_eval_mode(found, network, fault):
    network.bn2 = fault(network.bn2)
    finding = only(found(network), "train mode")
    assert (finding.layer, finding.severity) == ("bn2", "problem")
    assert "normalizes by the batch" in finding.text


class Careless(nn.Module):
    """Functional dropout that nobody told of eval mode."""

    def forward(self, x):
        return nn.functional.dropout(x, 0.5, training=True)


def test_dropout_that_drops_in_eval_mode(found, network):
    network.relu3 = nn.Sequential(nn.ReLU(), Careless())
    finding = only(found(network), "train mode")
    assert finding.layer == "relu3.1"


def deep(act, width=32, depth=12, norm=False):
    layers = [nn.Flatten()]
    size = 64
    for _ in range(depth):
        layers += [nn.Linear(size, width), *([nn.BatchNorm1d(width)] if norm else []), act()]
        size = width
    return nn.Sequential(*layers, nn.Linear(width, 10))


def test_gradients_that_vanish(found, learned, transform):
    torch.manual_seed(0)
    faulty = train(deep(nn.Sigmoid), learned, transform, epochs=1)
    finding = only(found(faulty), "vanishing gradients")
    assert (finding.layer, finding.severity) == ("1", "warning")


def test_gradients_that_vanished_through_training(found):
    run = fit("digits", lambda: deep(nn.Sigmoid, width=16), epochs=2, device="cpu")
    finding = only(found(run.model, history=run.history), "vanished in training")
    assert (finding.layer, finding.figure) == ("1", "gradient_history")
    assert "In 2 of 2 epochs" in finding.text


def test_a_training_that_exploded(found, network):
    run = fit("digits", small_network, epochs=2, learning_rate=1e18, device="cpu")
    finding = only(found(network, history=run.history), "exploded in training")
    assert finding.severity == "problem"


def test_gradients_that_explode(found, network):
    faulty = copy.deepcopy(network)
    with torch.no_grad():
        faulty.fc1.weight *= 300
        faulty.fc2.weight *= 300
        faulty.conv2.weight *= 300
    finding = only(found(faulty), "exploding gradients")
    assert finding.layer == "conv1"


def test_a_healthy_training(found):
    run = fit("digits", small_network, epochs=2, device="cpu")
    kinds = {finding.kind for finding in found(run.model, history=run.history)}
    assert {"vanished in training", "exploded in training"}.isdisjoint(kinds)


def test_the_deep_networks_healthy_twin(found, learned, transform):
    torch.manual_seed(0)
    healthy = train(deep(nn.ReLU, depth=6, norm=True), learned, transform, epochs=6)
    findings = found(healthy)
    assert {"vanishing gradients", "exploding gradients"}.isdisjoint(f.kind for f in findings)


def test_a_network_that_is_too_wide(found, learned, transform):
    torch.manual_seed(0)
    made = train(small_network(hidden=512), learned, transform, epochs=3)
    finding = only(found(made, reference=learned), "too wide")
    assert finding.layer == "fc1"
    assert "of its 512 directions" in finding.text


def test_a_loss_that_grew_without_bound(found, network):
    with torch.no_grad():
        network.fc2.bias[0] = float("inf")
    assert found(network)[0].kind == "not a number"
    assert found(network)[0].layer == "fc2"


def test_saturated_units(found, learned, transform):
    torch.manual_seed(0)
    made = small_network()
    made.relu3 = nn.Tanh()
    made = train(made, learned, transform, epochs=4)
    with torch.no_grad():
        made.bn3.weight[:16] = 200.0
    finding = only(found(made), "saturated units")
    assert finding.layer == "relu3"
    assert "16 units" in finding.title


def test_a_head_that_was_put_in_after_the_training(found, network):
    torch.manual_seed(3)
    network.fc1 = nn.Linear(80, 32)
    network.fc2 = nn.Linear(32, 10)
    findings = found(network)
    finding = only(findings, "random weights")
    assert (finding.layer, finding.severity) == ("fc1", "problem")
    unread = only(findings, "unread layer")
    assert unread.severity == "problem"
    assert unread.layer in {"shrink", "flatten", "fc1", "bn3", "relu3"}
    assert {"weak class", "label errors"}.isdisjoint(finding.kind for finding in findings)


def test_layers_that_the_optimizer_was_not_given(found, learned, transform):
    torch.manual_seed(0)
    made = small_network()
    for layer in (made.conv2, made.fc1):
        layer.requires_grad_(requires_grad=False)
    finding = only(found(train(made, learned, transform, epochs=8)), "random weights")
    assert "conv2, fc1: spread evenly" in finding.text


def test_outputs_in_another_order_than_the_classes(found, network):
    order = torch.tensor([1, 0, 2, 3, 4, 6, 7, 5, 8, 9])
    with torch.no_grad():
        network.fc2.weight.copy_(network.fc2.weight[order])
        network.fc2.bias.copy_(network.fc2.bias[order])
    findings = found(network)
    finding = findings[0]
    assert (finding.kind, finding.severity) == ("class order", "problem")
    assert "Most samples of 5 classes" in finding.text
    assert alarms(findings) == ["class order"]


def test_a_network_that_died(found, network):
    with torch.no_grad():
        network.bn2.bias.fill_(-100.0)
    finding = only(found(network), "dead units")
    assert (finding.layer, finding.severity) == ("relu2", "problem")
    assert "nothing of the image comes through" in finding.text


@pytest.mark.parametrize(
    ("end", "kind"),
    [(nn.Softmax(1), "softmax at the end"), (nn.Sigmoid(), "sigmoid at the end")],
)
def test_a_softmax_or_a_sigmoid_at_the_end_is_told_and_raises_no_alarm(found, network, end, kind):
    findings = found(nn.Sequential(network, end))
    assert only(findings, kind).severity == "note"
    if isinstance(end, nn.Softmax):
        assert alarms(findings) == []
