"""A pass that is killed at any moment goes on, and leaves what an undisturbed one leaves."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

RESUMED = """
    import os, random, signal, sys
    from dataclasses import fields
    import numpy as np
    import torch
    from torch import nn
    from cutaway.activations import collect

    torch.set_num_threads(1)  # what forks must not have begun
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))
    images = torch.randn(96, 1, 8, 8)

    def work(folder, moment):
        calls = 0
        def count(frame, event, argument):
            nonlocal calls
            calls += 1
            if calls == moment:
                os.kill(os.getpid(), signal.SIGKILL)
        sys.setprofile(count)
        found = collect(model, images.split(8), samples=96, folder=folder, keep=[3, 70],
                        device="cpu", key="a", checkpoint_seconds=0.0, covariance=True)
        sys.setprofile(None)
        for address, layer in found.layers.items():
            for field in fields(layer):
                array = np.asarray(getattr(layer, field.name))
                np.save(f"{folder}/{address}-{field.name}.npy", array, allow_pickle=False)
            np.save(f"{folder}/{address}-kept.npy", found.maps[address])
            np.save(f"{folder}/{address}-scatter.npy", found.moments[address].scatter)
        return calls

    def attempt(folder, moment):
        child = os.fork()
        if not child:
            work(folder, moment)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    whole, killed = sys.argv[1:]
    chance = random.Random(0)
    # Once to load machine code, once to count the calls of a pass, each of which may be its last.
    calls = [work(whole, 0) for _ in range(2)][1]
    ends = [-9]
    while ends[-1] and len(ends) < 60:
        ends.append(attempt(killed, chance.randrange(1, calls // 4)))
    print(*ends[1:])
"""


def test_a_pass_killed_at_random_moments_is_that_which_ran_through(tmp_path):
    folders = [tmp_path / "whole", tmp_path / "killed"]
    for folder in folders:
        folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RESUMED), *map(str, folders)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    ends = [int(end) for end in done.stdout.split()]
    assert ends.count(-9) >= 4, ends
    assert ends[-1] == 0
    whole, killed = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in folders
    )
    assert whole == killed
    assert Path("features/0.npy") in whole
    assert not [path for path in killed if path.name.startswith((".", "pass"))]
