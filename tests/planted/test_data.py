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
