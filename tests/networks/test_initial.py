"""Networks that begin with weights of another training: what fits, and what is said of the rest."""

import json

import pytest
import safetensors.torch
import torch
from torch import nn

from cutaway.errors import InputError, UnsafeFileError
from cutaway.networks import (
    CNN,
    ResNet,
    class_names_of,
    initial_network,
    load_model,
    model_fingerprint,
    read_checkpoint,
    remember,
    transform_of,
    unmatched_of,
)
from cutaway.networks.weights import unseen_norms

IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


@pytest.fixture
def trained():
    """A narrow ResNet that saw a batch."""
    torch.manual_seed(0)
    network = ResNet("resnet18", width=4, classes=6, stem="small")
    network.train()(torch.randn(8, 3, 16, 16))
    return network.eval()


@pytest.fixture(params=["weights.pth", "model.safetensors", "last.ckpt"])
def saved(request, tmp_path, trained):
    path = tmp_path / request.param
    state = trained.state_dict()
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    elif path.suffix == ".ckpt":
        torch.save({"state_dict": {f"network.{k}": v for k, v in state.items()}}, path)
    else:
        torch.save(state, path)
    return path


@pytest.mark.parametrize("network", [None, "resnet18"])
def test_a_files_resnet_is_known_by_names_and_shapes(saved, trained, network, capsys):
    model = initial_network(network, saved)
    assert model_fingerprint(model) == model_fingerprint(trained)
    assert (model.width, model.stem, model.classes) == (4, "small", 6)
    assert unmatched_of(model) == ()
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert capsys.readouterr().err == ""


def test_load_model_knows_it_too(saved, trained, capsys):
    assert model_fingerprint(load_model(saved)) == model_fingerprint(trained)
    assert capsys.readouterr().err == ""


def test_report6s_network_is_known_as_well(tmp_path, trained_cnn):
    network = trained_cnn(in_channels=1, classes=3, image_size=20)
    torch.save(network.state_dict(), tmp_path / "a.ckpt")
    model = initial_network(None, tmp_path / "a.ckpt")
    assert model_fingerprint(model) == model_fingerprint(network)


def test_what_the_file_has_not_stays_random_and_is_listed(tmp_path, trained, capsys):
    state = trained.state_dict()
    partial = {k: v for k, v in state.items() if not k.startswith(("layer1.1.", "fc."))}
    partial["fc.weight"], partial["ema.decay"] = torch.ones(9, 32), torch.ones(1)
    torch.save(partial, tmp_path / "part.pth")
    fresh = ResNet("resnet18", width=4, classes=6, stem="small")
    before = fresh.layer1[1].conv1.weight.clone()
    model = initial_network(fresh, tmp_path / "part.pth")
    assert model is fresh
    assert torch.equal(model.layer1[1].conv1.weight, before)
    assert torch.equal(model.layer4[1].conv2.weight, trained.layer4[1].conv2.weight)
    said = capsys.readouterr().err
    assert "part.pth fits ResNet in part: missing layer1.1.conv1.weight (4, 4, 3, 3)" in said
    assert "not of this network ema.decay (1,)" in said
    assert "of another shape fc.weight (9, 32), expected (6, 32)" in said
    unmatched = unmatched_of(model)
    assert "layer1.1.conv1.weight (4, 4, 3, 3)" in unmatched
    assert "fc.weight (9, 32), expected (6, 32)" in unmatched
    assert not any("ema" in entry or "num_batches" in entry for entry in unmatched)
    assert unseen_norms(model) == ("layer1.1.bn1", "layer1.1.bn2")


def test_load_model_refuses_what_fits_in_part(tmp_path, trained):
    state = trained.state_dict()
    del state["layer1.1.conv2.weight"]
    torch.save(state, tmp_path / "part.pth")
    with pytest.raises(InputError, match=r"does not fit ResNet: missing layer1.1.conv2.weight \(4"):
        load_model(tmp_path / "part.pth")


class TestAnotherNetwork:
    def test_of_another_depth(self, saved):
        expected = "another network than 'resnet34': it holds a resnet18.*pass network='resnet18'"
        with pytest.raises(InputError, match=expected):
            initial_network("resnet34", saved)

    def test_no_resnet(self, tmp_path):
        torch.save(CNN().state_dict(), tmp_path / "cnn.pth")
        expected = "another network than 'resnet18': its entries are 'block1.0.weight'"
        with pytest.raises(InputError, match=expected):
            initial_network("resnet18", tmp_path / "cnn.pth")

    def test_a_users_module(self, saved):
        expected = r"another network than Linear: it has 0 of 8 numbers; missing weight \(2, 3\)"
        with pytest.raises(InputError, match=expected):
            initial_network(lambda: nn.Linear(3, 2), saved)

    def test_the_same_names_and_other_shapes(self, saved):
        expected = r"another network than ResNet.*of another shape conv1.weight \(4, 3, 3, 3\), exp"
        with pytest.raises(InputError, match=expected):
            initial_network(ResNet("resnet18", width=8), saved)

    def test_of_nothing_that_is_known(self, tmp_path):
        torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "linear.pth")
        with pytest.raises(InputError, match="is not a checkpoint of CNN or of a ResNet"):
            initial_network(None, tmp_path / "linear.pth")

    def test_integers_in_place_of_weights(self, tmp_path, trained):
        state = {k: v.to(torch.int32) for k, v in trained.state_dict().items()}
        safetensors.torch.save_file(state, tmp_path / "model.safetensors")
        expected = r"conv1.weight \(4, 3, 3, 3\) torch.int32, expected \(4, 3, 3, 3\) torch.float32"
        with pytest.raises(InputError, match=expected):
            load_model(tmp_path / "model.safetensors", network=trained)

    def test_half_precision_is_fine(self, tmp_path, trained):
        state = {
            k: v.half() if v.is_floating_point() else v for k, v in trained.state_dict().items()
        }
        safetensors.torch.save_file(state, tmp_path / "model.safetensors")
        model = load_model(tmp_path / "model.safetensors")
        assert model.conv1.weight.dtype == torch.float32
        torch.testing.assert_close(model.conv1.weight, trained.conv1.weight, atol=1e-3, rtol=1e-3)


class TestInput:
    """Size and normalization: the checkpoint's, the configuration's, or the published one, said."""

    @pytest.fixture
    def published(self, tmp_path):
        """Names and shapes of a published ResNet-18."""
        torch.manual_seed(0)
        network = ResNet("resnet18")
        network.bn1.running_mean += 1
        path = tmp_path / "model.safetensors"
        safetensors.torch.save_file(network.state_dict(), path)
        return path

    def write(self, path, **configuration):
        path.with_name("config.json").write_text(json.dumps({"pretrained_cfg": configuration}))

    @pytest.mark.parametrize("load", [load_model, lambda path: initial_network("resnet18", path)])
    def test_a_published_form_without_a_word_of_its_input(self, published, load, capsys):
        transform = transform_of(load(published))
        assert (transform.size, transform.origin) == ((224, 224), "model")
        assert transform.mean == pytest.approx(IMAGENET["mean"])
        assert "does not state how images are prepared: taken is" in capsys.readouterr().err

    @pytest.mark.parametrize("load", [load_model, lambda path: initial_network("resnet18", path)])
    def test_the_configuration_beside_the_file(self, published, load, capsys):
        self.write(published, input_size=[3, 176, 160], mean=[0.5, 0.5, 0.4], std=[0.2, 0.2, 0.1])
        transform = transform_of(load(published))
        assert (transform.size, transform.origin) == ((176, 160), "model")
        assert (transform.mean, transform.std) == ((0.5, 0.5, 0.4), (0.2, 0.2, 0.1))
        assert capsys.readouterr().err == ""

    def test_a_checkpoint_of_ours_comes_first(self, tmp_path, trained):
        facts = {"size": [16, 16], "mean": [0.1] * 3, "std": [0.3] * 3, "channels": 3}
        content = {"transform": facts, "class_names": ["a", "b"], "unmatched": ["fc.bias (6,)"]}
        path = tmp_path / "a.ckpt"
        torch.save({"state_dict": trained.state_dict(), "hyper_parameters": content}, path)
        self.write(path, input_size=[3, 99, 99], mean=[0.5] * 3, std=[0.2] * 3)
        assert read_checkpoint(path).unmatched == ("fc.bias (6,)",)
        assert unmatched_of(load_model(path)) == ("fc.bias (6,)",)
        model = initial_network("resnet18", path)
        assert transform_of(model).size == (16, 16)
        assert class_names_of(model) == ("a", "b")
        assert unmatched_of(model) == ()

    def test_a_narrow_one_says_nothing(self, saved):
        assert transform_of(initial_network(None, saved)) is None

    @pytest.mark.parametrize(
        "configuration",
        [
            {"input_size": [3, 10**9, 10**9], **IMAGENET},
            {"input_size": [3, 224, 224], "mean": [0.5] * 3, "std": [0.0] * 3},
            {"input_size": [10**6, 224, 224], **IMAGENET},
            {"input_size": "3x224", **IMAGENET},
            {"input_size": [3, 224, True], **IMAGENET},
            {"input_size": [3, 224, 224], "mean": {"r": 1}, "std": None},
            {"input_size": [3, 224, 224], "mean": [float("nan")] * 3, "std": [1] * 3},
        ],
    )
    def test_a_configuration_that_lies(self, published, configuration):
        self.write(published, **configuration)
        with pytest.raises(InputError, match=r"config.json' states a wrong input transform"):
            load_model(published)

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'{"a": 1}'])
    def test_a_configuration_that_is_none(self, published, content):
        published.with_name("config.json").write_bytes(content)
        assert transform_of(load_model(published)).size == (224, 224)


def test_names_that_were_kept_come_with_what_is_known_already():
    model = nn.Linear(2, 2)
    remember(model, unmatched=("weight (2, 2)",))
    remember(model, class_names=("a", "b"))
    assert unmatched_of(model) == ("weight (2, 2)",)
    remember(model, unmatched=())
    assert unmatched_of(model) == ()


def test_a_bare_resnet_is_told_to_be_untrained(capsys):
    assert load_model("resnet18").fc.out_features == 1000
    assert (
        "The weights of 'resnet18' look random: nothing was trained yet" in capsys.readouterr().err
    )


def test_a_file_of_random_weights_is_told(tmp_path, capsys):
    torch.save(ResNet(width=2).state_dict(), tmp_path / "fresh.pth")
    initial_network("resnet18", tmp_path / "fresh.pth")
    assert "fresh.pth' look random: nothing was trained yet" in capsys.readouterr().err


def test_code_in_a_checkpoint_does_not_run(tmp_path):
    class Harm:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    torch.save({"state_dict": {"w": torch.ones(1)}, "x": Harm()}, tmp_path / "a.pth")
    with pytest.raises(UnsafeFileError, match="Nothing was run"):
        initial_network("resnet18", tmp_path / "a.pth")
    assert not (tmp_path / "harm").exists()
