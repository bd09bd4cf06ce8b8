"""A file of 100,000 samples stays within its size and says what it left out."""

import base64
import gzip
import json
import re
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from cutaway.study import open_study
from cutaway.views.explorer import Resources
from cutaway.views.explorer.embedded import LARGEST, embed

COUNT = 100_000
BLOCK = re.compile(r'data-resource="([^"]+)" data-media="[^"]+"( data-encoding="gzip")?>([^<]*)<')


def blocks(text):
    found = {}
    for name, packed, body in BLOCK.findall(text):
        raw = base64.b64decode(body)
        found[name] = gzip.decompress(raw) if packed else raw
    return found


@pytest.fixture(scope="module")
def large(explored, tmp_path_factory):
    """The small Study with its rows repeated, its maps shaken and its thumbnails all unlike."""
    folder = tmp_path_factory.mktemp("large") / "large.study"
    shutil.copytree(explored.study.folder, folder)
    rng = np.random.default_rng(0)
    rows = np.arange(COUNT) % len(explored.study.samples)
    table = explored.study.samples.iloc[rows].assign(id=np.arange(COUNT))
    for name in ("confidence", "margin", "loss"):
        table[name] = rng.random(COUNT, dtype=np.float32)
    table.to_parquet(folder / "samples.parquet", index=False)
    for file in (folder / "maps").rglob("*.parquet"):
        places = pd.DataFrame(rng.normal(size=(COUNT, 2)), columns=["x", "y"], dtype=np.float32)
        places.insert(0, "id", np.arange(COUNT))
        places["trust"] = rng.integers(0, 16, COUNT) / np.float32(15)
        places.to_parquet(file, index=False)
    for file in [*(folder / "features").glob("*.npy"), folder / "outputs.npy"]:
        np.save(file, np.load(file)[rows])
    record = json.loads((folder / "study.json").read_text())
    record["thumbnails"]["count"] = COUNT
    side = 512 * 8  # 100,000 tiles are 196 rows of 512
    noise = rng.integers(0, 8, (200 * 8, side, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "thumbnails" / "0.webp", lossless=True)
    (folder / "study.json").write_text(json.dumps(record))
    return open_study(folder)


def test_a_hundred_thousand_samples_fit_and_what_is_left_out_is_said(large):
    page = embed(large, LARGEST)
    assert len(page.encode()) <= LARGEST
    found = blocks(page)
    overview = json.loads(found["study"])
    assert overview["door"] == "report"
    assert overview["data"]["samples"] == COUNT
    assert pa.ipc.open_stream(found["samples"]).read_all().num_rows == COUNT
    for row in overview["maps"]:
        one = pa.ipc.open_stream(found[f"map/{row['layer']}/{row['method']}"]).read_all()
        assert one.schema.field("x").type == pa.uint16()
        assert one.num_rows == COUNT
    assert {(row["layer"], row["method"]) for row in overview["maps"]} >= {(0, "tsne"), (5, "umap")}
    assert any("images of all but" in words for words in overview["omitted"])
    assert any("neighbours of all but" in words for words in overview["omitted"])
    assert len(overview["thumbnails"]["ids"]) == overview["thumbnails"]["count"] > 100


def test_where_there_is_little_room_less_is_held_and_more_is_said(large):
    little, much = embed(large, 4_000_000), embed(large, LARGEST)
    assert len(little.encode()) <= 4_000_000
    few, many = (json.loads(blocks(page)["study"]) for page in (little, much))
    assert len(few["maps"]) < len(many["maps"])
    assert any("maps of" in words for words in few["omitted"])


def test_a_small_study_is_held_whole(explored):
    found = blocks(embed(explored.study, LARGEST))
    live = Resources(explored.study)
    for name in ("samples", "confusion", "outputs", "map/0/tsne", "filters/1", "thumbnails/0"):
        assert found[name] == live.get(name).body
    assert f"activation/1/{explored.study.kept[0]}" in found
    assert "unit_activation/5/3" in found
    assert found["nearest/5"] == live.get("nearest/5").body
    assert not any("neighbours" in words for words in json.loads(found["study"])["omitted"])
