"""Randomized networks, and how far attributions agree with theirs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from torch import nn

from cutaway.diagnosis.attribution import attribute, randomized, rank_agreement, sanity
from cutaway.errors import InputError


def test_a_randomized_network_has_the_same_entries_elsewhere():
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.Linear(20, 20))
    other = randomized(model, seed=1)
    for (name, before), after in zip(model.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(before.flatten().sort()[0], after.flatten().sort()[0])
        if before.unique().numel() > 2:
            assert not torch.equal(before, after), name
    again = randomized(model, seed=1)
    torch.testing.assert_close(other.state_dict(), again.state_dict(), rtol=0, atol=0)


@given(st.integers(0, 1000))
def test_agreement_is_the_mean_rank_correlation_of_sizes(seed):
    generator = torch.Generator().manual_seed(seed)
    maps, others = torch.randn(2, 3, 4, 5, generator=generator)
    expected = [
        np.corrcoef(*(rankdata(np.abs(each.numpy().ravel())) for each in pair))[0, 1]
        for pair in zip(maps, others, strict=True)
    ]
    assert rank_agreement(maps, others) == pytest.approx(np.mean(expected))
    assert rank_agreement(maps, -3 * maps) == pytest.approx(1)


def test_what_is_the_same_everywhere_agrees_with_nothing():
    ramp = torch.arange(8.0).view(2, 2, 2)
    assert rank_agreement(ramp, torch.ones(2, 2, 2)) == 0
    ramp[1] = torch.nan
    assert rank_agreement(ramp, ramp) == pytest.approx(0.5)


class Fixed(nn.Module):
    """It has weights that count for nothing: what it does no randomizing changes."""

    def __init__(self):
        super().__init__()
        self.spare = nn.Linear(5, 5)

    def forward(self, images):
        return torch.stack([images[:, 0].sum(dim=(1, 2)), -images.square().sum(dim=(1, 2, 3))], 1)


def test_an_attribution_that_does_not_change_is_told_from_one_that_does():
    torch.manual_seed(0)
    images, targets = torch.randn(4, 1, 8, 8), torch.zeros(4, dtype=torch.int64)
    found = {}
    for model in (Fixed(), nn.Sequential(nn.Flatten(), nn.Linear(64, 2))):
        maps = {"occlusion": attribute(model, images, targets, "occlusion")}
        found[type(model).__name__] = sanity(model, images, targets, maps)["occlusion"]
    assert found["Fixed"] == pytest.approx(1)
    assert found["Sequential"] < 0.5


def test_a_network_that_cannot_be_copied_is_named():
    class Uncopied(Fixed):
        def __deepcopy__(self, _memo):
            raise TypeError("no copies")

    with pytest.raises(InputError, match="Uncopied cannot be copied to be randomized"):
        randomized(Uncopied())
