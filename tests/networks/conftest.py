"""Checkpoints as Report6's author had them: written by a LightningModule with an Accuracy metric.

Lightning before 1.5 is not installed, so its classes are acted by modules of the same names that
exist while the file is pickled. The layout is that of files which Lightning 1.2, 1.4 and 1.6 wrote.
"""

import argparse
import pathlib
import sys
import types
from collections import OrderedDict

import pytest
import torch

from cutaway.networks import CNN


@pytest.fixture
def trained_cnn():
    """A CNN whose statistics and weights are not those of a fresh one."""

    def make(**options) -> CNN:
        torch.manual_seed(3)
        model = CNN(**options)
        size = model.image_size
        model.train()(torch.randn(8, model.in_channels, *size))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(1.5)
        return model.eval()

    return make


@pytest.fixture
def acted_class(monkeypatch):
    """Makes a class that pickles under any name, as if its package were installed."""

    def make(path: str, base: type = object) -> type:
        module_name, _, name = path.rpartition(".")
        parts = module_name.split(".")
        for depth in range(1, len(parts) + 1):
            package = ".".join(parts[:depth])
            if package not in sys.modules or depth == len(parts):
                monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
        kind = type(name, (base,), {"__module__": module_name})
        setattr(sys.modules[module_name], name, kind)
        return kind

    return make


@pytest.fixture
def report6_checkpoint(tmp_path, trained_cnn, acted_class):
    """Writes `epoch=99.ckpt` of a CNN in the layout of a version of Lightning."""

    def write(version: str = "1.2.10", model: CNN | None = None, **options):
        model = model or trained_cnn()
        callbacks = "pytorch_lightning.callbacks"
        keys = (
            (
                acted_class(f"{callbacks}.model_checkpoint.ModelCheckpoint"),
                acted_class(f"{callbacks}.early_stopping.EarlyStopping"),
            )
            if version < "1.5"
            else ("ModelCheckpoint{'monitor': 'val_loss', 'mode': 'min'}", "EarlyStopping")
        )
        hyper_parameters = {"bs": 64, "lr": 1e-3, "hparams": argparse.Namespace(epochs=100)}
        hyper_parameters["folder"] = pathlib.PurePosixPath("/projects/someone")
        if version < "1.0":
            attributes = acted_class("pytorch_lightning.utilities.parsing.AttributeDict", dict)
            hyper_parameters = attributes(hyper_parameters)
        optimizer = torch.optim.Adam(model.parameters())
        model.train()(torch.randn(2, model.in_channels, *model.image_size)).sum().backward()
        model.eval()
        optimizer.step()
        content = {
            "epoch": 100,
            "global_step": 70400,
            "pytorch-lightning_version": version,
            "state_dict": OrderedDict(
                [
                    ("accuracy.correct", torch.tensor(4211)),
                    ("accuracy.total", torch.tensor(5000)),
                    *model.state_dict().items(),
                ]
            ),
            "callbacks": {
                keys[0]: {"best_model_score": torch.tensor(0.5), "best_model_path": "C:/x.ckpt"},
                keys[1]: {"wait_count": 0, "best_score": torch.tensor(float("inf"))},
            },
            "optimizer_states": [optimizer.state_dict()],
            "lr_schedulers": [],
            "hparams_name": "kwargs",
            "hyper_parameters": hyper_parameters,
        }
        path = tmp_path / "epoch=99.ckpt"
        torch.save(content, path, **options)
        return path, model

    return write
