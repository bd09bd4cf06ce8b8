"""Gradients of a build: table, column, and networks that none goes through."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from cutaway.study.activations import collect_activations
from cutaway.study.gradients import gradient_table, measure_gradients
from cutaway.study.plan import make_plan


def test_a_build_measures_gradients(study):
    table = pd.read_parquet(study.folder / "gradients.parquet")
    assert list(table) == ["layer", "norm", "parameter_norm", "share_of_update"]
    assert table["layer"].tolist() == ["0", "1", "2", "3", "4", "5", "6"]
    assert table["share_of_update"].sum() == pytest.approx(1)
    assert table.loc[table["parameter_norm"].isna(), "share_of_update"].eq(0).all()
    column = study.layers.set_index("layer")["gradient_norm"]
    assert np.isnan(column["pixels"])
    assert column.drop("pixels").tolist() == table["norm"].tolist()


def test_no_gradient_at_all_gives_an_empty_table():
    assert len(gradient_table({})) == 0


class NoWayBack(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 10)

    def forward(self, images):
        return _Forward.apply(self.head(images.flatten(1)))


class _Forward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, values):
        return values.clone()

    @staticmethod
    def backward(ctx, gradient):
        raise RuntimeError("no way back")


def test_a_network_without_a_way_back_is_studied_without_gradients(digits, tmp_path, capsys):
    plan = make_plan(NoWayBack(), digits, None, None, None, None, None, 0, "cpu")
    collect_activations(plan, tmp_path)
    measure_gradients(plan, tmp_path)
    assert not (tmp_path / "gradients.parquet").exists()
    assert "no way back" in capsys.readouterr().err
