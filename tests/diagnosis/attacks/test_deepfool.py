"""DeepFool against closed forms on linear networks, the paper's loop, and foolbox."""

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.diagnosis.attacks import deepfool
from cutaway.errors import InputError
from tests.diagnosis.attacks.conftest import UNIT, WIDE, curved, linear


def test_on_a_linear_network_it_finds_the_nearest_boundary():
    model = linear(4, 36)
    images = torch.rand(20, 1, 6, 6, generator=torch.Generator().manual_seed(2)) - 0.5
    found = deepfool(model, images, WIDE)
    weights, scores = model[1].weight.detach(), model(images).detach()
    for score, distance in zip(scores, found.distances.tolist(), strict=True):
        first = int(score.argmax())
        others = [
            float((score[first] - score[other]) / (weights[first] - weights[other]).norm())
            for other in range(4)
            if other != first
        ]
        assert distance == pytest.approx(min(others), rel=2e-3)


def boundary_by_the_paper(model, image):
    """Moosavi-Dezfooli et al., algorithm 2, one sample at a time, then a search along the line."""
    first = int(model(image[None]).argmax())
    change, current = torch.zeros_like(image), image.clone()
    for _ in range(50):
        scores = model(current[None])[0]
        if int(scores.argmax()) != first:
            break
        steps = []
        for other in range(len(scores)):
            if other != first:
                place = current.clone().requires_grad_()
                apart = model(place[None])[0]
                (normal,) = torch.autograd.grad(apart[other] - apart[first], place)
                lead = (scores[first] - scores[other]).abs().detach() + 1e-4
                steps.append((float(lead / normal.norm()), lead / normal.norm() ** 2 * normal))
        change = change + min(steps, key=lambda step: step[0])[1]
        current = (image + 1.02 * change).clamp(0, 1)
    shares = np.linspace(0, 1, 4001)
    places = image + torch.tensor(shares, dtype=torch.float32).view(-1, 1, 1, 1) * (current - image)
    over = (model(places).argmax(dim=1) != first).numpy()
    last_inside = np.flatnonzero(~over)[-1]
    return shares[min(last_inside + 1, 4000)] * float((current - image).norm())


def test_it_equals_its_naive_twin(images):
    model = curved().eval()
    found = deepfool(model, images, UNIT)
    expected = [boundary_by_the_paper(model, image) for image in images]
    np.testing.assert_allclose(found.distances, expected, rtol=2e-3)


def test_predictions_have_just_turned_where_it_ends(images):
    model = curved().eval()
    before = model(images).argmax(dim=1)
    found = deepfool(model, images, UNIT)
    assert (model(found.inputs).argmax(dim=1) != before).all()
    torch.testing.assert_close((found.inputs - images).flatten(1).norm(dim=1), found.distances)
    almost = images + 0.99 * (found.inputs - images)
    assert (model(almost).argmax(dim=1) == before).float().mean() > 0.9
    assert found.inputs.min() >= 0
    assert found.inputs.max() <= 1


def test_it_goes_about_as_far_as_foolbox(images, foolbox):
    model = curved().eval()
    labels = model(images).argmax(dim=1)
    theirs = foolbox.attacks.L2DeepFoolAttack(steps=50)(
        foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu"), images, labels, epsilons=None
    )[0]
    reached = (theirs - images).flatten(1).norm(dim=1).detach().numpy()
    ours = deepfool(model, images, UNIT).distances.numpy()
    # Theirs ends some way beyond the boundary, ours on it.
    assert (ours <= reached * 1.001).all()
    assert (ours > 0.9 * reached).all()


def test_where_no_boundary_is_found_nothing_is_claimed():
    model = linear(2, 36)
    nn.init.zeros_(model[1].weight)
    images = torch.rand(3, 1, 6, 6)
    found = deepfool(model, images, UNIT)
    assert found.distances.isnan().all()
    torch.testing.assert_close(found.inputs, images, rtol=0, atol=0)


def test_of_many_classes_the_likeliest_are_considered():
    model = linear(30, 36)
    images = torch.rand(8, 1, 6, 6, generator=torch.Generator().manual_seed(0)) - 0.5
    few, all_of_them = (deepfool(model, images, WIDE, classes=n).distances for n in (2, 30))
    assert (few >= all_of_them - 1e-5).all()
    assert (few > all_of_them + 1e-3).any()


def test_the_network_is_left_as_it_was(images):
    model = curved().train()
    with torch.no_grad():
        deepfool(model, images, UNIT)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(module.training for module in model.modules())


def test_bad_input_is_named(images):
    with pytest.raises(InputError, match="steps=0, classes=10; expected 1 or more"):
        deepfool(curved(), images, UNIT, steps=0)
    with pytest.raises(InputError, match="classes=1; expected 1 or more, and 2 or more"):
        deepfool(curved(), images, UNIT, classes=1)
