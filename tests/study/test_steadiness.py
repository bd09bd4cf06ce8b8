"""How steady layers are: none of a healthy network changes with its batch."""

import numpy as np
import pandas as pd
import torch
from torch import nn

from cutaway.study import build_study
from cutaway.study.norms import left_training
from cutaway.views.gallery import draw

MAPS = {"pca": "pixels"}


def test_a_row_a_layer_and_no_change(study):
    table = study.steadiness
    assert table["layer"].tolist() == study.layers["layer"].tolist()[1:]
    assert (table["change"] < 1e-4).all()
    assert table[["shift", "spread"]].isna().all(axis=None)
    assert len(draw(study, "steadiness").axes) == 1


def test_what_batch_norm_remembers_is_held_against_the_data(digits, tmp_path):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, 10)).eval()
    study = build_study(network, digits, tmp_path / "study", maps=MAPS)
    features = np.array(study.features("1"))
    row = study.steadiness.set_index("layer").loc["1"]
    assert np.isclose(row["shift"], np.median(np.abs(features.mean(axis=0))), rtol=1e-3)
    assert np.isclose(row["spread"], np.median(features.std(axis=0)), rtol=1e-3)


def test_chance_draws_no_numbers_of_the_users(digits, tmp_path):
    class Careless(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x.flatten(1), training=True)

    network = nn.Sequential(Careless(), nn.Linear(64, 10))
    few = digits.select(np.arange(20))
    study = build_study(network, few, tmp_path / "study", maps=MAPS)
    changed = study.steadiness.set_index("layer")["change"]
    assert changed["0"] > 0.1
    assert isinstance(study.steadiness, pd.DataFrame)


def test_what_is_in_train_mode_is_named():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout())
    assert left_training(network) == ("1", "2")
    assert left_training(network.eval()) == ()
