"""A data set that a network learns in one epoch: bright and dark images of 16x16."""

import numpy as np
import pytest


@pytest.fixture
def bright_and_dark():
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = rng.integers(0, 100, (120, 16, 16)) + labels[:, None, None] * 150
    return images.astype(np.uint8), labels
