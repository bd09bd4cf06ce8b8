import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from cutaway.activations import capture, select_layers
from cutaway.errors import InputError


@pytest.fixture
def mesh(tmp_path):
    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", rank=0, world_size=1, store=store)
    yield init_device_mesh("cpu", (1,))
    dist.destroy_process_group()


@pytest.mark.parametrize("layers", ["*", "0"])
def test_fully_sharded_is_refused_by_name(mesh, layers):
    model = nn.Sequential(nn.Linear(2, 2), fully_shard(nn.Linear(2, 2), mesh=mesh))
    with (
        pytest.raises(InputError, match=r"layer '1' is fully sharded \(FSDP\).*unsharded copy"),
        capture(model, layers),
    ):
        pass


def test_the_wrapper_of_older_sharding_is_refused_by_name():
    class FullyShardedDataParallel(nn.Module):
        """Stands for the class of torch.distributed, which wants several processes."""

    with pytest.raises(InputError, match=r"layer '0' is fully sharded \(FSDP\)"):
        select_layers(nn.Sequential(FullyShardedDataParallel()))


def test_torchscript_is_refused_by_name():
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        script = torch.jit.script(nn.ReLU())
    with pytest.raises(InputError, match="layer '1' is TorchScript, which runs no hooks inside"):
        select_layers(nn.Sequential(nn.Linear(1, 1), script))
