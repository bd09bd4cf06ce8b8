"""The report of a network with many layers and more outputs than the data has names."""

import html
import re

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import load_data
from cutaway.study import build_study
from cutaway.views.gallery import draw

BLOCKS, OUTPUTS = 24, 60


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    torch.manual_seed(0)
    blocks = [
        layer for _ in range(BLOCKS) for layer in (nn.Conv2d(2, 2, 3, padding=1), nn.LeakyReLU())
    ]
    network = nn.Sequential(nn.Conv2d(1, 2, 1), *blocks, nn.Flatten(), nn.Linear(128, OUTPUTS))
    folder = tmp_path_factory.mktemp("large")
    digits = load_data("digits").select(np.arange(40))
    return build_study(network, digits, folder / "study", maps={"pca": "*"})


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    made.report(path)
    return path.read_text(encoding="utf-8")


def test_later_layers_are_folded_away_and_none_is_lost(page):
    folds = re.findall(r"<summary>([^<]+)</summary>", page)
    assert f"Filters of {BLOCKS + 1 - 12} more layers" in folds
    assert f"Feature maps of {BLOCKS + 1 - 12} more layers" in folds
    assert f"What single units of {2 * BLOCKS + 3} layers do" in folds
    for number in range(0, 2 * BLOCKS, 2):
        name = "0" if not number else str(number - 1)
        assert f'id="figure-filters-{name}"' in page
    filters = page[page.index('id="filters"') : page.index('id="feature-maps"')]
    assert filters.index("<details") > filters.index("figure-filters-21")


def test_the_gravest_findings_stand_at_the_head_and_lead_to_their_words(made, page):
    head = page[: page.index("</header>")]
    grave = [finding for finding in made.findings if finding.severity != "note"]
    assert re.findall(r'href="#finding-(\d+)">([^<]+)</a>', html.unescape(head)) == [
        (str(number), finding.title) for number, finding in enumerate(grave[:3])
    ]
    assert 'id="finding-0" data-finding="0"' in page
    assert (f"and {len(grave) - 3} more" in head) is (len(grave) > 3)


def test_classes_without_a_name_go_by_their_number(made):
    assert (made.samples["predicted"] >= 10).any()
    for name in ("beside_means", "activations", "confusion", "class_balance", "calibration"):
        assert draw(made, name).axes


def test_a_small_network_is_shown_whole(tmp_path):
    digits = load_data("digits").select(np.arange(40))
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 10))
    build_study(network, digits, tmp_path / "study", maps={"pca": "*"}).report(tmp_path / "r.html")
    assert "more layers" not in (tmp_path / "r.html").read_text(encoding="utf-8")
