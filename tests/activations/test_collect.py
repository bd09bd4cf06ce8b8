import gc
import weakref

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.activations import capture, collect, feature_path
from cutaway.errors import InputError
from cutaway.maps import PCA


def gather(model, batches, folder, **options):
    batches = list(batches)
    samples = sum(map(len, batches))
    return collect(model, batches, samples=samples, folder=folder, device="cpu", **options)


def test_a_pass_sums_up_every_layer(zoo, tmp_path):
    model, x = zoo.convolutional().train(), zoo.images(20)
    found = gather(model, x.split(7), tmp_path, keep=[18, 2], feature_limit=100)
    assert model.training
    model.eval()
    with torch.no_grad(), capture(model, None) as acts:
        outputs = model(x)
    assert list(found.layers) == list(acts)
    assert found.missed == ()
    assert found.skipped == {}
    assert found.nonfinite is None
    np.testing.assert_allclose(found.outputs, outputs, atol=1e-5)
    for address, layer in found.layers.items():
        values = acts[address]
        units = values.movedim(1, 0).flatten(1).double()
        assert layer.shape == tuple(values.shape[1:])
        assert layer.count == units.shape[1]
        np.testing.assert_allclose(layer.mean, units.mean(1), atol=1e-5)
        np.testing.assert_allclose(layer.var, units.var(1, correction=0), atol=1e-5)
        np.testing.assert_allclose(layer.minimum, units.amin(1), atol=1e-5)
        np.testing.assert_allclose(layer.maximum, units.amax(1), atol=1e-5)
        highest = values.flatten(2).amax(2) if values.ndim > 2 else values
        np.testing.assert_allclose(layer.active, (highest > 0).double().mean(0), atol=0.051)
        np.testing.assert_allclose(layer.live, (units > 0).double().mean(1), atol=0.01)
        np.testing.assert_allclose(
            layer.top_values, highest.T.sort(1, descending=True)[0][:, :9], atol=1e-5
        )
        assert layer.top_ids.shape == layer.top_values.shape
        np.testing.assert_allclose(found.maps[address], values[[18, 2]], atol=1e-5)
        features = np.load(found.features[address], mmap_mode="r", allow_pickle=False)
        assert found.features[address] == feature_path(tmp_path, address)
        expected = values.flatten(1)
        if values.ndim == 4:
            grid = {14: 3, 7: 3}[values.shape[-1]]
            expected = nn.functional.adaptive_avg_pool2d(values, grid).flatten(1)
        np.testing.assert_allclose(features, expected, atol=1e-5)
    assert (found.layers["0.0"].type, found.layers["0.0"].parameters) == ("Conv2d", 3 * 8 * 9 + 8)


def test_statistics_alone_write_no_feature_files(zoo, tmp_path):
    model, x = zoo.convolutional(), zoo.images(6)
    found = gather(model, [x], tmp_path / "alone", feature_limit=0)
    whole = gather(model, [x], tmp_path / "whole")
    assert found.features == {}
    assert [file.name for file in (tmp_path / "alone").iterdir()] == ["outputs.npy"]
    for address, layer in whole.layers.items():
        np.testing.assert_array_equal(found.layers[address].var, layer.var)


def test_moments_of_features_give_the_components_of_the_feature_files(zoo, tmp_path):
    found = gather(zoo.convolutional(), zoo.images(90).split(40), tmp_path, covariance=True)
    for address, moments in found.moments.items():
        rows = np.load(found.features[address]).astype(np.float64)
        pca = PCA(2).fit_moments(moments)
        expected = PCA(2).fit(rows)
        np.testing.assert_allclose(pca.mean_, expected.mean_, atol=1e-9)
        np.testing.assert_allclose(pca.components_, expected.components_, atol=1e-6)
        np.testing.assert_allclose(
            pca.explained_variance_ratio_, expected.explained_variance_ratio_, atol=1e-9
        )
    assert gather(zoo.convolutional(), [zoo.images(2)], tmp_path).moments == {}


def test_fewer_samples_than_nine(zoo, tmp_path):
    found = gather(zoo.convolutional(), zoo.images(2).split(1), tmp_path)
    assert found.layers["3"].top_ids.shape == (10, 2)
    assert sorted(found.layers["3"].top_ids[0]) == [0, 1]


def test_reused_missed_and_structured_layers(zoo, tmp_path):
    found = gather(zoo.Reused(), [torch.randn(4, 6)], tmp_path)
    assert list(found.layers) == ["first", "relu", "second", "relu#1", "relu#2"]
    assert found.missed == ("unused",)
    assert feature_path(tmp_path, "relu#2").is_file()
    found = gather(zoo.Structured(), [torch.randn(4, 6)], tmp_path / "other")
    assert list(found.layers) == ["pair", "pair[1][0]", "named", "judge"]


def test_a_layer_that_runs_for_some_samples_only(tmp_path):
    class Branching(nn.Module):
        def __init__(self):
            super().__init__()
            self.always, self.sometimes = nn.Linear(2, 2), nn.Linear(2, 3)

        def forward(self, x):
            if x.sum() > 0:
                self.sometimes(x)
            return self.always(x)

    batches = [torch.ones(2, 2), -torch.ones(3, 2), torch.ones(1, 2)]
    found = gather(Branching(), batches, tmp_path, keep=[0, 3])
    assert found.layers["sometimes"].count == 3
    assert set(found.layers["sometimes"].top_ids[0]) == {0, 1, 5}
    features = np.load(found.features["sometimes"])
    assert np.isnan(features).any(axis=1).tolist() == [False, False, True, True, True, False]
    assert np.isnan(found.maps["sometimes"]).any(axis=1).tolist() == [False, True]


def test_a_layer_without_rows_for_samples_is_left_out_aloud(tmp_path, capsys):
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.total, self.wave, self.last = nn.Identity(), nn.Identity(), nn.Identity()

        def forward(self, x):
            self.total(x.sum())
            self.wave(torch.fft.fft(x))
            return self.last(x)

    found = gather(Odd(), [torch.ones(3, 2)] * 2, tmp_path)
    assert list(found.layers) == ["last"]
    assert found.skipped == {
        "total": "its output () has no row for each of 3 samples",
        "wave": "its output is of type torch.complex64, torch.strided",
    }
    assert capsys.readouterr().err.count("Layer 'total' is left out") == 1


def test_a_shape_that_varies_is_left_out(tmp_path):
    found = gather(
        nn.Sequential(nn.ReLU()), [torch.ones(2, 3, 4, 4), torch.ones(2, 3, 5, 5)], tmp_path
    )
    assert "shape varies: (3, 4, 4), then (3, 5, 5)" in found.skipped["0"]
    assert not list((tmp_path / "features").iterdir())


def test_the_first_layer_that_gives_nan_is_named(tmp_path, capsys):
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    with torch.no_grad():
        model[0].weight.fill_(3e38)
    batches = [torch.zeros(2, 2), torch.tensor([[0.0, 0.0], [9.0, 9.0]])]
    found = gather(model, batches, tmp_path)
    assert found.nonfinite == "0"
    assert found.layers["0"].nonfinite.tolist() == [1, 1]
    assert np.isnan(found.layers["0"].mean).all()
    assert "Layer '0' of Sequential is the first to give NaN or infinite values, for sample 3" in (
        capsys.readouterr().err
    )


def test_nan_in_the_input_is_told_from_nan_that_a_layer_makes(tmp_path, capsys):
    gather(nn.Linear(2, 2), [torch.tensor([[1.0, 1.0], [torch.nan, 0.0]])], tmp_path)
    assert "The input of sample 1 holds NaN" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 5}, "batches hold 6 samples or more, and samples=5"),
        ({"samples": 7}, "batches hold 6 samples, and samples=7; expected as many"),
        ({"samples": 0}, "samples=0; expected 1 or more"),
        ({"samples": 6, "keep": [6]}, "keep holds 6; expected ids from 0 to 5"),
        ({"samples": 6, "layers": "conv*"}, "matches no layer of Linear; its layers are Linear"),
        ({"samples": 6, "device": "cuda:99"}, "device="),
    ],
)
def test_wrong_requests_are_clear_errors_and_leave_no_files(tmp_path, options, message):
    options = {"device": "cpu", **options}
    with pytest.raises(InputError, match=message):
        collect(nn.Linear(2, 2), [torch.ones(3, 2)] * 2, folder=tmp_path, **options)
    assert not list(tmp_path.rglob("*.npy"))


def test_labels_among_the_batches_are_a_clear_error(tmp_path):
    with pytest.raises(InputError, match="batches holds a tuple; expected tensors"):
        collect(nn.Linear(2, 2), iter([(torch.ones(1, 2), 3)]), samples=1, folder=tmp_path)


def test_an_error_inside_forward_is_the_networks_own_and_leaves_all_as_it_was(zoo, tmp_path):
    model = zoo.Failing().train()
    model.fails = True
    with pytest.raises(RuntimeError, match="told to"):
        gather(model, [torch.ones(2, 4)], tmp_path)
    assert model.training
    assert model.body[1].training
    assert not any(module._forward_hooks for module in model.modules())
    assert not list(tmp_path.rglob("*.npy"))


def test_nothing_is_kept_alive(zoo, tmp_path):
    model = zoo.convolutional()
    found = gather(model, [zoo.images()], tmp_path)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert found.layers


def test_a_layer_that_passes_its_input_on_is_summed_up_all_the_same(tmp_path):
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(), nn.ReLU(inplace=True))
    found = gather(model, [torch.randn(8, 3)], tmp_path, layers="*")
    assert np.array_equal(found.layers["0"].mean, found.layers["1"].mean)
    assert not np.array_equal(found.layers["1"].mean, found.layers["2"].mean)


def test_a_compiled_network_is_summed_up(zoo, tmp_path):
    model = zoo.convolutional()
    found = gather(torch.compile(model, backend="eager"), [zoo.images()], tmp_path)
    assert list(found.layers) == ["0.0", "0.1", "0.2", "0.3", "1", "2", "3"]


def test_a_layer_that_returns_no_tensor_is_left_out_by_name(zoo, tmp_path, capsys):
    found = collect(zoo.Structured(), [torch.ones(2, 3)], samples=2, folder=tmp_path, device="cpu")
    assert found.skipped == {"silent": "it returns no tensor"}
    assert "Layer 'silent' is left out: it returns no tensor." in capsys.readouterr().err
    assert found.missed == ()
