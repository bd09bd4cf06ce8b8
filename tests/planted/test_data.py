"""Faults planted in data: each is found with its samples or its class; a healthy twin is not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cutaway.data import InputTransform
from cutaway.study import open_study
from tests.planted.conftest import (
    FACTS,
    REFERENCE,
    alarms,
    coloured,
    of_kind,
    small_network,
    train,
    transform_of,
)


def only(findings, kind):
    (finding,) = of_kind(findings, kind)
    return finding


def swapped(images, share=0.05):
    """Some labels are another class's; returns the images and which."""
    draw = np.random.default_rng(5)
    rows = draw.choice(len(images), round(share * len(images)), replace=False)
    labels = np.array(images.labels)
    labels[rows] = (labels[rows] + draw.integers(1, 10, size=len(rows))) % 10
    return replace(images, labels=labels), set(rows.tolist())


def test_swapped_labels(found, network, new, tmp_path):
    data, rows = swapped(new)
    finding = only(found(network, data), "label errors")
    assert finding.severity == "warning"
    assert set(finding.samples) <= rows
    table = open_study(tmp_path / "planted.study").studied
    suspected = set(table.loc[table["suspected_label"] >= 0, "id"])
    assert len(rows & suspected) >= 0.9 * len(rows)


def test_training_images_in_the_test_set(found, network, new, learned):
    count = 12
    copies = replace(learned, split=new.split).select(range(count))
    leaked = new.select(range(len(new) - count)).join(copies)
    leaked = replace(leaked, sources=tuple(f"new/{i}" for i in range(len(leaked))))
    finding = only(found(network, leaked), "leakage")
    assert finding.severity == "problem"
    assert finding.title.startswith("12 samples")
    assert set(finding.samples) <= set(range(len(new) - count, len(new)))


def test_a_class_without_a_sample(found, network, new):
    findings = found(network, new.select(new.labels != 3))
    finding = only(findings, "missing class")
    assert finding.title == "3 has no sample"
    assert finding.severity == "warning"
    assert alarms(findings) == ["missing class"]


def test_a_class_that_the_reference_lacks(found, network, learned):
    part = learned.select(learned.labels != 3).select(range(REFERENCE))
    findings = found(network, reference=part)
    finding = only(findings, "missing class")
    assert finding.title == "3 is not in the reference"
    assert finding.severity == "problem"
    assert alarms(findings) == ["missing class"]


NORMALIZATIONS = {
    "none": InputTransform(size=8, mean=(0.0,), std=(1.0,), channels=1),
    "for values up to 255": InputTransform(size=8, mean=(76.0,), std=(95.0,), channels=1),
}


@pytest.mark.parametrize(("name", "layer"), [("none", "bn1"), ("for values up to 255", "")])
def test_a_wrong_normalization(found, network, name, layer):
    finding = only(found(network, given=NORMALIZATIONS[name]), "wrong normalization")
    assert (finding.layer, finding.severity) == (layer, "problem")


def test_images_of_another_range(found, network, new, learned):
    data, reference = (
        replace(each, pixels=np.float32(each.pixels))
        for each in (new, learned.select(range(REFERENCE)))
    )
    finding = only(found(network, data, reference), "wrong normalization")
    assert finding.title == "Images are of another range than the network expects"


def test_a_normalization_other_than_the_network_states(found, network):
    network.pretrained_cfg = {"input_size": (1, 8, 8), "mean": (0.5,), "std": (0.5,)}
    # BatchNorm bears the given one out: the configuration is that of other weights.
    assert of_kind(found(network), "wrong normalization") == []


@pytest.fixture(scope="module")
def colours(learned):
    """A network of colour images, and what it was trained with."""
    images = coloured(learned)
    transform = transform_of(images)
    torch.manual_seed(0)
    return train(small_network(channels=3), images, transform, epochs=6), images, transform


def without_green(images):
    pixels = np.array(images.pixels)
    pixels[..., 1] = 40
    return replace(images, pixels=pixels)


def test_a_constant_channel(found, colours, new):
    network, images, transform = colours
    reference = images.select(range(REFERENCE))
    data = coloured(new)
    healthy = found(network, data, reference, transform)
    assert of_kind(healthy, "constant channel") == []
    findings = found(network, without_green(data), without_green(reference), transform)
    finding = only(findings, "constant channel")
    assert finding.title == "The green channel does not change"


def test_healthy_data_states_only_facts(found, network, new):
    findings = found(network, new)
    assert {finding.kind for finding in findings} <= FACTS


def negative(images):
    return replace(images, pixels=255 - images.pixels)


def transposed(images):
    return replace(images, pixels=images.pixels.swapaxes(1, 2).copy())


def upside_down(images):
    return replace(images, pixels=images.pixels[:, ::-1].copy())


@pytest.mark.parametrize(
    ("fault", "reading"),
    [
        (negative, "light and dark exchanged"),
        (transposed, "rows and columns exchanged"),
        (upside_down, "top and bottom exchanged"),
    ],
)
def test_images_that_are_read_otherwise_than_in_the_training(found, network, new, fault, reading):
    finding = only(found(network, fault(new)), "misread images")
    assert finding.severity == "problem"
    assert reading in finding.title


def marked(images):
    """Colours of one corner that depend on the class, in images of which nothing else does."""
    pixels = np.roll(coloured(images).pixels, 1, axis=0)
    bits = (np.array(images.labels)[:, None] >> np.arange(4)) % 2 * 255
    pixels[:, 0, 7], pixels[:, 0, 6] = bits[:, :3], bits[:, 3:]
    return replace(images, pixels=pixels)


def test_a_corner_that_gives_the_class_away(found, new, learned):
    torch.manual_seed(0)
    plain = coloured(learned)
    given = transform_of(plain)
    leaning = train(small_network(channels=3), marked(learned), given, epochs=5)
    finding = only(
        found(leaning, marked(new), marked(learned).select(range(REFERENCE)), given), "shortcut"
    )
    assert finding.severity == "problem"
    assert "row 0, column 7" in finding.text
    found_in_training = only(
        found(leaning, coloured(new), marked(learned).select(range(REFERENCE)), given), "shortcut"
    )
    assert "The test split has no such spot." in found_in_training.text


def test_red_and_blue_exchanged_and_its_healthy_twin(found, new, learned):
    """Classes 0 to 4 are reddish and the others bluish, so that colour counts."""

    def tinted(images):
        red = (np.array(images.labels) < 5)[:, None, None, None]
        tints = np.where(red, [1.0, 0.5, 0.2], [0.2, 0.5, 1.0])
        return replace(
            images, pixels=(np.repeat(images.pixels, 3, axis=3) * tints).astype(np.uint8)
        )

    torch.manual_seed(0)
    own = tinted(learned)
    network = train(small_network(channels=3), own, transform_of(own), epochs=6)
    data = tinted(new)
    reference = own.select(range(REFERENCE))
    swapped_channels = replace(data, pixels=data.pixels[..., ::-1].copy())
    finding = only(found(network, swapped_channels, reference, transform_of(own)), "misread images")
    assert "red and blue exchanged" in finding.title
    healthy = found(network, data, reference, transform_of(own))
    assert not {"misread images", "shortcut"} & {finding.kind for finding in healthy}


def test_a_reference_of_unequal_classes(found, network, new, learned):
    rare = np.flatnonzero(learned.labels == 8)[2:]
    kept = np.setdiff1d(np.arange(400), rare)
    finding = only(found(network, new, learned.select(kept)), "imbalance")
    assert finding.title.startswith("In the reference")
