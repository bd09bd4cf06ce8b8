"""A build of a stream holds batches and bounded samples, however many images there are."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.data.samples import write_tar

FEW, MANY = 768, 3072
MEBIBYTE = 1024
ROOT = str(Path(__file__).parents[2])

PEAKS = """
    import resource, sys, tempfile
    import torch
    from torch import nn
    from cutaway.data import load_data, pixel_rows
    from cutaway.study import build_study, description, map_making, scores, thumbnails

    # What grows up to a bound is held to a low one, and what has a peak of its own left out.
    description._FEWEST, map_making.WHOLE, scores.SCORED = 10_000, 0, 64
    pixel_rows.PIXEL_FEATURES, thumbnails.ATLAS_SIDE = 192, 512
    torch.set_num_threads(1)
    network = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(4),
                            nn.Flatten(), nn.Linear(128, 3))
    for source in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            data = load_data(source, streaming=True).resize(96, channels=3)
            maps = {"pca": "*"}
            build_study(network, data, f"{folder}/study", layers=["2", "4"], maps=maps)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_peak_of_memory_is_that_of_a_quarter_of_the_samples(tmp_path):
    few = write_tar(tmp_path / "few.tar", range(FEW))
    many = write_tar(tmp_path / "many.tar", range(MANY))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAKS), few, few, many],
        # Freed memory of large arrays goes back at once, so that a peak is what is held.
        env={**os.environ, "PYTHONPATH": ROOT, "MALLOC_MMAP_THRESHOLD_": "1000000"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    _, first, last = (int(peak) for peak in done.stdout.split())
    # The pixels of the further 2,304 images alone take 61 MiB as bytes, four times that as floats.
    assert last - first < 16 * MEBIBYTE
