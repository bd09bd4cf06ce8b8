import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from cutaway.errors import InputError
from cutaway.maps import TSNE, backends, map_quality
from cutaway.maps.backends import (
    PAYS_FROM,
    CompiledBackend,
    TensorBackend,
    choose_backend,
)

ON_TENSORS = TensorBackend(torch.device("cpu"))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads of torch and of other test processes would wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data


def test_a_map_by_tensors_is_as_good_as_a_compiled_one(digits):
    compiled = TSNE(random_state=0, max_iter=300, device="cpu").fit(digits)
    by_tensors = TSNE(random_state=0, max_iter=300)._fit(digits, ON_TENSORS)
    assert by_tensors.kl_divergence_ < 1.01 * compiled.kl_divergence_
    trust = [
        map_quality(digits, each.embedding_).trustworthiness for each in (by_tensors, compiled)
    ]
    assert trust[0] > trust[1] - 0.003
    assert by_tensors.n_iter_ == 300
    np.testing.assert_array_equal(by_tensors.transform(digits[:50]), by_tensors.embedding_[:50])


@pytest.mark.parametrize("copies", [1, 10])
def test_one_seed_gives_the_same_bytes_twice(digits, copies):
    rows = np.repeat(digits[: 1000 // copies], copies, axis=0)
    first, again = (TSNE(random_state=3, max_iter=60)._fit(rows, ON_TENSORS) for _ in range(2))
    assert first.embedding_.tobytes() == again.embedding_.tobytes()
    assert np.isfinite(first.embedding_).all()


@pytest.mark.parametrize("n", [1, 2, 3, 900])
@pytest.mark.parametrize("components", [1, 2])
def test_few_samples_and_lines_have_a_map(n, components, digits):
    fitted = TSNE(components, random_state=0, max_iter=20)._fit(digits[:n], ON_TENSORS)
    assert fitted.embedding_.shape == (n, components)
    assert np.isfinite(fitted.embedding_).all()


def test_the_neighbours_of_very_many_are_sought_among_near_clusters(digits, monkeypatch):
    monkeypatch.setattr(backends, "_EXACT_ON_GPU_UP_TO", 1000)
    fitted = TSNE(random_state=0, max_iter=1)._fit(digits, ON_TENSORS)
    assert 0.9 < fitted.neighbour_recall_ <= 1


def test_callbacks_and_interrupts_reach_a_descent_on_tensors(digits, capsys):
    seen = []

    def interrupt(iteration, Y):
        seen.append((iteration, Y.shape))
        if iteration == 20:
            raise KeyboardInterrupt

    estimator = TSNE(random_state=0, callback=interrupt, callback_every=10, keep_on_interrupt=True)
    assert estimator._fit(digits[:900], ON_TENSORS).n_iter_ == 20
    assert seen == [(10, (900, 2)), (20, (900, 2))]
    assert "the map after 20 iterations is kept" in capsys.readouterr().err


def test_a_gpu_is_taken_where_there_is_one_and_it_pays(monkeypatch):
    monkeypatch.setattr(backends, "_driver_is_here", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert isinstance(choose_backend("auto", PAYS_FROM), TensorBackend)
    assert isinstance(choose_backend("cuda", 10), TensorBackend)
    assert isinstance(choose_backend("auto", PAYS_FROM - 1), CompiledBackend)
    assert isinstance(choose_backend("cpu", PAYS_FROM), CompiledBackend)


def test_where_there_is_no_gpu_the_cpu_is_taken_or_an_error_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(backends, "_driver_is_here", lambda: True)
    assert isinstance(choose_backend("auto", PAYS_FROM), CompiledBackend)
    with pytest.raises(InputError, match="device='cuda' is not on this machine, which has"):
        TSNE(device="cuda").fit(np.eye(4))
    with pytest.raises(InputError, match="device='tpu'; expected 'auto', 'cpu' or 'cuda'"):
        choose_backend("tpu", 10)


def test_torch_is_loaded_where_there_may_be_a_gpu_and_nowhere_else():
    code = (
        "import sys; from cutaway.maps import backends;"
        "backends.choose_backend('cpu', 10**6); backends.choose_backend('auto', 10);"
        "assert 'torch' not in sys.modules;"
        "backends.choose_backend('auto', 10**6);"
        "assert ('torch' in sys.modules) == backends._driver_is_here()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
