"""A pass over a stream that is killed at random moments gives every sample exactly once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cutaway.data import load_data
from tests.data.samples import names, numbered, write_folder, write_parquet, write_tars
from tests.data.server import serving

COUNT = 400
KILLS = 6
SCRIPT = Path(__file__).parent.parent / "data" / "killed_passes.py"
KINDS = ("parquet", "tar", "web", "folder")
SEEDS = (None, 5)


@pytest.fixture(scope="module")
def passes(tmp_path_factory):
    """Every kind of source, in order and shuffled: (kills, sources of the pass, the source)."""
    root = tmp_path_factory.mktemp("sets")
    for part in range(2):
        half = range(part * COUNT // 2, (part + 1) * COUNT // 2)
        write_parquet(root / "table" / f"{part}.parquet", half, row_group_size=30)
    shards = write_tars(root / "shards", COUNT, 5)
    folder = write_folder(root / "photos", COUNT)
    with serving(root / "shards") as (url, _):
        web = f"{url}/shard-{{000..004}}.tar"
        places = dict(zip(KINDS, (str(root / "table"), shards, web, str(folder)), strict=True))
        cases = [
            {
                "source": places[kind],
                "seed": seed,
                "buffer": 64,
                "batch": 7,
                "kills": KILLS,
                "stride": COUNT * 2,
                "chance": f"{kind} {seed}",
                "log": str(root / f"{kind}-{seed}.log"),
                "state": str(root / f"{kind}-{seed}.json"),
            }
            for kind in KINDS
            for seed in SEEDS
        ]
        done = subprocess.run(
            [sys.executable, SCRIPT, json.dumps(cases)], capture_output=True, text=True, check=True
        )
        kills = json.loads(done.stdout)
        keys = [(kind, seed) for kind in KINDS for seed in SEEDS]
        logs = [Path(case["log"]).read_text().splitlines() for case in cases]
        yield {
            key: (times, log, places[key[0]])
            for key, times, log in zip(keys, kills, logs, strict=True)
        }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_sample_comes_exactly_once_in_the_order_of_an_unbroken_pass(passes, kind, seed):
    kills, log, source = passes[kind, seed]
    assert kills == KILLS
    seen = [line.rpartition("/")[2] for line in log]
    assert sorted(seen) == numbered(COUNT)
    stream = load_data(source, streaming=True).batches_of(7)
    if seed is not None:
        stream = stream.shuffle(seed=seed, buffer=64)
    assert seen == names(stream)
