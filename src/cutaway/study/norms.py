"""The BatchNorm layers of a network: whether they fit the data, and in what mode they came."""

from pathlib import Path
from typing import TypeGuard

import numpy as np
import pandas as pd
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from cutaway.diagnosis.norms import norm_fit
from cutaway.study.plan import Plan


def norm_fits(plan: Plan, folder: Path) -> dict[str, tuple[float, float]]:
    """Shift and spread of what comes in at each BatchNorm layer with running statistics.

    See `cutaway.diagnosis.norms.norm_fit`.
    """
    modules = dict(plan.model.named_modules())
    units = pd.read_parquet(folder / "units.parquet", columns=["layer", "mean", "std"])
    fits = {}
    for layer, own in units.groupby("layer", sort=False):
        module = modules.get(str(layer))
        if _remembers(module) and len(own) == module.num_features:
            found = norm_fit(own["mean"].to_numpy(), own["std"].to_numpy(), *_affine(module))
            if found is not None:
                fits[str(layer)] = found
    return fits


def _remembers(module: nn.Module | None) -> TypeGuard[_BatchNorm]:
    return isinstance(module, _BatchNorm) and module.running_mean is not None


def _affine(module: _BatchNorm) -> tuple[np.ndarray, np.ndarray]:
    """Scale and offset of each channel."""
    if not module.affine:
        return np.ones(module.num_features), np.zeros(module.num_features)
    weight, bias = (value.detach().double().cpu().numpy() for value in (module.weight, module.bias))
    return weight, bias


def left_training(model: nn.Module) -> tuple[str, ...]:
    """Names of BatchNorm and dropout layers in train mode.

    Example:
        >>> left_training(nn.Sequential(nn.Linear(2, 2), nn.Dropout()))
        ('1',)
    """
    return tuple(
        name
        for name, module in model.named_modules()
        if module.training and isinstance(module, _BatchNorm | _DropoutNd)
    )
