"""The table of layers as a user prints it: raw pixels first, the last layer last."""

import json

import numpy as np
import pandas as pd
import pytest

from cutaway.cli import app
from cutaway.commands.layers import as_json, in_words
from cutaway.data import load_data
from cutaway.study import build_study, open_study
from cutaway.views.report.measures import MEASURES
from tests.study.conftest import small_network


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers") / "digits.study"
    digits = load_data("digits").select(np.arange(60))
    return build_study(small_network(), digits, folder, maps={"pca": "pixels"})


def cells(text):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_the_printed_table_is_that_of_the_study(small, capsys):
    app(["layers", str(small.folder)], standalone_mode=False)
    heads, rule, *rows = cells(capsys.readouterr().out.strip())
    assert set("".join(rule)) == {"-"}
    assert heads[:4] == ["layer", "type", "shape", "10-NN"]
    assert [row[0] for row in rows] == small.layers["layer"].tolist()
    assert (rows[0][:3], rows[-1][2]) == (["pixels", "Input", "1×8×8"], "10")
    for row, values in zip(rows, small.layers.to_dict("records"), strict=True):
        for cell, (column, _, form) in zip(row[3:-1], MEASURES, strict=True):
            assert cell == form.format(values[column]).replace("-", "−")
    assert rows[-1][-1] == "1.000"


def test_json_has_every_column_and_how_alike_the_last_layer_is(small):
    table = pd.DataFrame(json.loads(as_json(small)))
    assert set(table.columns) == {*small.layers.columns, "cka_to_last"}
    own = small.cka.set_index(["layer", "other"])["cka"]
    last = small.layers["layer"].iloc[-1]
    expected = [own[last, layer] for layer in small.layers["layer"]]
    np.testing.assert_allclose(table["cka_to_last"], expected, rtol=1e-6)


def test_what_a_study_lacks_has_no_column_and_a_bar_in_a_name_breaks_no_row(small):
    older = open_study(small.folder)
    older.cka = None
    older.layers = small.layers.drop(columns=["fisher"]).assign(layer="a|b", knn_accuracy=np.nan)
    text = in_words(older)
    assert "CKA" not in text
    assert "Fisher" not in text
    assert text.count("a\\|b") == len(small.layers)
    assert cells(text.replace("\\|", "/"))[2][3] == "–"
