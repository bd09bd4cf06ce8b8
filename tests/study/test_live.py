import numpy as np
import pytest
import torch

from cutaway import InputError
from cutaway.activations.threads import torch_threads
from cutaway.study.live import LiveNetwork
from tests.study.conftest import small_network

# PCA and t-SNE put a copy of a sample where it lies; UMAP lets it move in the forces there.
NEAR = {"pca": 0.001, "tsne": 0.001, "umap": 0.1}


@pytest.fixture(scope="module")
def live(study):
    return LiveNetwork(study, small_network(), device="cpu")


def test_a_studied_image_gives_the_studys_own_features(study, live):
    for sample in study.kept[:3]:
        image = study.image(sample)
        activations = live.activations(image)
        for layer in study.layers["layer"]:
            row = live.features(layer, image, activations)
            np.testing.assert_allclose(row, study.features(layer)[sample], rtol=1e-4, atol=1e-5)


def test_a_studied_image_lands_where_it_lies(study, live):
    sample = study.kept[0]
    placed = live.place(study.image(sample))
    np.testing.assert_allclose(placed.outputs, study.outputs[sample], rtol=1e-4, atol=1e-5)
    assert placed.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert {(each.layer, each.method) for each in placed.places} == {
        (row.layer, row.method) for row in study.maps.itertuples()
    }
    for each in placed.places:
        table = study.map(each.layer, each.method)[["x", "y"]].to_numpy()
        span = np.ptp(table, axis=0).max()
        assert np.hypot(*(table[sample] - (each.x, each.y))) < NEAR[each.method] * span, (
            each.layer,
            each.method,
        )
        assert not each.unlike


def test_an_image_like_nothing_is_told(live):
    noise = np.random.default_rng(0).integers(0, 2, (8, 8, 1)).astype(np.uint8) * 255
    pixels = [each for each in live.place(noise).places if each.layer == "pixels"]
    assert pixels
    assert all(each.unlike for each in pixels)


def test_the_network_is_left_as_it_was(study):
    network = small_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    LiveNetwork(study, network, device="cpu").place(study.image(study.kept[0]))
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_maps_are_made_ready_while_the_network_is_at_work(study, monkeypatch):
    network, asked = small_network(), []
    network.register_forward_pre_hook(lambda *_: asked.append(1))
    live = LiveNetwork(study, network, device="cpu")
    with live._lock:
        live.warm_up()
    assert not asked
    monkeypatch.setattr(type(study), "finished_map", lambda *_: pytest.fail("read once more"))
    assert len(live.place(study.image(study.kept[0])).places) == len(study.maps)


def test_another_network_is_refused(study):
    with pytest.raises(InputError, match="expected the same weights"):
        LiveNetwork(study, small_network(seed=1), device="cpu")


def test_a_small_network_runs_on_one_thread_and_leaves_the_others_their_own(study):
    network, seen, before = small_network(), [], torch.get_num_threads()
    network[0].register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    live = LiveNetwork(study, network, device="cpu")
    with torch_threads(before + 1):
        live.place(study.image(study.kept[0]))
        assert torch.get_num_threads() == before + 1
    assert set(seen) == {1}
