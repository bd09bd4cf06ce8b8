"""A stream takes no more memory for four times as many images."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.samples import add

SCRIPT = Path(__file__).parent.parent / "data" / "memory_of_passes.py"
FEW, SIDE = 2_000, 64
MIB = 1 << 10


def ppm(number):
    noise = np.random.default_rng(number).integers(0, 256, SIDE * SIDE * 3).astype(np.uint8)
    return b"P6 %d %d 255\n" % (SIDE, SIDE) + noise.tobytes()


IMAGES = [ppm(number) for number in range(50)]


def write_parquet(path, count):
    schema = pa.schema([("image", pa.binary())])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:
        for start in range(0, count, 100):
            rows = [IMAGES[at % 50] for at in range(start, start + 100)]
            writer.write_table(pa.table({"image": rows}, schema))
    return path


def write_tar(path, count):
    with tarfile.open(path, "w") as archive:
        for number in range(count):
            add(archive, f"{number:06}.ppm", IMAGES[number % 50])
    return path


@pytest.mark.parametrize("write", [write_parquet, write_tar])
def test_memory_stays_flat_from_n_images_to_four_n(tmp_path, write):
    suffix = "parquet" if write is write_parquet else "tar"
    few, many = (write(tmp_path / f"{factor}.{suffix}", factor * FEW) for factor in (1, 4))
    growth = (many.stat().st_size - few.stat().st_size) / (1 << 20)
    done = subprocess.run(
        [sys.executable, SCRIPT, few, many], capture_output=True, text=True, check=True
    )
    first, second = json.loads(done.stdout)
    assert min(first, second) > 0
    # The files grow by 70 MiB; held as bytes, decoded or as rows that would be seen.
    assert growth > 60
    assert second - first < 20 * MIB, (first, second)
