"""Devices by name."""

import pytest
import torch

from cutaway.device import resolve_device
from cutaway.errors import InputError


def test_auto_takes_what_there_is():
    assert resolve_device("auto").type in {"cuda", "mps", "cpu"}
    assert resolve_device(torch.device("cpu")).type == "cpu"


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"device='meta' is not on this machine.*device='auto'"):
        resolve_device("meta")
    with pytest.raises(InputError, match=r"device='tpu9' is not a device"):
        resolve_device("tpu9")
