"""Models from a user's own code."""

import sys

import pytest
from torch import nn

from cutaway.errors import InputError
from cutaway.networks.imported import is_import, model_from_import


@pytest.mark.parametrize(
    "text", ["zoo:net", "zoo.nets:Tiny", "zoo:Tiny.small", "torch.nn:Identity"]
)
def test_names(text):
    assert is_import(text)


@pytest.mark.parametrize(
    "text",
    ["zoo", "C:best", "runs/best.ckpt", "a:b:c", ":f", "zoo:", "C:\\a.ckpt", "epoch=99.ckpt"],
)
def test_paths(text):
    assert not is_import(text)


def test_class_in_an_installed_module():
    assert isinstance(model_from_import("torch.nn:Identity"), nn.Identity)


def test_module_in_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "zoo_here").mkdir()
    code = "from torch import nn\nclass Nets:\n    small = nn.Identity\n"
    (tmp_path / "zoo_here" / "nets.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    assert isinstance(model_from_import("zoo_here.nets:Nets.small"), nn.Identity)
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no_such_zoo:net", "there is no module 'no_such_zoo'; expected one that is installed"),
        ("torch.no_such:net", "there is no module 'torch.no_such'"),
        ("torch.nn:Identiti", "torch.nn has no 'Identiti'; did you mean 'Identity'"),
        ("torch:__version__", "is a TorchVersion; expected a function that returns a model"),
        ("torch.nn:Linear", "could not be called without arguments"),
        ("builtins:list", "returned a list; expected a torch.nn.Module"),
        ("resnet18", "names no network; expected 'package.module:function' or 'timm:NAME'"),
    ],
)
def test_errors_say_what_is_wrong(text, message):
    with pytest.raises(InputError, match=message):
        model_from_import(text)


def test_a_users_module_that_misses_an_import_keeps_its_error(tmp_path, monkeypatch):
    (tmp_path / "zoo_broken.py").write_text("import no_such_library_here\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library_here"):
        model_from_import("zoo_broken:net")
