"""What the rules say where network and data do not belong together, and where they keep silent."""

import numpy as np
import pandas as pd
import pytest

from cutaway.diagnosis import find
from cutaway.diagnosis.rules.guessing import guesses, renumbered
from tests.diagnosis.test_rules import evidence, layers, samples, units


def only(found, kind):
    (finding,) = [finding for finding in found if finding.kind == kind]
    return finding


def of(label, predicted):
    label, predicted = np.array(label), np.array(predicted)
    return evidence(
        samples=pd.DataFrame(
            {
                "id": np.arange(len(label)), "split": "test", "label": label,
                "predicted": predicted, "confidence": 0.6,
            }
        )
    )  # fmt: skip


LABELS = np.repeat([0, 1, 2], 50)


@pytest.mark.parametrize(
    ("label", "predicted", "expected"),
    [
        (LABELS, LABELS, False),
        (LABELS, np.zeros(150, int), True),
        (np.repeat([0, 1], 50), np.tile([0, 1], 50), True),  # heads or tails
        (np.repeat([0, 1], [95, 5]), np.zeros(100, int), True),  # the largest class, always
        (np.repeat([0, 1], [95, 5]), np.r_[np.zeros(91), np.ones(9)].astype(int), False),
        (np.repeat(np.arange(100), 10), np.arange(1000) // 10 * (np.arange(1000) % 20 == 0), False),
        (np.zeros(50, int), np.zeros(50, int), False),  # of one class, nothing can be guessed
    ],
)
def test_who_guesses(label, predicted, expected):
    assert guesses(of(label, predicted)) is expected


def test_classes_in_another_order_are_named_and_nothing_else_is_said_of_errors():
    found = find(of(LABELS, np.r_[(LABELS[:145] + 1) % 3, LABELS[145:]]))
    finding = only(found, "class order")
    assert finding.severity == "problem"
    assert "ant is called bee, bee is called cat, cat is called ant" in finding.text
    assert "96.7% would be right and not 3.3%" in finding.text
    unwanted = {"weak class", "confident errors", "confused classes", "label errors"}
    assert unwanted.isdisjoint(finding.kind for finding in found)


@pytest.mark.parametrize(
    "predicted",
    [
        np.where(LABELS == 2, 0, LABELS),  # one class goes by another's name
        np.zeros(150, int),
        np.where(np.arange(150) % 2 == 0, LABELS, (LABELS + 1) % 3),
    ],
)
def test_what_is_only_often_wrong_is_not_taken_for_another_order(predicted):
    assert renumbered(of(LABELS, predicted)) == {}


def test_a_layer_that_the_network_does_not_read_is_named():
    finding = only(find(evidence(samples=samples(150))), "unread layer")
    assert (finding.layer, finding.severity) == ("relu", "warning")
    assert "90.0% against 50.0%" in finding.title
    assert not [f for f in find(evidence(samples=samples(70))) if f.kind == "unread layer"]


def test_one_class_for_all_is_said_where_a_network_guesses():
    finding = only(find(of(LABELS, np.full(150, 1))), "accuracy")
    assert finding.severity == "problem"
    assert "It names bee for 100.0% of them." in finding.text


@pytest.mark.parametrize(
    ("gained", "lost", "told"), [(40, 3, True), (9, 3, False), (20, 18, False)]
)
def test_another_way_to_read_images_must_gain_more_than_chance_would(gained, lost, told):
    table = pd.DataFrame(
        {
            "reading": ["light and dark exchanged", "red and blue exchanged"], "right": [40, 40],
            "gained": [0, gained], "lost": [0, lost], "samples": [64, 128],
        }
    )  # fmt: skip
    found = [f for f in find(evidence(readings=table)) if f.kind == "misread images"]
    assert bool(found) is told
    if told:
        assert "red and blue exchanged: 60.2%, not 31.2%" in found[0].title
        assert "OpenCV" in found[0].advice


@pytest.mark.parametrize(("painted", "severity"), [(0.3, "problem"), (0.88, "warning")])
def test_a_spot_that_gives_the_class_away_says_whether_the_network_goes_by_it(painted, severity):
    spot = {
        "row": 1, "column": 2, "accuracy": 0.9, "typical": 0.3, "right": 0.9, "painted": painted,
    }  # fmt: skip
    finding = only(find(evidence(edge_spots={"train": spot})), "shortcut")
    assert finding.severity == severity
    assert "row 1, column 2 alone names the class of 90.0%" in finding.text
    assert "The test split has no such spot." in finding.text


def test_a_network_that_died_is_one_finding_and_has_no_gradients_to_speak_of():
    table = layers().assign(dead=[0.0, 1.0, 1.0])
    gradients = pd.DataFrame(
        {"layer": ["conv", "relu"], "norm": [0.0, 1.0], "parameter_norm": [0.0, 1.0]}
    )
    found = find(evidence(layers=table, units=units(10), gradients=gradients))
    finding = only(found, "dead units")
    assert (finding.layer, finding.severity) == ("conv", "problem")
    assert finding.title == "conv gives the same output for every sample"
    assert not [f for f in found if f.kind == "vanishing gradients"]


def test_layers_as_drawn_are_told_but_for_those_that_a_file_did_not_give():
    finding = only(find(evidence(as_drawn=("conv", "fc"), unmatched=())), "random weights")
    assert finding.title == "No training changed the weights of conv and 1 layer more"
    found = find(evidence(as_drawn=("fc",), unmatched=("fc.weight (2, 2)",)))
    assert "state" in only(found, "random weights").title


def test_a_reference_of_unequal_classes_is_told():
    train = samples(0, split="train")
    train = train[(train["label"] != 2) | (train["id"] < 6)]
    table = pd.concat([samples(3), train], ignore_index=True)
    finding = only(find(evidence(samples=table)), "imbalance")
    assert (
        finding.title
        == "In the reference the largest class has 50.0 times the samples of the smallest"
    )


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
def test_what_the_network_ends_in_is_a_note(form):
    forms = {"softmax": "probabilities", "sigmoid": "shares"}
    finding = only(find(evidence(output_form=forms[form])), f"{form} at the end")
    assert finding.severity == "note"
