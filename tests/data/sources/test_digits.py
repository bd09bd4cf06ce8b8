"""scikit-learn's digits: values, order and the fixed split."""

import numpy as np
from sklearn.datasets import load_digits

from cutaway.data import load_data


def test_values_are_scaled_by_rounding_in_the_original_order():
    images, bunch = load_data("digits"), load_digits()
    assert np.array_equal(images.pixels[..., 0], np.rint(bunch.images * 255 / 16))
    assert images.pixels.max() == 255
    assert np.array_equal(images.labels, bunch.target)
    assert images.sources[17] == "digits/17"


def test_splits_are_a_fixed_partition_in_proportion():
    whole, train, test = (load_data("digits", split=split) for split in (None, "train", "test"))
    assert (len(train), len(test)) == (1438, 359)
    assert sorted(train.sources + test.sources) == sorted(whole.sources)
    shares = np.bincount(test.labels) / np.bincount(whole.labels)
    assert np.abs(shares - 0.2).max() < 0.01
    assert test.sources[:5] == load_data("digits", split="test", limit=5).sources
    assert test.fingerprint == load_data("digits", split="test").fingerprint
