"""A small Study of digits with its network, built once for every door of the explorer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from cutaway.data import Images, load_data
from cutaway.study import Study, build_study
from cutaway.views.explorer import Resources
from tests.study.conftest import small_network


@dataclass(frozen=True)
class Explored:
    study: Study
    model: nn.Module
    images: Images
    folder: Path


@pytest.fixture(scope="session")
def explored(tmp_path_factory) -> Explored:
    folder = tmp_path_factory.mktemp("explored")
    model, images = small_network(), load_data("digits").select(np.arange(120))
    maps = {"pca": "*", "tsne": "pixels", "umap": "4"}
    study = build_study(model, images, folder / "digits.study", maps=maps)
    return Explored(study, model, images, folder)


@pytest.fixture(scope="session")
def resources(explored) -> Resources:
    return Resources(explored.study)
