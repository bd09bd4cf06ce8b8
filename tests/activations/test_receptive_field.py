"""Receptive fields: the arithmetic of Araujo et al., gradients as a second opinion."""

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.activations.receptive_field import receptive_fields


def arithmetic(layers, side):
    """Spans by kernel, stride, padding and dilation, layer after layer, clipped to the image."""
    spans, reached = [(at, at + 1) for at in range(side)], {}
    for number, layer in enumerate(layers):
        kernel, stride, padding, dilation = (
            getattr(layer, name)
            if isinstance(getattr(layer, name), int)
            else getattr(layer, name)[0]
            for name in ("kernel_size", "stride", "padding", "dilation")
        )
        positions = (len(spans) + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        seen = []
        for position in range(positions):
            taken = [position * stride - padding + dilation * tap for tap in range(kernel)]
            inside = [spans[at] for at in taken if 0 <= at < len(spans)]
            seen.append((min(low for low, _ in inside), max(high for _, high in inside)))
        spans = seen
        reached[str(number)] = seen
    return reached


LAYERS = [
    nn.Conv2d(1, 3, 3, padding=1),
    nn.MaxPool2d(2),
    nn.Conv2d(3, 4, 3, stride=2, padding=1),
    nn.Conv2d(4, 2, 3, dilation=2, padding=2),
]


def test_fields_are_those_of_the_arithmetic():
    torch.manual_seed(0)
    found = receptive_fields(nn.Sequential(*LAYERS), (1, 24, 20))
    for axis, side in (("rows", 24), ("columns", 20)):
        for address, spans in arithmetic(LAYERS, side).items():
            assert getattr(found[address], axis).tolist() == [list(span) for span in spans]


def test_gradients_of_a_position_stay_within_its_field_and_fill_it():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.AvgPool2d(2), nn.Conv2d(3, 2, 3)).eval()
    field = receptive_fields(model, (1, 12, 12))["2"]
    for position in (0, 4, 8):
        image = torch.randn(1, 1, 12, 12, requires_grad=True)
        model(image).flatten(2)[0, :, position].sum().backward()
        touched = image.grad[0, 0].numpy() != 0
        rows, columns = np.flatnonzero(touched.any(1)), np.flatnonzero(touched.any(0))
        assert field.box(position) == (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)


def test_paths_of_different_length_and_resting_units_are_seen():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.short = nn.Conv2d(1, 2, 1)
            self.long = nn.Sequential(nn.Conv2d(1, 2, 5, padding=2), nn.ReLU())
            self.sum = nn.Identity()

        def forward(self, images):
            return self.sum(self.short(images) + self.long(images))

    model = Branches()
    with torch.no_grad():
        model.long[0].weight.zero_()
        model.long[0].bias.fill_(-1)
    found = receptive_fields(model, (1, 9, 9))
    assert (found["short"].side, found["sum"].side) == (1, 5)
    assert found["sum"].box(40) == (2, 2, 7, 7)
    assert found["sum"].box(0) == (0, 0, 3, 3)


def test_vectors_and_global_pooling_see_everything():
    model = nn.Sequential(
        nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 4)
    )
    found = receptive_fields(model, (3, 10, 12))
    assert [found[name].box(0) for name in ("1", "2", "3")] == [(0, 0, 10, 12)] * 3
    assert found["3"].side == 12


def test_large_images_are_probed_in_bands():
    model = nn.Sequential(nn.Conv2d(1, 1, 3, stride=4))
    found = receptive_fields(model, (1, 256, 8))["0"]
    exact = np.array([[4 * at, 4 * at + 3] for at in range(64)])[: len(found.rows)]
    assert (found.rows[:, 0] <= exact[:, 0]).all()
    assert (found.rows[:, 1] >= exact[:, 1]).all()
    assert np.abs(found.rows - exact).max() < 4


def test_the_network_is_as_it_was_and_odd_ones_are_left_out():
    class Mends(nn.Module):
        def __init__(self):
            super().__init__()
            self.mend = nn.Identity()
            self.after = nn.Identity()

        def forward(self, images):
            return self.after(self.mend(images).nan_to_num())

    assert list(receptive_fields(Mends(), (1, 4, 4))) == ["mend"]

    class Refuses(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Identity()

        def forward(self, images):
            if images.isnan().any():
                raise ValueError("no NaN, please")
            return self.inner(images)

    assert receptive_fields(Refuses(), (1, 4, 4)) == {}
    model = nn.Sequential(nn.BatchNorm2d(1)).train()
    receptive_fields(model, (1, 4, 4))
    assert model.training
    assert model[0].num_batches_tracked == 0


@pytest.mark.parametrize("pool", [nn.MaxPool2d(2), nn.AvgPool2d(2)])
def test_pooling_is_not_told_by_its_winner_alone(pool):
    assert receptive_fields(nn.Sequential(pool), (1, 6, 6))["0"].box(4) == (2, 2, 4, 4)
