"""The smallest allowed change at which an attack succeeds."""

import numpy as np
import pytest
import torch

from cutaway.diagnosis.attacks import LADDERS, climb, fgsm, pgd
from cutaway.errors import InputError
from tests.diagnosis.attacks.conftest import UNIT, WIDE, curved, linear

RUNGS = (0.01, 0.05, 0.1, 0.4)


def smallest_by_loops(model, image, attack):
    label = model(image[None]).argmax(dim=1)
    for rung in RUNGS:
        if attack == "fgsm":
            changed = fgsm(model, image[None], rung, UNIT)
        elif attack == "pgd-linf":
            changed = pgd(model, image[None], rung, UNIT)
        else:
            changed = pgd(model, image[None], rung * 6, UNIT, norm="l2")
        if (model(changed).argmax(dim=1) != label).item():
            return rung
    return np.nan


def test_fgsm_climbs_like_its_naive_twin(images):
    model = curved().eval()
    expected = [smallest_by_loops(model, image, "fgsm") for image in images]
    np.testing.assert_array_equal(climb(model, images, UNIT, "fgsm", RUNGS).epsilons, expected)


@pytest.mark.parametrize("attack", LADDERS)
def test_what_is_reached_lies_beyond_the_boundary(images, attack):
    model = curved().eval()
    found = climb(model, images, UNIT, attack, RUNGS)
    over = (model(found.inputs).argmax(dim=1) != model(images).argmax(dim=1)).numpy()
    np.testing.assert_array_equal(over, np.isfinite(found.epsilons))
    assert set(found.epsilons[over].tolist()) <= set(RUNGS)
    assert len(set(found.epsilons[over].tolist())) > 1


def test_rungs_of_a_linear_network_follow_from_its_boundary():
    model = linear(2, 36)
    images = torch.rand(20, 1, 6, 6, generator=torch.Generator().manual_seed(2)) - 0.5
    normal = model[1].weight[0] - model[1].weight[1]
    lead = (model(images)[:, 0] - model(images)[:, 1]).abs()
    distance = (lead / normal.abs().sum() / 200).detach().numpy()
    rungs = tuple(np.quantile(distance, [0.2, 0.5, 0.8]).tolist())
    expected = [next((rung for rung in rungs if rung > far), np.nan) for far in distance]
    for attack in ("fgsm", "pgd-linf"):
        np.testing.assert_array_equal(climb(model, images, WIDE, attack, rungs).epsilons, expected)


def test_an_unknown_attack_is_refused(images):
    with pytest.raises(InputError, match="attack='cw' is not known; expected one of"):
        climb(curved(), images, UNIT, "cw")
