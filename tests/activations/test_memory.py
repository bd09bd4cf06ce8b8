"""A pass holds one batch and the sums in memory, however many samples there are."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PEAKS = """
    import resource, tempfile
    import torch
    from torch import nn
    from cutaway.activations import collect

    torch.set_num_threads(1)
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(),
                          nn.Flatten(), nn.Linear(9216, 512))
    images = torch.rand(32, 3, 28, 28)
    for samples in (32 * 8, 32 * 8, 32 * 64):
        with tempfile.TemporaryDirectory() as folder:
            batches = (images for _ in range(samples // 32))
            collect(model, batches, samples=samples, folder=folder, device="cpu", key="a",
                    checkpoint_seconds=0.2)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_peak_of_memory_is_that_of_an_eighth_of_the_samples():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAKS)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    _, few, many = (int(peak) for peak in done.stdout.split())
    # The features of the further 1,792 samples alone take 100 MB.
    assert many - few < 16 * 1024
