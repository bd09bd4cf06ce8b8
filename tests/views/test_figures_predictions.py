"""Pictures of predictions: beside means, many classes, calibration, cues."""

import numpy as np
import pytest

from cutaway import plot
from cutaway.errors import InputError

RANDOM = np.random.default_rng(0)


def texts(figure):
    return [text.get_text() for text in figure.texts]


def cases():
    sample = plot.ActivationCase({"fc": np.array([3.0, 1.0, 2.0])}, [0.1, 2.0], label=0)
    mean = plot.ActivationCase({"fc": np.array([0.0, 9.0, 5.0])}, [1.0, 0.5], title="mean of a")
    return sample, mean


def test_units_are_sorted_by_the_mean_in_both_strips():
    sample, mean = cases()
    drawn = plot.beside_means(sample, [mean])
    strips = [image.get_array()[0].tolist() for axes in drawn.axes for image in axes.images]
    assert strips == [[1.0, 2.0, 3.0], [9.0, 5.0, 0.0]]
    assert "−1.00" in texts(drawn) or "−0.99" in texts(drawn)


@pytest.mark.parametrize("other", [np.full(3, np.nan), np.ones(4)])
def test_a_mean_that_does_not_fit_is_left_out_and_units_stay_in_order(other):
    sample, _ = cases()
    drawn = plot.beside_means(sample, [plot.ActivationCase({"fc": other}, title="mean of a")])
    strips = [image.get_array()[0].tolist() for axes in drawn.axes for image in axes.images]
    assert strips == [[3.0, 1.0, 2.0]]


def test_means_of_final_activations_are_marked():
    sample, mean = cases()
    bars = plot.beside_means(sample, [mean]).axes[-1]
    assert list(bars.lines[-1].get_xdata()) == [1.0, 0.5]


@pytest.mark.parametrize("width", [3.0, 8.0])
def test_many_classes_are_shown_whole_and_where_most_is_mistaken(width):
    counts = 9 * np.eye(100, dtype=int)
    counts[7, 80] = 6
    counts[80, 7] = 5
    names = [f"class {number}" for number in range(100)]
    drawn = plot.confusion_overview(counts, names, width=width)
    assert texts(drawn)[-2:] == [
        "class 7 taken for class 80: 6 of 15",
        "class 80 taken for class 7: 5 of 14",
    ]
    whole, block = drawn.axes
    assert whole.images[0].get_array().shape[:2] == (100, 100)
    named = [label.get_text() for label in block.get_yticklabels()]
    assert {"class 7", "class 80"} <= set(named)
    assert len(named) == 14


def test_names_of_a_matrix_are_written_only_where_they_find_room():
    few, many = plot.confusion(np.eye(30)), plot.confusion(np.eye(90))
    assert len(few.get_yticklabels()) == 30
    assert not [label for label in many.get_yticklabels() if label.get_text() == "89"]


def test_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(InputError, match=r"shape \(2, 3\)"):
        plot.confusion_overview(np.ones((2, 3)))


@pytest.mark.parametrize(("width", "side_by_side"), [(2.4, False), (6.5, True), (12.0, True)])
def test_calibration_has_two_panels_in_any_width(width, side_by_side):
    one = {"low": 0.5, "high": 1.0, "count": 4, "confidence": 0.8, "accuracy": 0.75}
    found = {"error": 0.05, "confidence": 0.8, "accuracy": 0.75, "bins": [one]}
    drawn = plot.reliability(found, width=width)
    left, right = (axes.get_position() for axes in drawn.axes)
    assert (right.x0 > left.x1) == side_by_side
    assert (right.y1 < left.y0) != side_by_side
    assert drawn.get_size_inches()[0] == width


@pytest.mark.parametrize("width", [2.5, 6.5])
def test_each_cue_has_its_curve_and_an_image_at_every_strength(width):
    table = {
        "cue": ["grey", "grey", "blur", "blur", "blur"],
        "strength": [0, 1, 0, 0.02, 0.04],
        "accuracy": [0.9, 0.7, 0.9, 0.5, np.nan],
        "changed": [0, 0.2, 0, 0.4, 0.6],
    }
    images = RANDOM.integers(0, 256, size=(5, 8, 8, 3), dtype=np.uint8)
    drawn = plot.cues(table, {"grey": images[:2], "blur": images[2:]}, width=width)
    assert len(drawn.axes) == 2 + 5
    words = texts(drawn)
    assert words.count("whole") == 2
    assert {"90% right", "70% right", "50% right", "40% stay"} <= set(words)
    assert len(plot.cues(table, width=width).axes) == 2


def test_a_point_is_marked_on_every_map_and_framed_in_the_image():
    maps = {"conv": RANDOM.normal(size=(6, 4, 4))}
    drawn = plot.feature_maps(maps, np.zeros((8, 8)), point=(1, 2), field=(0, 2, 5, 7))
    image, mosaic = drawn.axes
    (_, frame) = image.patches
    assert (frame.get_x(), frame.get_y()) == (1.5, -0.5)
    assert (frame.get_width(), frame.get_height()) == (5, 5)
    assert len(mosaic.patches) == 2 * 6
