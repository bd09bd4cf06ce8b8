"""Sets of the hub by the hub's own library, from a hub on this machine."""

import json
import os
import subprocess
import sys

import pytest

from tests.data.hub_server import TOKEN, hub
from tests.data.samples import numbered, write_folder, write_parquet

SCRIPT = """
import json, sys
from cutaway.data import load_data
from cutaway.errors import InputError

def sources(stream):
    return [source for images in stream for source in images.sources]

def run(name, streaming):
    try:
        data = load_data(name, streaming=streaming)
        if not streaming:
            return [list(data.sources), data.labels.tolist(), data.class_names]
        stream = data.shuffle(1, 16).batches_of(9)
        whole = sources(stream)
        stream.set_epoch(0)
        seen = []
        for images in stream:
            seen += images.sources
            if len(seen) > 20:
                break
        again = load_data(name, streaming=True).shuffle(1, 16).batches_of(9)
        again.load_state_dict(stream.state_dict())
        return [sources(data), seen + sources(again) == whole, data.class_names]
    except InputError as error:
        return str(error)

print(json.dumps([run(*asked) for asked in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder of a hub with three sets, and its address."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("table", "gated"):
        for part in range(2):
            file = root / "owner" / name / "data" / f"train-0000{part}-of-00002.parquet"
            write_parquet(file, range(part * 20, part * 20 + 20))
    write_folder(root / "owner" / "photos" / "train", 30)
    with hub(root) as address:
        yield address


def ask(address, home, *asked, token=None):
    home.mkdir(exist_ok=True)
    if token is not None:
        # Where `hf auth login` puts it.
        (home / "token").write_text(token)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked)],
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_ENDPOINT": address,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
        },
    )
    return json.loads(done.stdout)


def stored(home):
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


def test_sets_stream_without_being_stored_and_are_resumed(published, tmp_path):
    table, photos = ask(published, tmp_path / "home", ["owner/table", True], ["owner/photos", True])
    assert [source.rpartition("/")[2] for source in table[0]] == numbered(40)
    assert table[1] is True
    assert photos[0] == [f"owner/photos/train/0/{number}" for number in range(30)]
    assert photos[1] is True
    assert photos[2] == ["class 0", "class 1", "class 2"]
    assert not [path for path in (tmp_path / "home").rglob("*") if path.suffix == ".parquet"]
    assert stored(tmp_path / "home") < 20_000


def test_sets_are_loaded_and_a_gated_one_takes_the_logins_token(published, tmp_path):
    home = tmp_path / "home"
    locked = ask(published, home, ["owner/gated", False], ["owner/gated", True])
    for words in locked:
        assert "is a gated dataset on the Hub. You must be authenticated" in words
        assert "Accept its terms on its page and log in by `hf auth login`" in words
    table, memory, streamed = ask(
        published,
        home,
        ["owner/table", False],
        ["owner/gated", False],
        ["owner/gated", True],
        token=TOKEN,
    )
    assert table[0] == memory[0] == streamed[0] == numbered(40)
    assert memory[1] == [number % 3 for number in range(40)]
