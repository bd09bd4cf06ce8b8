"""Shards merge to the whole, whatever the split, to the last bit."""

import json
import tempfile
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cutaway.activations.checkpoint import packed, unpacked
from cutaway.activations.collection import collection_of
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.activations.shard import collect_shard
from cutaway.errors import InputError

SAMPLES = 12  # fewer than a block of the covariance, whose own test has many


class Elementwise(nn.Module):
    """Gives each sample the same numbers in every batch, which a convolution need not."""

    def __init__(self):
        super().__init__()
        self.relu, self.pool, self.odd = nn.ReLU(), nn.MaxPool2d(2), nn.Identity()
        self.flat, self.total, self.wide = nn.Flatten(), nn.Identity(), nn.Identity()

    def forward(self, x):
        if (x > 2).any():
            self.odd(x)
        pooled = self.pool(self.relu(x))
        self.total(x.sum())
        # Of one shape for the first samples, of another for those that follow.
        self.wide(x if x.amax() < 5 else pooled)
        return self.flat(pooled)


@cache
def images():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(SAMPLES, 3, 4, 4, generator=generator) * 10.0 ** torch.arange(-20, 4, 2).view(
        -1, 1, 1, 1
    )
    x[3, 1, 0, 0], x[7, 0] = torch.nan, torch.inf
    return x


def plan_in(folder):
    names = ("relu", "pool", "odd", "flat", "total", "wide")
    return PassPlan(names, SAMPLES, Path(folder), keep=(5, 2), feature_limit=12, covariance=True)


def run(plan, start, stop, size=SAMPLES):
    batches = images()[start:stop].split(size)
    return collect_shard(Elementwise().eval(), batches, start, plan, torch.device("cpu"))


def contents(state, plan):
    """All that a pass leaves, as bytes."""
    found = collection_of(state, plan)
    tables = {
        (address, field.name): np.asarray(getattr(layer, field.name)).tobytes()
        for address, layer in found.layers.items()
        for field in fields(layer)
    }
    files = {path.name: path.read_bytes() for path in plan.folder.rglob("*") if path.is_file()}
    maps = {address: kept.tobytes() for address, kept in found.maps.items()}
    maps |= {
        (address, "moments"): each.mean.tobytes() + each.scatter.tobytes()
        for address, each in found.moments.items()
    }
    facts = list(found.layers), found.missed, found.nonfinite, sorted(found.skipped.items())
    return tables, files, maps, facts


@cache
def whole():
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_in(folder)
        return contents(run(plan, 0, SAMPLES, 1), plan)


@settings(max_examples=40)
@given(st.data())
def test_any_split_gives_equal_tables_and_files(data):
    cuts = sorted(data.draw(st.sets(st.integers(1, SAMPLES - 1)), label="cuts"))
    shards = list(zip([0, *cuts], [*cuts, SAMPLES], strict=True))
    order = data.draw(st.permutations(shards), label="order")
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_in(folder)
        states = [run(plan, *shard, 1) for shard in order]
        while len(states) > 1:
            other = states.pop(data.draw(st.integers(1, len(states) - 1), label="merged"))
            if data.draw(st.booleans(), label="by way of the disk"):
                facts, arrays = packed(other)
                other = unpacked(json.loads(json.dumps(facts)), arrays)
            states[0].merge(other)
        assert contents(states[0], plan) == whole()


@settings(max_examples=20)
@given(st.integers(1, SAMPLES))
def test_batches_of_any_size_give_equal_statistics(size):
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_in(folder)
        tables, files, maps, _ = contents(run(plan, 0, SAMPLES, size), plan)
    for address in ("relu", "pool", "flat"):
        for expected, found in zip(whole()[:3], (tables, files, maps), strict=True):
            belongs = [key for key in expected if address in key or f"{address}.npy" == key]
            assert belongs
            assert [found[key] for key in belongs] == [expected[key] for key in belongs]


def test_what_goes_on_with_a_state_is_as_one_pass(tmp_path):
    plan = plan_in(tmp_path)
    state = run(plan, 0, 5, 1)
    rest = images()[5:].split(1)
    model = Elementwise().eval()
    later = collect_shard(model, rest, 5, plan, torch.device("cpu"), state=state)
    assert later is state
    assert contents(state, plan) == whole()


def test_an_empty_state_changes_nothing(tmp_path):
    plan = plan_in(tmp_path)
    state = run(plan, 0, SAMPLES, 1)
    state.merge(PassState())
    assert contents(state, plan) == whole()


def test_more_samples_than_planned_are_a_clear_error(tmp_path):
    with pytest.raises(InputError, match="batches hold 14 samples or more, and samples=12"):
        run(plan_in(tmp_path), 0, SAMPLES) and collect_shard(
            Elementwise(), [images()[:2]], SAMPLES, plan_in(tmp_path), torch.device("cpu")
        )
