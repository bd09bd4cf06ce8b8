"""A server that fails now and then gives whole files; one that goes on failing is named."""

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.data.sources import web
from cutaway.data.sources.web import Patience, WebError, WebFile
from cutaway.errors import InputError
from tests.data.samples import names, numbered, write_tars
from tests.data.server import serving

QUICK = Patience(timeout=0.4, tries=3, pause=0.001)
DATA = np.random.default_rng(0).integers(0, 256, 700_000).astype(np.uint8).tobytes()


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", QUICK)
    (tmp_path / "file").write_bytes(DATA)
    with serving(tmp_path) as (url, server):
        yield url, server


def read(url, offset=0, step=100_001):
    file = WebFile(url, offset)
    pieces = list(iter(lambda: file.read(step), b""))
    file.close()
    return b"".join(pieces)


@pytest.mark.parametrize(
    "faults",
    [
        [None],
        [500, 503, None],
        ["half", "half", None],
        ["stall", None],
        ["half", "no range"],
        [429, "half", None],
    ],
)
@pytest.mark.parametrize("offset", [0, 300_000])
def test_a_file_arrives_whole_in_spite_of_faults(served, faults, offset):
    url, server = served
    server.faults["/file"] += faults
    assert read(f"{url}/file", offset) == DATA[offset:]


def test_what_has_come_is_not_asked_for_again(served):
    url, server = served
    server.faults["/file"] += ["half", None]
    read(f"{url}/file")
    assert server.asked["/file"] == [None, "bytes=350000-"]


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([500], "the server failed 3 times at byte 0: status 500 Internal Server Error"),
        (["stall"], "failed 3 times at byte 0: (no answer|RemoteDisconnected)"),
        (["drip"], "failed 3 times at byte [0-9,]+: 256 KiB took over 0.4 s"),
        ([404], "the server answered status 404 Not Found"),
        ([403], "the server answered status 403"),
        (["changing"], "the file changed on the server while it was read"),
        (["away"], "URLError|status|redirect"),
    ],
)
def test_a_server_that_goes_on_failing_is_named(served, faults, words):
    url, server = served
    server.faults["/file"] += faults
    with pytest.raises(WebError, match=words):
        read(f"{url}/file")


def test_no_server_at_all():
    waits = []
    file = WebFile("http://127.0.0.1:9/file", 0, Patience(1.0, 4, 0.5), waits.append)
    with pytest.raises(WebError, match="failed 4 times at byte 0: .*refused"):
        file.read(1)
    assert waits == [0.5, 1.0, 2.0]


def test_an_offset_at_the_end_is_the_end(served):
    assert read(f"{served[0]}/file", len(DATA)) == b""
    file = WebFile(f"{served[0]}/file")
    assert file.skip(len(DATA) - 1)
    assert not file.skip(2)
    file.close()


def test_other_schemes_are_refused():
    with pytest.raises(InputError, match="expected http:// or https://"):
        WebFile("file:///etc/passwd")


@pytest.mark.parametrize("seed", [None, 1])
def test_shards_stream_whole_from_a_failing_server(served, tmp_path, seed):
    url, server = served
    write_tars(tmp_path / "set", 90, 3)
    server.faults["/set/shard-001.tar"] += [500, "half", None]
    stream = load_data(f"{url}/set/shard-{{000..002}}.tar", streaming=True)
    stream = stream if seed is None else stream.shuffle(seed, 16)
    assert sorted(names(stream)) == numbered(90)
    assert stream.skipped == ()
    assert (stream.name, stream.split) == ("set", None)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_shard_that_never_comes_is_named_and_the_others_used(served, tmp_path, capfd, streaming):
    url, server = served
    write_tars(tmp_path / "set", 90, 3)
    server.faults["/set/shard-001.tar"] += [500]
    data = load_data(f"{url}/set/shard-{{000..002}}.tar", streaming=streaming)
    seen = names(data) if streaming else [one.rpartition("/")[2] for one in data.sources]
    assert seen == numbered(90)[:30] + numbered(90)[60:]
    (lost,) = data.skipped
    assert lost.source == "shard-001.tar"
    assert "the server failed 3 times at byte 0: status 500" in lost.reason
    assert "shard-001.tar broke off" in capfd.readouterr().err


def test_a_break_is_remembered_when_the_server_is_well_again(served, tmp_path):
    url, server = served
    write_tars(tmp_path / "set", 90, 3)
    server.faults["/set/shard-001.tar"] += [500]
    source = f"{url}/set/shard-{{000..002}}.tar"
    stream = load_data(source, streaming=True).shuffle(2, 64).batches_of(10)
    passing = iter(stream)
    seen = names([next(passing) for _ in range(4)])
    state = stream.state_dict()
    passing.close()
    server.faults.clear()
    again = load_data(source, streaming=True).shuffle(2, 64).batches_of(10)
    again.load_state_dict(state)
    assert sorted(seen + names(again)) == numbered(90)[:30] + numbered(90)[60:]
    assert sorted(names(again)) == numbered(90)


def test_a_web_address_of_something_else():
    with pytest.raises(InputError, match="'a.zip' is no .tar file"):
        load_data("http://127.0.0.1:9/a.zip?key=1", streaming=True)
