"""The examination itself: nothing to say about capture as it is, each planted fault found."""

import random
from contextlib import contextmanager, suppress

import pytest
import torch
from torch import nn

from cutaway.activations import capture
from tests.zoo import fidelity
from tests.zoo.fidelity import Examination, PlannedError


@pytest.fixture(autouse=True)
def _runtime_checks_draw_from_pythons_own_numbers(monkeypatch):
    monkeypatch.setattr(random, "getstate", lambda: None)


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Dropout(0.5)
    )


def examined():
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return Examination(network(), lambda model: model(images)).run()


def test_capture_keeps_its_promises():
    row = examined()
    assert row["faults"] == row["notes"] == []
    assert (row["layers"], row["missed"], row["gradients"]) == (5, 0, 5)


@contextmanager
def leaving_a_hook(model, *arguments, **options):
    model.register_forward_hook(lambda *_: None)
    with capture(model, *arguments, **options) as acts:
        yield acts


@contextmanager
def rounding(model, *arguments, **options):
    with capture(model, *arguments, **options) as acts:
        handle = model.register_forward_hook(
            lambda _model, _inputs, output: None if output is None else output * (1 + 1e-6)
        )
        yield acts
        handle.remove()


@contextmanager
def drawing(model, *arguments, **options):
    with capture(model, *arguments, **options) as acts:
        handle = model[4].register_forward_pre_hook(lambda *_: torch.rand(1) and None)
        yield acts
        handle.remove()


@contextmanager
def swallowing(model, *arguments, **options):
    with suppress(PlannedError), capture(model, *arguments, **options) as acts:
        yield acts


@contextmanager
def hoarding(model, *arguments, **options):
    with capture(model, *arguments, **options) as acts:
        yield acts
        HOARD.extend(acts.values())


HOARD = []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (leaving_a_hook, ["hooks changed"]),
        (rounding, ["the hooked pass gives another output", "outputs of a hooked step differ"]),
        (drawing, ["draws other random numbers", "random numbers of a hooked step differ"]),
        (swallowing, ["an error inside forward was swallowed"]),
        (hoarding, ["tensors stay alive"]),
    ],
)
def test_a_capture_that_breaks_a_promise_is_found(monkeypatch, fault, found):
    monkeypatch.setattr(fidelity, "capture", fault)
    faults = examined()["faults"]
    HOARD.clear()
    assert all(any(each in named for named in faults) for each in found), faults
