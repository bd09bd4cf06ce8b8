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


def test_what_is_said_of_accuracy_leads_to_the_surest_errors():
    table = samples(20).assign(confidence=np.linspace(0.3, 0.6, 300))
    accuracy = next(f for f in find(evidence(samples=table)) if f.kind == "accuracy")
    assert accuracy.samples == tuple(range(19, 10, -1))
    assert next(f for f in find(evidence(samples=samples())) if f.kind == "accuracy").samples == ()


def test_the_step_where_classes_come_apart_is_named():
    separation = next(f for f in find(evidence()) if f.kind == "separation")
    assert separation.layer == "relu"
    assert "40.0%" in separation.text
    assert "+40.0%" in separation.text


def test_where_classes_are_apart_already_no_layer_is_named():
    table = layers().assign(knn_accuracy=[0.95, 0.96, 0.965])
    separation = next(f for f in find(evidence(layers=table)) if f.kind == "separation")
    assert (separation.title, separation.layer) == ("No single layer sets classes apart", "")


def test_the_ends_of_the_network_are_compared_by_every_measure_that_is_there():
    table = layers().assign(silhouette=[-0.1, 0.0, 0.5], fisher=[0.1, np.nan, 2.0])
    separation = next(f for f in find(evidence(layers=table)) if f.kind == "separation")
    assert "the Fisher ratio is 0.10 by pixels and 2.00 by relu" in separation.text
    assert "the silhouette −0.10 by pixels and 0.50 by relu" in separation.text
    assert "dimension" not in separation.text


@pytest.mark.parametrize(("alike", "kinds_found"), [(0.99, ["idle layer"]), (0.9, [])])
def test_a_layer_that_sees_what_the_one_before_sees_is_named(alike, kinds_found):
    table = layers().assign(type=["Input", "Conv2d", "Conv2d"])
    cka = pd.DataFrame({"layer": ["conv"], "other": ["relu"], "cka": [alike]})
    found = [f for f in find(evidence(layers=table, cka=cka)) if f.kind == "idle layer"]
    assert [f.kind for f in found] == kinds_found
    assert all(f.layer == "relu" and "0.990" in f.text for f in found)


def calibrated(confidence, accuracy, deviation=0.005):
    gap = confidence - accuracy
    return {
        "error": abs(gap), "confidence": confidence, "accuracy": accuracy, "gap": gap,
        "deviation": deviation,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (calibrated(0.95, 0.85), ["overconfidence"]),
        (calibrated(0.7, 0.85), ["underconfidence"]),
        (calibrated(0.87, 0.85), []),
        (calibrated(0.95, 0.85, deviation=0.05), []),  # few samples: it may be chance
    ],
)
def test_a_network_that_is_too_sure_or_not_sure_enough_is_told(found, expected):
    kinds_found = kinds(find(evidence(calibration=found)), "warning")
    assert [kind for kind in kinds_found if kind.endswith("confidence")] == expected


@pytest.mark.parametrize(
    ("doubted", "errors", "severity"),
    [(3, 20, "note"), (20, 20, "warning"), (20, 150, "note")],  # who errs so often doubts at random
)
def test_labels_that_the_network_is_sure_are_others_are_shown_surest_first(
    doubted, errors, severity
):
    table = samples(errors).assign(suspected_label=-1, margin=0.5)
    table.loc[: doubted - 1, "suspected_label"] = table["predicted"]
    table.loc[: doubted - 1, "margin"] = np.linspace(0.91, 0.99, doubted)
    found = next(f for f in find(evidence(samples=table)) if f.kind == "label errors")
    assert found.severity == severity
    assert found.samples[0] == doubted - 1
    assert str(doubted) in found.title


def without(**accuracy):
    rows = [(cue, 0.0, 0.9, 0.0) for cue in ("grey", "blur", "patch shuffle")]
    rows += [("grey", 1.0, accuracy["colour"], 0.3), ("blur", 0.04, accuracy["detail"], 0.3)]
    rows += [("patch shuffle", 4.0, accuracy["shape"], 0.3)]
    return pd.DataFrame(rows, columns=["cue", "strength", "accuracy", "changed"])


@pytest.mark.parametrize(
    ("accuracy", "title"),
    [
        ({"colour": 0.8, "detail": 0.7, "shape": 0.3}, "goes by shape most"),
        ({"colour": 0.2, "detail": 0.7, "shape": 0.3}, "goes by colour most"),
        ({"colour": 0.8, "detail": 0.32, "shape": 0.3}, "goes by shape and detail most"),
        ({"colour": 0.89, "detail": 0.9, "shape": 0.88}, "hangs on no single one"),
    ],
)
def test_what_the_network_goes_by_is_what_it_misses_most(accuracy, title):
    found = next(f for f in find(evidence(cues=without(**accuracy))) if f.kind == "cues")
    assert title in found.title
    lost = 0.9 - accuracy["shape"]
    assert f"4 × 4 grid costs {lost:.1%}" in found.text


def test_without_labels_changed_predictions_say_what_the_network_goes_by():
    table = without(colour=0.1, detail=0.2, shape=0.3).assign(accuracy=np.nan)
    found = next(f for f in find(evidence(cues=table)) if f.kind == "cues")
    assert "changes 30.0% of predictions" in found.text


PLANTED = {
    "accuracy": {"samples": samples(200)},
    "dead units": {"layers": layers(0.4), "units": units(4)},
    "input transform": {"transform_origin": "inferred"},
    "not a number": {"broken_layers": ("conv", "relu")},
    "overfitting": {
        "samples": pd.concat([samples(60), samples(0, split="train")], ignore_index=True)
    },
    "weak class": {"samples": samples(0).assign(predicted=lambda s: s["label"].replace(2, 0))},
    "confident errors": {"samples": samples(30, confidence=0.99)},
    "imbalance": {"summary": {"classes": classes({"ant": 100, "bee": 10})}},
    "missing class": {"summary": {"classes": classes({"ant": 100, "bee": 100, "cat": 0})}},
    "leakage": {"shared_samples": (4, 5)},
    "random weights": {"untrained": True},
    "near leakage": {"nearly_shared_samples": tuple(range(9))},
    "label conflict": {"summary": {"label_conflicts": [["a", "b"], ["c", "d"]]}},
    "class order": {"samples": samples(300)},
    "unread layer": {"samples": samples(120).assign(predicted=lambda s: s["label"] // 2)},
    "misread images": {
        "readings": pd.DataFrame(
            {
                "reading": ["red and blue exchanged"],
                "right": [40],
                "gained": [40],
                "lost": [3],
                "samples": [128],
            }
        )
    },
    "shortcut": {
        "edge_spots": {
            "train": {
                "row": 0,
                "column": 2,
                "accuracy": 0.9,
                "typical": 0.3,
                "right": 0.9,
                "painted": 0.4,
            }
        }
    },
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


def test_of_equal_gravity_what_touches_more_comes_first():
    sizes = {"classes": classes({"ant": 100, "bee": 100, "cat": 0})}
    found = find(evidence(summary=sizes, nearly_shared_samples=tuple(range(200))))
    warnings = [finding for finding in found if finding.severity == "warning"]
    assert [finding.kind for finding in warnings] == ["near leakage", "missing class"]
    assert [finding.weight for finding in warnings] == [200 / 300, 1 / 3]
    assert all(finding.advice for finding in found)


def test_without_labels_nothing_is_said_of_accuracy():
    bare = samples().drop(columns=["label"])
    found = find(evidence(samples=bare, summary={}, layers=layers()[["layer", "type", "dead"]]))
    assert found == []


def test_findings_are_plain_json():
    first = find(evidence(shared_samples=(1, 2)))[0].to_dict()
    assert first["samples"] == [1, 2]
    assert set(first) >= {"kind", "title", "text", "figure", "layer"}


def attacked(correlation=0.8, low=0.7, high=0.9, **changes):
    surety = {"group": "all", "samples": 300, "correlation": correlation, "low": low, "high": high}
    record = {
        "attacked": 60,
        "epsilons": [1 / 255, 2 / 255],
        "turned": {"fgsm": [0.1, 0.3], "pgd-linf": [0.2, 0.6], "pgd-l2": [0.4, 0.9]},
        "surety": [{**surety, "measure": "lead", "p_value": 1e-9}],
        "fifths": [0.1, 0.2, 0.3, 0.4, 0.5],
        "parting": {
            "layer": "relu", "distance": 0.5, "noise": 0.01, "before": 0.1, "entry": 0.03,
            "end": 0.6, "noise_end": 0.02,
        },
        **changes,
    }  # fmt: skip
    distances = np.linspace(2, 1, 300)
    return evidence(
        adversarial=record, samples=samples(3, confidence=0.95).assign(flip_distance=distances)
    )


@pytest.mark.parametrize(
    ("numbers", "answer"),
    [
        ((0.8, 0.7, 0.9), "Confident predictions are the robust ones"),
        ((0.3, 0.1, 0.5), "Confident predictions are a little more robust"),
        ((0.1, -0.1, 0.2), "Confidence says nothing of robustness here"),
        ((-0.4, -0.6, -0.2), "Confident predictions are the less robust ones"),
    ],
)
def test_whether_the_confident_are_the_robust_is_answered_with_figures(numbers, answer):
    found = next(f for f in find(attacked(*numbers)) if f.kind == "sure and robust")
    assert found.title == answer
    assert f"{numbers[0]:.2f} (95% interval" in found.text
    assert "p < 0.001" in found.text
    assert found.samples == tuple(range(299, 290, -1))


def test_the_change_that_turns_half_over_and_the_layer_where_they_part_are_named():
    found = [f for f in find(attacked()) if f.kind == "adversarial"]
    assert [f.title for f in found] == [
        "A change of 2/255 a pixel turns over half of the predictions",
        "Clean and attacked images part at relu",
    ]
    assert "20% within 1/255, 60% within 2/255 of 60 samples" in found[0].text
    assert (found[0].figure, found[1].figure, found[1].layer) == ("attacks", "parting", "relu")
    hard = {"fgsm": [0, 0], "pgd-linf": [0, 0.1], "pgd-l2": [0, 0.2]}
    titles = [f.title for f in find(attacked(turned=hard))]
    assert any(title.startswith("Fewer than half of the predictions") for title in titles)


def test_attacks_that_were_left_out_say_why():
    found = find(evidence(adversarial={"omitted": "No sample was attacked: no gradient."}))
    assert [f.text for f in found if f.kind == "left out"] == [
        "No sample was attacked: no gradient."
    ]


def test_an_attribution_that_does_not_change_with_the_weights_is_told():
    record = {"sanity": {"grad-cam": 0.1, "integrated-gradients": 0.6}, "skipped": {}}
    found = [f for f in find(evidence(attribution=record)) if f.kind == "attribution"]
    assert [f.title for f in found] == [
        "Integrated gradients: pictures of the image rather than of the network"
    ]
    assert "0.60" in found[0].text


@pytest.mark.parametrize(
    "record",
    [{"omitted": "captum is absent"}, {"sanity": {}, "skipped": {"grad-cam": "captum is absent"}}],
)
def test_an_attribution_that_was_left_out_is_told(record):
    found = [f for f in find(evidence(attribution=record)) if f.kind == "left out"]
    assert [f.text for f in found] == ["captum is absent"]


def deep(count, dead):
    names = [f"relu{number}" for number in range(count)]
    table = pd.DataFrame({"layer": names, "type": "ReLU", "dead": dead})
    each = [units().assign(layer=name, dead=np.arange(10) < 10 * dead) for name in names]
    # Not the very same units, or the later layers only pass them on.
    each = [one.assign(unit=one["unit"] + number) for number, one in enumerate(each)]
    return {"layers": table, "units": pd.concat(each, ignore_index=True)}


@pytest.mark.parametrize(("count", "expected"), [(4, 4), (30, 4)])
def test_what_very_many_layers_have_is_told_in_one(count, expected):
    found = [f for f in find(evidence(**deep(count, 0.3))) if f.kind == "dead units"]
    assert len(found) == expected
    if count > expected:
        assert found[-1].title == "The same in 27 more layers: dead units"
        assert found[-1].layer == "relu3"
        assert "relu3, relu4" in found[-1].text
        assert found[-1].text.endswith("relu26 and others.")


def test_nothing_is_made_of_what_random_layers_pass_on_or_remember():
    cka = pd.DataFrame({"layer": ["conv", "fc"], "other": ["fc", "conv"], "cka": 0.999})
    table = pd.concat([layers(), layers().assign(layer="fc", type="Linear").head(1)])
    norms = pd.DataFrame({"layer": ["bn"], "change": 0.0, "shift": [3.0], "spread": [0.1]})
    random = {"untrained": True, "unseen_norms": ("bn",)}
    for facts, expected in (({}, {"idle layer", "wrong normalization"}), (random, set())):
        found = find(evidence(layers=table, cka=cka, steadiness=norms, **facts))
        assert {"idle layer", "wrong normalization"} & {f.kind for f in found} == expected
