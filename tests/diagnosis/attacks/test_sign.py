"""FGSM and PGD against closed forms, naive twins and foolbox; the network is left as it was."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cutaway.diagnosis.attacks import PixelRange, fgsm, pgd
from cutaway.errors import InputError
from tests.diagnosis.attacks.conftest import UNIT, WIDE, curved, linear


def fgsm_by_differences(model, image, epsilon, label):
    """One sample, its gradient from finite differences of the loss in double precision."""
    exact = copy.deepcopy(model).double().eval()

    def loss(flat):
        with torch.no_grad():
            scores = exact(torch.tensor(flat).reshape(image.shape)[None])
        return float(functional.cross_entropy(scores, label[None]))

    flat = image.double().numpy().ravel()
    changed = flat.copy()
    for place in range(flat.size):
        up, down = flat.copy(), flat.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (loss(up) - loss(down)) / 2e-5
        changed[place] += epsilon * (0 if abs(slope) < 1e-9 else math.copysign(1, slope))
    return np.clip(changed, 0, 1).reshape(image.shape)


def test_fgsm_equals_its_naive_twin(images):
    model = curved()
    labels = model.eval()(images).argmax(dim=1)
    changed = fgsm(model, images[:3], 0.1, UNIT)
    for image, label, found in zip(images, labels, changed, strict=False):
        expected = fgsm_by_differences(model, image, 0.1, label)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_fgsm_equals_that_of_foolbox(images, foolbox):
    model = curved().eval()
    labels = model(images).argmax(dim=1)
    theirs = foolbox.attacks.LinfFastGradientAttack(random_start=False).run(
        foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu"), images, labels, epsilon=0.1
    )
    torch.testing.assert_close(fgsm(model, images, 0.1, UNIT), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.02), ("l2", 0.05)])
def test_pgd_equals_that_of_foolbox_from_the_same_start(
    images, foolbox, norm, epsilon, monkeypatch
):
    model = curved().eval()
    labels = model(images).argmax(dim=1)
    monkeypatch.setattr(
        "cutaway.diagnosis.attacks.sign._start", lambda inputs, *_: torch.zeros_like(inputs)
    )
    attack = {"linf": foolbox.attacks.LinfPGD, "l2": foolbox.attacks.L2PGD}[norm]
    theirs = attack(rel_stepsize=2.5 / 4, steps=4, random_start=False).run(
        foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu"), images, labels, epsilon=epsilon
    )
    ours = pgd(model, images, epsilon, UNIT, norm=norm, steps=4)
    # Ours gives the last step beyond the boundary, theirs the very last.
    stayed = model(ours).argmax(dim=1) == labels
    assert stayed.sum() > 5
    torch.testing.assert_close(ours[stayed], theirs[stayed], rtol=0, atol=1e-6)


def pgd_by_loops(model, start, label, epsilon, steps, norm):
    """One sample from the very middle of the ball; Madry's rule written out."""
    current = start.clone()
    for _ in range(steps):
        image = current.clone().requires_grad_()
        functional.cross_entropy(model(image[None]), label[None]).backward()
        slope = image.grad
        unit = slope.sign() if norm == "linf" else slope / slope.norm()
        change = current + 2.5 * epsilon / steps * unit - start
        if norm == "linf":
            change = change.clamp(-epsilon, epsilon)
        elif change.norm() > epsilon:
            change = change * epsilon / change.norm()
        current = (start + change).clamp(0, 1)
    return current


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_pgd_equals_its_naive_twin(images, norm, monkeypatch):
    model = curved().eval()
    labels = model(images).argmax(dim=1)
    epsilon = 0.02 if norm == "linf" else 0.05
    monkeypatch.setattr(
        "cutaway.diagnosis.attacks.sign._start", lambda inputs, *_: torch.zeros_like(inputs)
    )
    changed = pgd(model, images, epsilon, UNIT, norm=norm, steps=4)
    stayed = model(changed).argmax(dim=1) == labels
    assert stayed.sum() > 5
    for number in torch.nonzero(stayed).ravel().tolist():
        twin = pgd_by_loops(model, images[number], labels[number], epsilon, 4, norm)
        torch.testing.assert_close(changed[number], twin, rtol=0, atol=1e-6)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_linear_network_of_two_classes_is_turned_exactly_when_the_ball_reaches_the_boundary(norm):
    model = linear(2, 36)
    images = torch.rand(20, 1, 6, 6, generator=torch.Generator().manual_seed(2)) - 0.5
    normal = model[1].weight[0] - model[1].weight[1]
    lead = (model(images)[:, 0] - model(images)[:, 1]).abs().detach()
    dual = normal.abs().sum() if norm == "linf" else normal.norm()
    distance = (lead / dual).detach()
    share = 1 if norm == "l2" else 1 / 200  # epsilon of L∞ is a share of a range 200 wide
    # Steps of L2 carry a random start most of the way to the boundary's normal, not all of it.
    enough = 1.02 if norm == "linf" else 1.3
    for factor, turned in ((0.98, False), (enough, True)):
        for number, image in enumerate(images):
            epsilon = factor * share * float(distance[number])
            changed = pgd(model, image[None], epsilon, WIDE, norm=norm, steps=20)
            over = model(changed).argmax() != model(image[None]).argmax()
            assert bool(over) is turned
            if norm == "linf":
                step = fgsm(model, image[None], epsilon, WIDE)
                assert bool(model(step).argmax() != model(image[None]).argmax()) is turned


@settings(max_examples=25)
@given(
    st.floats(0, 0.5), st.sampled_from(["linf", "l2"]), st.integers(1, 5), st.integers(0, 2**31 - 1)
)
def test_a_change_stays_in_its_ball_and_in_the_range_of_pixels(epsilon, norm, steps, seed):
    images = torch.rand(4, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
    model = curved()
    changed = [pgd(model, images, epsilon, UNIT, norm=norm, steps=steps, seed=seed)]
    if norm == "linf":
        changed.append(fgsm(model, images, epsilon, UNIT))
    for each in changed:
        apart = (each - images).flatten(1)
        size = apart.abs().amax(dim=1) if norm == "linf" else apart.norm(dim=1)
        assert (size <= epsilon + 1e-5).all()
        assert each.min() >= 0
        assert each.max() <= 1


def test_epsilon_is_a_share_of_each_channels_own_range():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    pixels = PixelRange((-1.0, -2.0, 0.0), (1.0, 2.0, 8.0))
    images = torch.tensor([0.0, 0.0, 4.0]).view(1, 3, 1, 1).expand(2, 3, 2, 2)
    apart = (fgsm(model, images, 0.1, pixels) - images).abs().amax(dim=(0, 2, 3))
    torch.testing.assert_close(apart, torch.tensor([0.2, 0.4, 0.8]))


def test_the_network_is_left_as_it_was(images):
    model = curved().train()
    model[0].weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    generator = torch.get_rng_state()
    with torch.no_grad():
        fgsm(model, images, 0.1, UNIT)
        pgd(model, images, 0.1, UNIT)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert [p.requires_grad for p in model.parameters()] == [False, *[True] * 5]
    assert all(module.training for module in model.modules())
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    torch.testing.assert_close(torch.get_rng_state(), generator, rtol=0, atol=0)


def test_a_seed_gives_equal_changes(images):
    first, again, other = (pgd(curved(), images, 0.1, UNIT, seed=seed) for seed in (3, 3, 4))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, other)


def test_a_network_that_ends_in_a_softmax_is_attacked_by_its_logarithm(images):
    plain, sure = curved(), nn.Sequential(curved(), nn.Softmax(dim=1))
    torch.testing.assert_close(
        fgsm(sure, images, 0.1, UNIT), fgsm(plain, images, 0.1, UNIT), rtol=0, atol=1e-6
    )


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = linear(2, 36)

    def forward(self, images):
        return self.inner(images.detach())


def test_bad_input_is_named(images):
    with pytest.raises(InputError, match="epsilon=-0.1; expected 0 or more"):
        fgsm(linear(2, 36), images, -0.1, UNIT)
    with pytest.raises(InputError, match='norm=.linf., steps=0; expected "linf" or "l2"'):
        pgd(linear(2, 36), images, 0.1, UNIT, steps=0)
    with pytest.raises(InputError, match="no gradient of the network's output reaches its input"):
        fgsm(Detached(), images, 0.1, UNIT)
    with pytest.raises(InputError, match=r"Conv2d returns \(12, 2, 6, 6\); expected .*classifier"):
        fgsm(nn.Conv2d(1, 2, 1), images, 0.1, UNIT)
