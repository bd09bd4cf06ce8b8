"""Checkpoints that would harm whoever opens them: none may run, none may fill the memory."""

import collections
import contextlib
import io
import os
import pickle
import resource
import struct
import zipfile

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutaway.errors import InputError, UnsafeFileError
from cutaway.networks import known_names, load_model, read_checkpoint
from cutaway.networks.stand_ins import StandIn, stand_ins

STRING = b"\x58"


def text(value: str) -> bytes:
    encoded = value.encode()
    return STRING + struct.pack("<I", len(encoded)) + encoded


def archive_of(pickled: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    """A torch archive around any pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", b"little")
        archive.writestr("archive/version", b"3\n")
    return buffer.getvalue()


class Exploit:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def payloads(target):
    """Objects whose unpickling by Python's own pickle creates the file `target`."""
    command = f"touch {target}"
    script = f"__import__('os').mkdir({str(target)!r})"
    return {
        "os.system": Exploit(os.system, command),
        "eval": Exploit(eval, script),
        "exec": Exploit(exec, script),
        "os.symlink": Exploit(os.symlink, os.devnull, str(target)),
        "os.mkdir": Exploit(os.mkdir, str(target)),
        "nested": {"state_dict": {"w": torch.ones(1)}, "callbacks": {1: Exploit(eval, script)}},
        "key": {"state_dict": {"w": torch.ones(1)}, Exploit(eval, script): 1},
    }


NAMES = ["os.system", "eval", "exec", "os.symlink", "os.mkdir", "nested", "key"]


@pytest.mark.parametrize("name", NAMES)
def test_the_payloads_do_run_under_plain_pickle(tmp_path, name):
    # Otherwise the tests below would prove nothing.
    content = pickle.dumps(payloads(tmp_path / "harm")[name], protocol=2)
    pickle.loads(content)
    assert (tmp_path / "harm").exists()


@pytest.mark.parametrize("form", ["zip", "before 1.6", "plain pickle"])
@pytest.mark.parametrize("name", NAMES)
def test_a_payload_does_not_run(tmp_path, name, form):
    payload = payloads(tmp_path / "harm")[name]
    path = tmp_path / "epoch=99.ckpt"
    if form == "plain pickle":
        path.write_bytes(pickle.dumps(payload, protocol=2))
    else:
        torch.save(payload, path, _use_new_zipfile_serialization=form == "zip")
    expected = r"epoch=99\.ckpt' names \S+, which a checkpoint may not hold.*Nothing was run"
    with pytest.raises(UnsafeFileError, match=expected):
        load_model(path)
    assert not (tmp_path / "harm").exists()


def test_the_message_does_not_advise_to_switch_protection_off(tmp_path):
    torch.save(Exploit(os.system, "true"), tmp_path / "a.ckpt")
    with pytest.raises(UnsafeFileError) as caught:
        read_checkpoint(tmp_path / "a.ckpt")
    assert "system" in str(caught.value)
    assert "weights_only" not in str(caught.value)
    assert "add_safe_globals" not in str(caught.value)


@pytest.mark.parametrize("name", known_names())
def test_a_known_name_is_never_resolved(tmp_path, name):
    """Each name of the list is called, built and given state; all that comes of it is inert."""
    module, _, attribute = name.rpartition(".")
    named = b"c" + f"{module}\n{attribute}\n".encode()
    called = named + b")R"
    made = named + b")\x81"
    plain = dict(map(reversed, stand_ins()))[name] is dict
    stateful = b"" if plain else b"}" + text("a") + b"K\x01sb"
    pickled = b"\x80\x02" + b"}" + text("seen") + b"]" + called + b"a" + made + stateful + b"as."
    (tmp_path / "a.ckpt").write_bytes(archive_of(pickled))
    with torch.serialization.safe_globals(list(stand_ins())):
        seen = torch.load(tmp_path / "a.ckpt", weights_only=True)["seen"]
    assert all(type(value) is dict or isinstance(value, StandIn) for value in seen)


def test_stand_ins_do_not_stay_behind(tmp_path):
    torch.save({"w": torch.ones(1)}, tmp_path / "a.ckpt")
    before = set(map(str, torch.serialization.get_safe_globals()))
    read_checkpoint(tmp_path / "a.ckpt")
    assert set(map(str, torch.serialization.get_safe_globals())) == before


def test_names_that_resemble_known_ones_are_refused(tmp_path):
    for name in ("argparse.ArgumentParser", "pathlib.os.system", "pytorch_lightning.Trainer"):
        module, _, attribute = name.rpartition(".")
        pickled = b"\x80\x02c" + f"{module}\n{attribute}\n".encode() + b")R."
        (tmp_path / "a.ckpt").write_bytes(archive_of(pickled))
        with pytest.raises(UnsafeFileError, match=f"names {name}"):
            read_checkpoint(tmp_path / "a.ckpt")


def test_a_stand_in_state_cannot_reach_an_attribute(tmp_path):
    """A file may set state on a stand-in; it lands in a dictionary and nowhere else."""
    state = {"__class__": "x", "__setstate__": "y", "entries": {"z": 1}, 7: 8}
    value = StandIn()
    value.__setstate__(state)
    assert type(value) is StandIn
    assert value.entries == {"__class__": "x", "__setstate__": "y", "entries": {"z": 1}}


class TestBombs:
    def test_compressed_archive(self, tmp_path):
        pickled = b"\x80\x02" + text("x" * 5_000_000) + b"."
        (tmp_path / "a.ckpt").write_bytes(archive_of(pickled, zipfile.ZIP_DEFLATED))
        assert (tmp_path / "a.ckpt").stat().st_size < 10_000
        with pytest.raises(InputError, match=r"is packed: it claims 5,\d+,\d+ bytes in a file of"):
            read_checkpoint(tmp_path / "a.ckpt")

    def test_tensor_larger_than_its_storage(self, tmp_path):
        torch.save({"w": torch.zeros(1).expand(10**12)}, tmp_path / "a.ckpt")
        with pytest.raises(InputError, match=r"'w' of shape \(1000000000000,\) is not stored in f"):
            read_checkpoint(tmp_path / "a.ckpt")

    def test_hyper_parameters_that_unfold(self, tmp_path):
        laughs = ["ha"] * 10
        for _ in range(9):
            laughs = [laughs] * 10
        content = {"state_dict": {"w": torch.ones(1)}, "hyper_parameters": {"laughs": laughs}}
        torch.save(content, tmp_path / "a.ckpt")
        with pytest.raises(InputError, match="unfold to more than 100,000 values"):
            read_checkpoint(tmp_path / "a.ckpt")

    def test_hyper_parameters_that_hold_themselves(self, tmp_path):
        endless = {"a": 1}
        endless["self"] = endless
        content = {"state_dict": {"w": torch.ones(1)}, "hyper_parameters": endless}
        torch.save(content, tmp_path / "a.ckpt")
        assert read_checkpoint(tmp_path / "a.ckpt").hyper_parameters["a"] == 1

    def test_deep_nesting(self, tmp_path):
        pickled = b"\x80\x02" + b"(" * 200_000 + b"t" * 200_000 + b"."
        (tmp_path / "a.ckpt").write_bytes(archive_of(pickled))
        with pytest.raises(InputError):
            read_checkpoint(tmp_path / "a.ckpt")

    @pytest.mark.parametrize("storage", ["FloatStorage", "ByteStorage"])
    def test_storage_of_a_terabyte_in_the_old_format(self, tmp_path, storage):
        weights = {"w": torch.ones(4, dtype=torch.float32)}
        torch.save(weights, tmp_path / "a.ckpt", _use_new_zipfile_serialization=False)
        content = (tmp_path / "a.ckpt").read_bytes()
        huge = content.replace(b"K\x04N", b"\x8a\x06\x00\x00\x00\x00\x00\x01N")
        assert huge != content
        (tmp_path / "a.ckpt").write_bytes(huge)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(InputError):
            read_checkpoint(tmp_path / "a.ckpt")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < 200_000


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    state = collections.OrderedDict(weight=torch.ones(3, 2), bias=torch.zeros(3))
    content = {"state_dict": state, "epoch": 1, "hyper_parameters": {"lr": 0.1}}
    torch.save(content, folder / "new.ckpt")
    torch.save(content, folder / "old.ckpt", _use_new_zipfile_serialization=False)
    return folder


@pytest.mark.parametrize("name", ["new.ckpt", "old.ckpt"])
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_flipped_bytes_give_an_error_of_ours_or_a_checkpoint(valid, tmp_path, name, data):
    content = bytearray((valid / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    (tmp_path / "a.ckpt").write_bytes(content)
    # Any other exception, a warning or a crash of the reader fails the test.
    with contextlib.suppress(InputError):
        read_checkpoint(tmp_path / "a.ckpt")
