"""Data frames go in without a murmur, and come out where they are asked for."""

import numpy as np
import pandas as pd
import pytest

from cutaway import PCA, TSNE, UMAP, Autoencoder, ParametricTSNE

FAST = {
    "pca": PCA,
    "tsne": lambda: TSNE(max_iter=50, random_state=0),
    "umap": lambda: UMAP(n_epochs=10, random_state=0),
    "autoencoder": lambda: Autoencoder(epochs=1, random_state=0),
    "parametric": lambda: ParametricTSNE(max_iter=50, epochs=1, random_state=0),
}


@pytest.fixture(scope="module")
def frame():
    rows = np.random.default_rng(0).normal(size=(60, 3))
    return pd.DataFrame(rows, columns=["a", "b", "c"], index=range(100, 160))


@pytest.mark.parametrize("name", FAST)
def test_names_of_columns_raise_no_warning_and_are_compared(frame, name):
    fitted = FAST[name]().fit(frame)
    assert isinstance(fitted.embedding_, np.ndarray)
    assert np.array_equal(fitted.transform(frame), fitted.embedding_)
    with pytest.raises(ValueError, match="feature names"):
        fitted.transform(frame.rename(columns={"a": "z"}))


@pytest.mark.parametrize("name", FAST)
def test_frames_come_out_where_they_are_asked_for(frame, name):
    fitted = FAST[name]().set_output(transform="pandas")
    made = fitted.fit_transform(frame)
    assert made.index.equals(frame.index)
    assert list(made) == list(fitted.get_feature_names_out())
    assert isinstance(fitted.embedding_, np.ndarray)
