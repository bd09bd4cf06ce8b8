"""Whose lines an error came through: the user's network's, a library's, or our own."""

import sys

import pytest
import torch
from torch import nn

from cutaway.activations import capture
from cutaway.errors import own_lines
from cutaway.maps import PCA


class Raising(nn.Module):
    def forward(self, x):
        return self.inner(x)

    def inner(self, x):
        return x[:, 1000]


def caught(action, kind):
    with pytest.raises(kind) as told:
        action()
    return [(line.filename, line.name) for line in own_lines(told.value)]


def test_the_networks_own_lines_without_torch_and_what_called_it():
    model = nn.Sequential(nn.Identity(), Raising())

    def run():
        with capture(model, stop="1"):
            model(torch.ones(1, 2))

    assert caught(run, IndexError) == [(__file__, "forward"), (__file__, "inner")]


def test_what_is_ours_has_none():
    assert caught(lambda: PCA(0).fit([[1.0, 2.0]]), ValueError) == []


def test_a_librarys_network_is_told_by_the_librarys_lines(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    code = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x): return x[9]\n"
    (folder / "net_of_a_library.py").write_text(code + "def plain(x):\n    return x[9]\n")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    import net_of_a_library as library

    lines = caught(lambda: library.Net()(torch.ones(1)), IndexError)
    assert lines[-1] == (str(folder / "net_of_a_library.py"), "forward")
    assert (library.__file__, "plain") not in caught(lambda: library.plain([1]), IndexError)
