"""Figures of units, filters by effect, maps over images, directions in use, gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway import plot
from cutaway.errors import InputError
from cutaway.views.figures.magnified import magnified, part
from cutaway.views.figures.unit_kinds import shares_of_kinds


def texts(figure):
    return [text.get_text() for text in figure.texts]


def test_a_picture_is_enlarged_without_blur_and_framed():
    picture = np.zeros((4, 4, 1), dtype=np.uint8)
    picture[0, 0] = 200
    large = magnified(picture, 16, (0, 0, 4, 4))
    assert large[2:4, 2:4, 0].tolist() == [[200, 200]] * 2
    assert set(np.unique(magnified(picture, 16)[..., 0])) == {0, 200}
    assert large[0].tolist() == [[0, 0, 0, 255]] * 16
    assert large[1, 1:-1].tolist() == [[255, 214, 10, 255]] * 14


def test_parts_hold_a_pixel_at_least_and_stay_within_the_picture():
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    assert part(picture, (1, 2, 3, 4)).ravel().tolist() == [6, 7, 10, 11]
    assert part(picture, (9, 9, 9, 9)).shape == (1, 1, 1)
    assert part(picture, (0.5, 0, 0.9, 0.2)).shape == (1, 1, 1)


def test_units_are_drawn_with_parts_and_images_side_by_side():
    images = [np.zeros((9, 8, 8, 3), dtype=np.uint8)] * 2
    figure = plot.top_images(images, [[[0, 0, 3, 3]] * 9] * 2, notes=["cat 0.50", ""])
    assert len(figure.axes) == 2
    assert {"unit 0", "unit 1", "cat 0.50"} <= set(texts(figure))
    whole = plot.top_images(images, [[[0, 0, 8, 8]] * 9] * 2)
    assert len(whole.axes) == 1


def test_units_and_names_must_be_as_many():
    with pytest.raises(InputError, match="2 units, with 1 names"):
        plot.top_images([np.zeros((3, 4, 4, 1))] * 2, names=["one"])


def test_filters_are_grouped_by_what_they_do_the_largest_group_first():
    weights = np.random.default_rng(0).normal(size=(4, 1, 3, 3))
    effects = ["smoothing", "oriented edge (45°)", "oriented edge (90°)", ""]
    words = texts(plot.filter_effects(weights, effects))
    assert [word for word in words if ":" in word] == [
        "oriented edge: 2 of 4",
        "smoothing: 1 of 4",
        "silent: 1 of 4",
    ]
    assert {"1 45°", "2 90°", "0", "3"} <= set(words)
    with pytest.raises(InputError, match="3 names and weights 4 filters"):
        plot.filter_effects(weights, effects[:3])


def test_a_map_is_laid_where_its_positions_look():
    maps = np.zeros((2, 3, 3))
    maps[1, 2, 0] = 1
    spans = np.array([[0, 10], [5, 15], [10, 20]])
    axes = plot.feature_maps_over_image(maps, np.zeros((20, 20), dtype=np.uint8), (spans, spans))
    assert [text.get_text() for text in axes.texts] == ["1", "0"]
    orange = axes.images[0].get_array()[:128, :128, 0]
    row, column = np.unravel_index(np.argmax(np.where(orange == 255, 0, orange)), orange.shape)
    assert row > 90
    assert column < 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"point": (3, 0)}, "no position"),
        ({"channels": [5]}, "numbers from 0 to 1"),
        ({"n": 0}, "nothing to draw"),
        ({"spans": (np.zeros((2, 2)), np.zeros((3, 2)))}, "2 rows and 3 columns"),
    ],
)
def test_maps_that_cannot_be_laid_over_an_image_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        plot.feature_maps_over_image(np.zeros((2, 3, 3)), np.zeros((8, 8)), **options)


def test_use_shows_directions_where_they_are_known():
    table = {"layer": ["a", "b"], "dead": [0.0, 0.5], "in_use": [np.nan, 0.25]}
    axes = plot.unit_use(table)
    assert [round(bar.get_width(), 2) for bar in axes.patches] == [1, 0.5, 0, 0.5, 0, 0.25]
    assert "50% / 25%" in [text.get_text() for text in axes.texts]


UNITS = {
    "layer": ["a"] * 5 + ["b"] * 2,
    "mean": [np.nan, 0, 0, 0, 0, 0, 0],
    "dead": [True, True, False, False, False, False, False],
    "saturated": [False, True, True, False, False, False, False],
    "near_constant": [False, False, False, True, False, False, False],
    "duplicate_of": [-1, -1, 0, 0, 0, -1, -1],
}


def test_what_is_not_in_use_is_told_by_its_gravest_kind():
    axes = plot.unit_use({"layer": ["pixels", "a", "b"], "dead": [0.0, 0.4, 0.0]}, UNITS)
    kinds = ["units in use", "no number", "dead", "saturated", "near-constant", "copies"]
    assert [text.get_text() for text in axes.texts[: len(kinds)]] == kinds
    bars = np.array([bar.get_width() for bar in axes.patches]).reshape(-1, 3)
    np.testing.assert_allclose(bars[0], [1, 0, 1])
    np.testing.assert_allclose(bars[1:], np.tile([0, 0.2, 0], (5, 1)))


@given(
    st.lists(st.tuples(st.sampled_from("ab"), *[st.booleans()] * 3, st.integers(-1, 2)), min_size=1)
)
def test_kinds_share_a_layers_units_as_a_plain_loop_counts_them(rows):
    names = ("layer", "dead", "saturated", "near_constant", "duplicate_of")
    units = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    shares = shares_of_kinds({"layer": ["a", "b"], "dead": [0.0, 0.0]}, units)
    for at, layer in enumerate("ab"):
        own = [row for row in rows if row[0] == layer]
        counts = dict.fromkeys(shares, 0)
        for _, dead, saturated, near_constant, duplicate_of in own:
            if dead:
                counts["dead"] += 1
            elif saturated:
                counts["saturated"] += 1
            elif near_constant:
                counts["near-constant"] += 1
            elif duplicate_of >= 0:
                counts["copies"] += 1
        expected = {kind: count / max(len(own), 1) for kind, count in counts.items()}
        assert {kind: share[at] for kind, share in shares.items()} == pytest.approx(expected)


def test_gradients_through_training_are_a_line_a_layer():
    history = {
        "epoch": [1, 2, 3],
        "train_loss": [2.0, 1, 1],
        "gradient_norm/a": [1.0, 0.5, 0.1],
        "gradient_norm/b": [np.nan, 0.0, 0.1],
    }
    axes = plot.gradient_history(history)
    assert [line.get_label() for line in axes.lines] == ["a", "b"]
    assert {"a", "b"} <= {text.get_text() for text in axes.texts}
    assert "no number" not in {text.get_text() for text in axes.texts}
    lost = {"gradient_norm/a": [1.0, np.nan, np.inf], "gradient_norm/b": [2.0, np.inf, np.nan]}
    axes = plot.gradient_history(lost)
    assert [(band.get_x(), band.get_width()) for band in axes.patches] == [(1.5, 1), (2.5, 1)]
    assert "no number" in {text.get_text() for text in axes.texts}
    with pytest.raises(InputError, match="gradient_norm/LAYER"):
        plot.gradient_history({"epoch": [1]})


def test_gradients_that_are_no_numbers_are_said_so():
    axes = plot.gradients({"layer": ["a", "b", "c"], "norm": [np.nan, 0.0, 2.0]})
    assert [text.get_text() for text in axes.texts] == ["no number", "0", "2"]
    with pytest.raises(InputError, match="expected layer and norm"):
        plot.gradients({"layer": ["a"]})
