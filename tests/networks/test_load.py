"""Every way to a model."""

import pytest
import safetensors.torch
import torch
from torch import nn

from cutaway.data import InputTransform
from cutaway.errors import InputError, MissingDependencyError
from cutaway.networks import CNN, class_names_of, load_model, transform_of


def assert_frozen(model):
    assert not any(module.training for module in model.modules())
    assert not any(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("version", ["0.9.0", "1.2.10", "2.6.6"])
def test_report6s_checkpoint_becomes_its_network(report6_checkpoint, version):
    path, model = report6_checkpoint(version)
    loaded = load_model(path)
    assert isinstance(loaded, CNN)
    assert loaded.image_size == (32, 32)
    assert_frozen(loaded)
    assert transform_of(loaded) is None
    images = torch.randn(4, 3, 32, 32)
    for name, value in torch.load(path, weights_only=False)["state_dict"].items():
        if not name.startswith("accuracy"):
            assert torch.equal(loaded.state_dict()[name], value)
    assert loaded(images).shape == (4, 10)
    assert model.in_channels == 3


@pytest.mark.parametrize(
    ("size", "deduced"), [(32, 32), (28, 28), (16, 16), (64, 64), (30, 28), (35, 32)]
)
def test_size_channels_and_classes_are_deduced(tmp_path, trained_cnn, size, deduced):
    torch.save(trained_cnn(in_channels=1, classes=7, image_size=size).state_dict(), tmp_path / "a")
    loaded = load_model(tmp_path / "a")
    assert (loaded.in_channels, loaded.classes, loaded.image_size) == (1, 7, (deduced, deduced))


def test_oblong_images_need_the_network(tmp_path, trained_cnn):
    torch.save(trained_cnn(image_size=(32, 48)).state_dict(), tmp_path / "a.pt")
    with pytest.raises(InputError, match="takes 1440 features, which no square image gives"):
        load_model(tmp_path / "a.pt")
    assert load_model(tmp_path / "a.pt", CNN(image_size=(32, 48))).image_size == (32, 48)


def test_our_checkpoints_say_size_transform_and_classes(tmp_path, trained_cnn):
    transform = InputTransform(size=(32, 48), mean=(0.1,), std=(0.2,), channels=1, origin="given")
    model = trained_cnn(in_channels=1, classes=2, image_size=(32, 48))
    facts = {
        "network": {"name": "CNN", "arguments": {"image_size": [32, 48]}},
        "transform": transform.to_dict(),
        "class_names": ["cat", "dog"],
    }
    content = {"state_dict": model.state_dict(), "hyper_parameters": facts}
    torch.save(content, tmp_path / "a.ckpt")
    loaded = load_model(tmp_path / "a.ckpt")
    assert loaded.image_size == (32, 48)
    assert class_names_of(loaded) == ("cat", "dog")
    assert transform_of(loaded).origin == "checkpoint"


@pytest.mark.parametrize("size", [[32, 32], [7, 7], "big", [32], [32, 32, 32], [True, 32], None])
def test_a_stated_size_that_the_weights_belie_is_not_believed(tmp_path, trained_cnn, size):
    facts = {"network": {"name": "CNN", "arguments": {"image_size": size}}}
    content = {"state_dict": trained_cnn(image_size=28).state_dict(), "hyper_parameters": facts}
    torch.save(content, tmp_path / "a.ckpt")
    assert load_model(tmp_path / "a.ckpt").image_size == (28, 28)


@pytest.mark.parametrize("prefix", ["network.", "model.", "net.", "module.", "module._orig_mod."])
def test_prefixes_of_training_loops(tmp_path, trained_cnn, prefix):
    weights = {prefix + name: value for name, value in trained_cnn().state_dict().items()}
    safetensors.torch.save_file(weights, tmp_path / "a.safetensors")
    assert isinstance(load_model(tmp_path / "a.safetensors"), CNN)


def test_checkpoint_of_any_network(tmp_path):
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / "a.pt")
    for network in (nn.Linear(3, 2), lambda: nn.Linear(3, 2)):
        assert_frozen(load_model(tmp_path / "a.pt", network))


def test_unknown_network_asks_for_it(tmp_path):
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / "a.pt")
    expected = r"is not a checkpoint of CNN.*\['weight', 'bias'\]; name the network: load_model"
    with pytest.raises(InputError, match=expected):
        load_model(tmp_path / "a.pt")


def test_other_shapes_than_the_network(report6_checkpoint):
    path, _ = report6_checkpoint()
    expected = r"fc_layers\.6\.weight \(10, 32\), expected \(3, 32\)"
    with pytest.raises(InputError, match=expected):
        load_model(path, CNN(classes=3))


def test_the_names_of_cnn_with_nonsense_shapes(tmp_path):
    weights = {name: torch.ones(2) for name in CNN().state_dict()}
    torch.save(weights, tmp_path / "a.pt")
    with pytest.raises(InputError, match=r"has CNN's names, but shapes block1\.0\.weight \(2,\)"):
        load_model(tmp_path / "a.pt")


def test_training_mode_on_request(report6_checkpoint):
    model = load_model(report6_checkpoint()[0], train=True)
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_a_module_is_given_back_itself(trained_cnn):
    model = trained_cnn().train()
    assert load_model(model) is model
    assert_frozen(model)


def test_a_network_beside_a_module_is_an_error(trained_cnn):
    expected = "network=an instance of Identity was given with source=an instance of CNN, which"
    with pytest.raises(InputError, match=expected):
        load_model(trained_cnn(), nn.Identity())


def test_random_weights_are_told(capsys):
    load_model(CNN())
    assert "The weights of an instance of CNN look random" in capsys.readouterr().err


def test_trained_weights_are_not_remarked_on(capsys, report6_checkpoint):
    load_model(report6_checkpoint()[0])
    assert capsys.readouterr().err == ""


def test_diverged_weights_are_told(capsys, tmp_path, trained_cnn):
    weights = trained_cnn().state_dict()
    weights["fc_layers.6.bias"][0] = float("nan")
    torch.save(weights, tmp_path / "a.pt")
    load_model(tmp_path / "a.pt")
    assert "hold NaN or infinity: its training diverged" in capsys.readouterr().err


def test_a_function_of_the_users(tmp_path, monkeypatch):
    (tmp_path / "zoo_of_user.py").write_text(
        "from torch import nn\ndef tiny():\n    return nn.Linear(3, 2)\n"
    )
    monkeypatch.chdir(tmp_path)
    assert isinstance(load_model("zoo_of_user:tiny"), nn.Linear)


def test_a_function_that_returns_no_network():
    with pytest.raises(InputError, match="returned a dict; expected a torch.nn.Module"):
        load_model("builtins:dict")


def test_network_function_that_returns_no_network(tmp_path):
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / "a.pt")
    with pytest.raises(InputError, match="returned a dict; expected a torch.nn.Module"):
        load_model(tmp_path / "a.pt", dict)


def test_timm_says_how_to_install_it():
    with pytest.raises(MissingDependencyError, match=r"pip install 'cutaway\[timm\]'"):
        load_model("timm:resnet18")


def test_no_such_device():
    with pytest.raises(InputError, match="device='gpu'"):
        load_model(CNN(), device="gpu")
