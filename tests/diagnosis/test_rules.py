"""Each rule finds what was planted, and a healthy Study raises no alarm."""

import numpy as np
import pandas as pd
import pytest

from cutaway.diagnosis import Evidence, find

CLASSES = ("ant", "bee", "cat")


def samples(errors=0, *, split="test", count=300, confidence=0.6):
    label = np.arange(count) % 3
    predicted = label.copy()
    predicted[:errors] = (label[:errors] + 1) % 3
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "split": split,
            "label": label,
            "predicted": predicted,
            "confidence": confidence,
        }
    )


def layers(dead=0.0):
    return pd.DataFrame(
        {
            "layer": ["pixels", "conv", "relu"],
            "type": ["Input", "Conv2d", "ReLU"],
            "dead": [0.0, 0.0, dead],
            "knn_accuracy": [0.4, 0.5, 0.9],
            "probe_accuracy": [0.3, 0.5, 0.9],
        }
    )


def units(dead=0):
    return pd.DataFrame(
        {"layer": "relu", "unit": range(10), "dead": [number < dead for number in range(10)]}
    )


def classes(counts):
    return [{"name": name, "samples": samples} for name, samples in counts.items()]


def evidence(**changes):
    healthy = {
        "summary": {"classes": classes({"ant": 100, "bee": 100, "cat": 100})},
        "samples": samples(3),
        "layers": layers(),
        "units": units(),
        "class_names": CLASSES,
        "data_split": "test",
    }
    return Evidence(**{**healthy, **changes})


def kinds(found, *severities):
    return [finding.kind for finding in found if finding.severity in severities]


def test_a_healthy_study_raises_no_alarm():
    assert kinds(find(evidence()), "problem", "warning") == []


def test_the_step_where_classes_come_apart_is_named():
    separation = next(f for f in find(evidence()) if f.kind == "separation")
    assert separation.layer == "relu"
    assert "40.0%" in separation.text
    assert "+40.0%" in separation.text


PLANTED = {
    "accuracy": {"samples": samples(200)},
    "dead units": {"layers": layers(0.4), "units": units(4)},
    "input transform": {"transform_origin": "inferred"},
    "not a number": {"broken_layers": ("conv", "relu")},
    "overfitting": {
        "samples": pd.concat([samples(60), samples(0, split="train")], ignore_index=True)
    },
    "weak class": {"samples": samples(0).assign(predicted=lambda s: s["label"].replace(2, 0))},
    "confident errors": {"samples": samples(3, confidence=0.99)},
    "imbalance": {"summary": {"classes": classes({"ant": 100, "bee": 10})}},
    "missing class": {"summary": {"classes": classes({"ant": 100, "bee": 100, "cat": 0})}},
    "leakage": {"shared_samples": (4, 5)},
    "random weights": {"untrained": True},
    "near leakage": {"nearly_shared_samples": tuple(range(9))},
    "label conflict": {"summary": {"label_conflicts": [["a", "b"], ["c", "d"]]}},
    "unreadable": {"summary": {"skipped": [{"source": "a.png", "reason": "truncated"}]}},
}


@pytest.mark.parametrize("kind", PLANTED)
def test_what_was_planted_is_found(kind):
    found = find(evidence(**PLANTED[kind]))
    assert kind in kinds(found, "problem", "warning")


def test_problems_come_first():
    found = find(evidence(shared_samples=(1,), transform_origin="inferred"))
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=["problem", "warning", "note"].index)


def test_without_labels_nothing_is_said_of_accuracy():
    bare = samples().drop(columns=["label"])
    found = find(evidence(samples=bare, summary={}, layers=layers()[["layer", "type", "dead"]]))
    assert found == []


def test_findings_are_plain_json():
    first = find(evidence(shared_samples=(1, 2)))[0].to_dict()
    assert first["samples"] == [1, 2]
    assert set(first) >= {"kind", "title", "text", "figure", "layer"}
