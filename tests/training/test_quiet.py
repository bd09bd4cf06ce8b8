"""Lightning's remarks are silenced while we train, and not afterwards."""

import logging
import warnings

import pytest

from cutaway.training.quiet import quiet_lightning


def test_levels_come_back():
    logger = logging.getLogger("lightning.pytorch")
    before = logger.level
    with pytest.raises(RuntimeError), quiet_lightning():
        assert not logger.isEnabledFor(logging.INFO)
        assert logger.isEnabledFor(logging.WARNING)
        raise RuntimeError
    assert logger.level == before


def test_only_expected_warnings_are_silenced():
    with quiet_lightning():
        warnings.warn("The 'train_dataloader' does not have many workers", stacklevel=1)
        with pytest.warns(UserWarning, match="loss is nan"):
            warnings.warn("loss is nan", stacklevel=1)
