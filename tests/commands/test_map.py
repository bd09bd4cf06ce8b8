import numpy as np
import pandas as pd
import pytest

from cutaway.commands.map import map_source
from cutaway.errors import InputError


def test_the_streamed_map_of_a_parquet_set_is_the_one_made_in_memory(tmp_path):
    found = [
        map_source(
            "mnist", method="pca", split="test", limit=300, streaming=streaming,
            output=tmp_path / f"{streaming}.parquet",
        )
        for streaming in (False, True)
    ]  # fmt: skip
    assert found[1]["measured_on"] == "50 components"
    assert "measured_on" not in found[0]
    whole, streamed = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in (False, True))
    np.testing.assert_allclose(streamed[["x", "y"]], whole[["x", "y"]], atol=1e-4)
    assert streamed["label"].equals(whole["label"])


def test_neighbourhoods_are_mapped_of_components_and_that_is_said_aloud(capsys):
    result = map_source("digits", method="tsne", limit=100, streaming=True)
    assert result["rows"] == 100
    assert result["neighbours_kept"] > 0.5
    assert "50 principal components of 64 values an image" in capsys.readouterr().err


def test_a_table_is_not_streamed(tmp_path):
    np.save(tmp_path / "rows.npy", np.eye(4))
    with pytest.raises(InputError, match="is a table"):
        map_source(str(tmp_path / "rows.npy"), streaming=True)
