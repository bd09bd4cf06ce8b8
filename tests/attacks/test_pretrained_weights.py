"""Weights from strangers: what lies about its size, its type or its network takes no memory."""

import json
import resource
import struct
from pathlib import Path

import pytest
import safetensors.torch
import torch

from cutaway.errors import InputError
from cutaway.networks import ResNet, initial_network, load_model, looks_untrained


def narrow():
    return ResNet("resnet18", width=2, classes=3, stem="small")


def safetensors_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape, end, kind="F32"):
    return {"conv1.weight": {"dtype": kind, "shape": shape, "data_offsets": [0, end]}}


NOT_SAFETENSORS = {
    "nothing": b"",
    "text": b"not a tensor in sight",
    "a page": b"<!DOCTYPE html><html><body>404</body></html>",
    "a header longer than the file": struct.pack("<Q", 2**62) + b"{}",
    "a header that is no JSON": safetensors_of(b"{'a': 1"),
    "a header of a list": safetensors_of([1, 2]),
    "a huge tensor": safetensors_of(entry([10**6, 10**6, 7, 7], 16), b"\0" * 16),
    "sizes that overflow": safetensors_of(entry([2**32, 2**32], 0)),
    "negative sizes": safetensors_of(entry([-1, 4], 16), b"\0" * 16),
    "an unknown type": safetensors_of(entry([4], 16, "F1024"), b"\0" * 16),
    "offsets outside": safetensors_of(entry([4], 2**40), b"\0" * 16),
    "a pickle": b"\x80\x02}q\x00.",
    "a zip": b"PK\x03\x04" + b"\0" * 60,
}


@pytest.fixture
def little_memory():
    """Lets this process grow by no more than 2 GB."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + (2 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("network", [None, "resnet18", narrow])
@pytest.mark.parametrize("name", NOT_SAFETENSORS)
def test_what_is_no_safetensors_file(tmp_path, name, network, little_memory):
    path = tmp_path / "model.safetensors"
    path.write_bytes(NOT_SAFETENSORS[name])
    with pytest.raises(InputError, match=r"model.safetensors' (is cut off or damaged|holds no we)"):
        initial_network(network, path)


def test_a_pickle_under_that_name_is_not_unpickled(tmp_path):
    path = tmp_path / "model.safetensors"
    torch.save(narrow().state_dict(), path)
    with pytest.raises(InputError, match="is cut off or damaged"):
        initial_network(None, path)


class TestLies:
    """Files whose first names promise a network that they do not hold."""

    def promise(self, **changes):
        state = {name: torch.zeros(1) for name in narrow().state_dict()}
        state["conv1.weight"] = torch.zeros(5000, 3, 3, 3)
        return state | changes

    @pytest.mark.parametrize("load", [load_model, lambda path: initial_network("resnet18", path)])
    @pytest.mark.parametrize("form", ["weights.pth", "weights.safetensors"])
    def test_a_small_file_does_not_ask_for_a_large_network(
        self, tmp_path, load, form, little_memory
    ):
        # A ResNet-18 of 5,000 filters would take 280 GB.
        path = tmp_path / form
        if path.suffix == ".pth":
            torch.save(self.promise(), path)
        else:
            safetensors.torch.save_file(self.promise(), path)
        with pytest.raises(
            InputError, match="begins as a ResNet of 5000 filters does, but does not"
        ):
            load(path)

    def test_one_storage_under_all_names(self, tmp_path, little_memory):
        shared = torch.zeros(5000 * 27)
        state = {n: shared[: v.numel()].view(v.shape) for n, v in narrow().state_dict().items()}
        state["conv1.weight"] = shared.view(5000, 3, 3, 3)
        torch.save(state, tmp_path / "weights.pth")
        with pytest.raises(InputError, match="begins as a ResNet of 5000 filters"):
            load_model(tmp_path / "weights.pth")

    def test_expanded_tensors(self, tmp_path, little_memory):
        state = narrow().state_dict() | {"layer1.0.conv1.weight": torch.zeros(1).expand(10**9)}
        torch.save(state, tmp_path / "weights.pth")
        with pytest.raises(InputError, match="is not stored in full"):
            initial_network("resnet18", tmp_path / "weights.pth")

    def test_thousands_of_blocks(self, tmp_path):
        names = [f"layer{stage}.{number}" for stage in (1, 2, 3, 4) for number in range(900)]
        state = {f"{name}.conv1.weight": torch.zeros(1) for name in names}
        torch.save(state | {"conv1.weight": torch.zeros(2, 3, 3, 3)}, tmp_path / "weights.pth")
        with pytest.raises(InputError, match="is a checkpoint of another network than 'resnet18'"):
            initial_network("resnet18", tmp_path / "weights.pth")

    @pytest.mark.parametrize(
        "tensor",
        [torch.zeros(0), torch.zeros(2, 3, 0, 0), torch.zeros(2, 3, 3), torch.zeros(2, 3, 5, 5)],
    )
    def test_a_first_layer_of_a_strange_shape(self, tmp_path, tensor):
        state = narrow().state_dict() | {"conv1.weight": tensor}
        safetensors.torch.save_file(state, tmp_path / "weights.safetensors")
        with pytest.raises(InputError, match=r"another network|not a checkpoint of CNN"):
            initial_network("resnet18", tmp_path / "weights.safetensors")

    @pytest.mark.parametrize("last", [torch.zeros(0, 16), torch.zeros(3), torch.zeros(2**20, 16)])
    def test_a_last_layer_of_a_strange_shape(self, tmp_path, last):
        state = narrow().state_dict() | {"fc.weight": last}
        torch.save(state, tmp_path / "weights.pth")
        with pytest.raises(InputError, match=r"does not fit ResNet|does not hold one"):
            load_model(tmp_path / "weights.pth")


@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.complex64, torch.uint8])
def test_wrong_kinds_of_numbers(tmp_path, kind):
    state = {name: value.to(kind) for name, value in narrow().state_dict().items()}
    torch.save(state, tmp_path / "weights.pth")
    with pytest.raises(InputError, match=f"of another shape .* {kind}, expected"):
        load_model(tmp_path / "weights.pth", network=narrow)
    with pytest.raises(InputError, match=r"another network|does not hold one"):
        initial_network("resnet18", tmp_path / "weights.pth")


@pytest.mark.parametrize("load", [load_model, lambda path: initial_network("resnet18", path)])
def test_weights_that_are_not_finite_are_told(tmp_path, load, capsys):
    state = narrow().state_dict()
    state["layer1.0.bn1.running_mean"][0] = float("nan")
    torch.save(state, tmp_path / "weights.pth")
    assert not looks_untrained(load(tmp_path / "weights.pth"))
    assert "hold NaN or infinity" in capsys.readouterr().err
