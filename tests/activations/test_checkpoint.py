"""The state of a pass on disk: whole or not at all, and only gone on with under its own key."""

import json
from dataclasses import replace

import pytest

from cutaway.activations.checkpoint import SCRATCH, Checkpoint, packed
from tests.activations.test_shard import SAMPLES, plan_in, run


def same(one, other):
    facts, arrays = packed(one)
    facts_of_other, arrays_of_other = packed(other)
    assert json.dumps(facts) == json.dumps(facts_of_other)
    assert {name: (a.dtype, a.tobytes()) for name, a in arrays.items()} == {
        name: (a.dtype, a.tobytes()) for name, a in arrays_of_other.items()
    }


def test_a_state_comes_back_as_it_was(tmp_path):
    state = run(plan_in(tmp_path), 0, SAMPLES, 1)
    Checkpoint(tmp_path, "key", 0.0).save(state)
    same(Checkpoint(tmp_path, "key", 0.0).load(), state)


def test_a_state_under_another_key_or_a_broken_one_is_left_alone(tmp_path):
    checkpoint = Checkpoint(tmp_path, "key", 0.0)
    assert checkpoint.load() is None
    checkpoint.save(run(plan_in(tmp_path), 0, 2))
    assert Checkpoint(tmp_path, "other", 0.0).load() is None
    assert Checkpoint(tmp_path, None, 0.0).load() is None
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-9])
    assert checkpoint.load() is None


def test_what_a_kill_left_half_written_is_removed(tmp_path):
    half = tmp_path / f"{SCRATCH}x.safetensors"
    half.write_bytes(b"half")
    checkpoint = Checkpoint(tmp_path, "key", 0.0)
    checkpoint.load()
    assert not half.exists()
    checkpoint.save(run(plan_in(tmp_path), 0, 2))
    checkpoint.remove()
    assert not list(tmp_path.glob("*pass*"))


def test_it_is_due_when_it_has_grown_old_and_only_with_a_key(tmp_path):
    now = [0.0]
    checkpoint = Checkpoint(tmp_path, "key", 30.0, clock=lambda: now[0])
    assert not checkpoint.due
    now[0] = 30.0
    assert checkpoint.due
    checkpoint.save(run(plan_in(tmp_path), 0, 2))
    assert not checkpoint.due
    assert not Checkpoint(tmp_path, None, 0.0, clock=lambda: 99.0).due


@pytest.mark.parametrize("samples", [1, SAMPLES])
def test_it_grows_with_the_layers_and_not_with_the_samples(tmp_path, samples):
    checkpoint = Checkpoint(tmp_path, "key", 0.0)
    plan = replace(plan_in(tmp_path), covariance=False)
    checkpoint.save(run(plan, 0, samples, 1))
    units = 3 * 3 + 3 * 2 * 2 + 3
    assert checkpoint.path.stat().st_size < 1_200 * units
