"""Reading checkpoints of every make."""

import json
import math

import pytest
import safetensors.torch
import torch
from torch import nn

from cutaway.data import InputTransform
from cutaway.errors import InputError, UnsafeFileError
from cutaway.networks import read_checkpoint


@pytest.mark.parametrize("version", ["0.9.0", "1.2.10", "1.4.9", "1.6.5", "2.6.6"])
def test_lightning_checkpoints_of_every_age(report6_checkpoint, version):
    path, model = report6_checkpoint(version)
    checkpoint = read_checkpoint(path)
    assert (checkpoint.epoch, checkpoint.global_step) == (100, 70400)
    for name, value in model.state_dict().items():
        assert torch.equal(checkpoint.state_dict[name], value) or "bias" in name or "weight" in name
    assert checkpoint.hyper_parameters == {"bs": 64, "lr": 1e-3, "hparams": {"epochs": 100}}
    assert checkpoint.transform is None
    assert checkpoint.class_names is None


def test_file_format_of_torch_before_1_6(report6_checkpoint):
    path, model = report6_checkpoint(_use_new_zipfile_serialization=False)
    checkpoint = read_checkpoint(path)
    assert checkpoint.state_dict["fc_layers.6.bias"].shape == (10,)
    assert not path.read_bytes().startswith(b"PK")
    assert set(model.state_dict()) < set(checkpoint.state_dict)


def test_a_checkpoint_that_the_installed_lightning_writes(tmp_path):
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.plugins.environments import LightningEnvironment

    class Net(LightningModule):
        def __init__(self, rate, sizes):
            super().__init__()
            self.save_hyperparameters()
            self.layer = nn.Linear(3, 2)

    trainer = Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        plugins=[LightningEnvironment()],
        default_root_dir=tmp_path,
    )
    trainer.strategy.connect(Net(rate=0.5, sizes=(3, 4)))
    trainer.save_checkpoint(tmp_path / "net.ckpt")
    checkpoint = read_checkpoint(tmp_path / "net.ckpt")
    assert set(checkpoint.state_dict) == {"layer.weight", "layer.bias"}
    assert checkpoint.hyper_parameters == {"rate": 0.5, "sizes": [3, 4]}


def test_losses_activations_and_optimizers_among_hyper_parameters(tmp_path):
    given = {"activation": nn.ReLU, "loss": nn.CrossEntropyLoss(torch.ones(3)), "lr": 0.1}
    given["optimizer"] = torch.optim.AdamW
    torch.save({"state_dict": {"w": torch.ones(2)}, "hyper_parameters": given}, tmp_path / "a.ckpt")
    checkpoint = read_checkpoint(tmp_path / "a.ckpt")
    assert checkpoint.state_dict.keys() == {"w"}
    assert checkpoint.hyper_parameters["lr"] == 0.1
    assert checkpoint.hyper_parameters["loss"]["reduction"] == "mean"
    assert not {"activation", "optimizer"} & checkpoint.hyper_parameters.keys()


def test_our_own_facts_are_read(tmp_path):
    transform = InputTransform(size=(16, 20), mean=(0.5,), std=(0.25,), channels=1, origin="given")
    facts = {"transform": transform.to_dict(), "class_names": ["cat", "<b>"]}
    torch.save({"state_dict": {"w": torch.ones(1)}, "hyper_parameters": facts}, tmp_path / "a.ckpt")
    checkpoint = read_checkpoint(tmp_path / "a.ckpt")
    assert checkpoint.transform == InputTransform(
        size=(16, 20), mean=(0.5,), std=(0.25,), channels=1, origin="checkpoint"
    )
    assert checkpoint.class_names == ("cat", "<b>")


@pytest.mark.parametrize(
    "facts",
    [
        {"transform": "Normalize(0.5)", "class_names": 10},
        {"transform": {"mean": 3}, "class_names": []},
        {"transform": None, "class_names": ["cat", 4]},
        "not a dictionary",
        None,
    ],
)
def test_hyper_parameters_of_others_with_other_meanings_are_left_alone(tmp_path, facts):
    content = {"state_dict": {"w": torch.ones(1)}, "hyper_parameters": facts, "epoch": "three"}
    torch.save(content, tmp_path / "a.ckpt")
    checkpoint = read_checkpoint(tmp_path / "a.ckpt")
    assert (checkpoint.transform, checkpoint.class_names, checkpoint.epoch) == (None, None, None)


def test_a_wrong_transform_names_the_file_and_the_value(tmp_path):
    wrong = {"size": [32, 32], "mean": [0.5], "std": [0.0], "channels": 1, "origin": "given"}
    content = {"state_dict": {"w": torch.ones(1)}, "hyper_parameters": {"transform": wrong}}
    torch.save(content, tmp_path / "a.ckpt")
    with pytest.raises(InputError, match=r"a\.ckpt' states a wrong input transform: std="):
        read_checkpoint(tmp_path / "a.ckpt")


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model", None])
def test_where_training_loops_keep_weights(tmp_path, key):
    weights = nn.Linear(3, 2).state_dict()
    torch.save(weights if key is None else {key: weights, "loss": 0.3}, tmp_path / "a.pt")
    assert set(read_checkpoint(tmp_path / "a.pt").state_dict) == {"weight", "bias"}


def test_safetensors(tmp_path):
    safetensors.torch.save_file(nn.Linear(3, 2).state_dict(), tmp_path / "a.safetensors")
    assert read_checkpoint(tmp_path / "a.safetensors").state_dict["weight"].shape == (2, 3)


def test_non_contiguous_and_shared_tensors_are_read(tmp_path):
    shared = torch.arange(12.0).reshape(3, 4)
    torch.save({"a": shared, "b": shared.T, "c": shared[:, 1:3]}, tmp_path / "a.pt")
    weights = read_checkpoint(tmp_path / "a.pt").state_dict
    assert torch.equal(weights["b"], weights["a"].T)
    assert weights["c"].shape == (3, 2)


class TestWrongFiles:
    def test_missing(self, tmp_path):
        for name in ("none.ckpt", "none.safetensors"):
            with pytest.raises(InputError, match=r"none\.\w+' does not exist; expected a"):
                read_checkpoint(tmp_path / name)

    def test_folder(self, tmp_path):
        with pytest.raises(InputError, match="is a folder; expected a checkpoint file in it"):
            read_checkpoint(tmp_path)

    def test_unreadable(self, tmp_path):
        path = tmp_path / ("x" * 300)
        with pytest.raises(InputError, match="cannot be read"):
            read_checkpoint(path)

    def test_empty(self, tmp_path):
        (tmp_path / "a.ckpt").touch()
        with pytest.raises(InputError, match="is empty; expected a checkpoint"):
            read_checkpoint(tmp_path / "a.ckpt")

    @pytest.mark.parametrize("content", [b"hello", b"\x89PNG\r\n\x1a\n", b"\x80\x04K\x01."])
    def test_other_formats(self, tmp_path, content):
        (tmp_path / "a.ckpt").write_bytes(content)
        with pytest.raises(InputError, match="is not a checkpoint: it starts with b"):
            read_checkpoint(tmp_path / "a.ckpt")

    def test_safetensors_that_are_none(self, tmp_path):
        (tmp_path / "a.safetensors").write_bytes(b"x" * 40)
        with pytest.raises(InputError, match="is cut off or damaged"):
            read_checkpoint(tmp_path / "a.safetensors")

    @pytest.mark.parametrize("zipped", [True, False])
    @pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
    def test_cut_off(self, report6_checkpoint, zipped, share):
        path, _ = report6_checkpoint(_use_new_zipfile_serialization=zipped)
        content = path.read_bytes()
        path.write_bytes(content[: math.ceil(len(content) * share)])
        with pytest.raises(InputError, match="is cut off or damaged; copy it again"):
            read_checkpoint(path)

    @pytest.mark.parametrize("content", [[1, 2], "text", {}, {"epoch": 3}, {3: torch.ones(1)}])
    def test_without_weights(self, tmp_path, content):
        torch.save(content, tmp_path / "a.ckpt")
        with pytest.raises(InputError, match="holds (no weights|a list|a str).*expected"):
            read_checkpoint(tmp_path / "a.ckpt")

    def test_torchscript(self, tmp_path):
        (tmp_path / "a.pt").write_bytes(_script_archive())
        with pytest.raises(InputError, match="is a TorchScript archive, which holds code"):
            read_checkpoint(tmp_path / "a.pt")

    def test_other_pickle_protocol(self, tmp_path):
        torch.save({"w": torch.ones(1)}, tmp_path / "a.pt", pickle_protocol=4)
        with pytest.raises(InputError, match=r"starts with b'\\x80\\x04'; expected protocol 2"):
            read_checkpoint(tmp_path / "a.pt")

    def test_a_whole_model_is_refused_by_name(self, tmp_path):
        torch.save(nn.Linear(3, 2), tmp_path / "model.pt")
        expected = (
            r"names torch\.nn\.modules\.linear\.Linear, which a checkpoint may not hold.*state_dict"
        )
        with pytest.raises(UnsafeFileError, match=expected):
            read_checkpoint(tmp_path / "model.pt")

    def test_sparse_and_meta_tensors(self, tmp_path):
        for tensor in (torch.eye(3).to_sparse(), torch.empty(3, device="meta")):
            torch.save({"w": tensor}, tmp_path / "a.pt")
            with pytest.raises(InputError, match="'w' of shape .* is not stored in full"):
                read_checkpoint(tmp_path / "a.pt")


def _script_archive() -> bytes:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02N.")
        archive.writestr("net/constants.pkl", b"\x80\x02N.")
        archive.writestr("net/version", json.dumps(3))
    return buffer.getvalue()
