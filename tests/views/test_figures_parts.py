"""Mosaics, placing of texts, colours and names, against naive twins and invariants."""

import re
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from cutaway import plot
from cutaway.views.figures.grid import mosaic, opaque, round_columns
from cutaway.views.figures.names import ends, plain, shorten
from cutaway.views.figures.palette import class_colours
from cutaway.views.figures.placing import along_borders, crowded, spread_texts

WEB = Path(__file__).parents[2] / "web"
FEW = settings(max_examples=40, deadline=None)


def mosaic_by_loops(tiles, columns, gap):
    count, height, width = tiles.shape
    rows = -(-count // columns)
    image = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for index in range(count):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        for row in range(height):
            for column in range(width):
                image[top + row, left + column] = tiles[index, row, column]
    return image


@FEW
@given(
    st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(0, 3)
)
def test_mosaic_equals_its_naive_twin(count, height, width, columns, gap):
    tiles = np.random.default_rng(0).normal(size=(count, height, width))
    np.testing.assert_array_equal(mosaic(tiles, columns, gap), mosaic_by_loops(tiles, columns, gap))


@FEW
@given(st.integers(1, 3000), st.integers(1, 60))
def test_columns_fit_and_hold_all(count, most):
    columns = round_columns(count, most)
    assert 1 <= columns <= max(most, 1)
    assert columns <= count


@FEW
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=8))
def test_texts_with_room_end_up_apart(anchors):
    low, high = np.array([-20.0, -20.0]), np.array([30.0, 30.0])
    sizes = np.tile([1.5, 0.8], (len(anchors), 1))
    middles = spread_texts(np.array(anchors), sizes, low, high)
    for one in range(len(anchors)):
        for other in range(one):
            apart = np.abs(middles[one] - middles[other])
            assert apart[0] >= 1.5 - 1e-3 or apart[1] >= 0.8 - 1e-3
    assert (middles - sizes / 2 >= low - 1e-9).all()
    assert (middles + sizes / 2 <= high + 1e-9).all()


def test_texts_that_are_apart_stay_where_they_are():
    anchors = np.array([[0.0, 0.0], [5.0, 5.0]])
    ends_of = np.array([-9.0, -9.0]), np.array([9.0, 9.0])
    np.testing.assert_array_equal(spread_texts(anchors, np.ones((2, 2)), *ends_of), anchors)


@FEW
@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=16))
def test_texts_along_the_borders_lie_apart_in_the_order_of_their_anchors(points):
    anchors = np.array(points)
    low, high = np.array([-20.0, -20.0]), np.array([30.0, 30.0])
    sizes = np.tile([3.0, 1.0], (len(anchors), 1))
    middles = along_borders(anchors, sizes, low, high)
    assert set(middles[:, 0]) <= {-18.5, 28.5}
    assert len({*map(tuple, middles)}) == len(anchors)
    for side in (-18.5, 28.5):
        of_side = middles[:, 0] == side
        heights = anchors[of_side][np.argsort(middles[of_side, 1]), 1]
        assert (np.diff(heights) >= 0).all()
        assert (np.diff(np.sort(middles[of_side, 1])) >= 1).all()


def test_texts_are_crowded_where_most_would_lie_on_another():
    apart = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [0.5, 0.5]])
    assert not crowded(apart, np.ones((4, 2)))
    assert crowded(apart, np.full((4, 2), 6.0))
    assert not crowded(apart[:1], np.ones((1, 2)))


@FEW
@given(st.text(), st.integers(6, 30))
def test_names_are_short_printable_lines(text, limit):
    name = shorten(text, limit)
    assert len(name) <= limit
    assert plain(name) == name
    assert "\n" not in name


def test_no_name_breaks_a_drawing():
    assert plain("a\x1b\0b\ufffe\U0001ffffc\u2028d") == "a b c d"


@FEW
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_ends_are_numbers_near_the_ends(first, second):
    low, high = sorted((first, second))
    texts = [float(text.replace("−", "-")) for text in ends(low, high)]
    room = max(high - low, abs(high), 1e-9) * 0.06 + 1
    np.testing.assert_allclose(texts, [low, high], atol=room)


def test_all_shades_of_the_colours_differ():
    colours = np.round(class_colours(140), 3)
    assert len(np.unique(colours, axis=0)) == 140
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_the_explorer_has_the_same_colours():
    source = (WEB / "src" / "design" / "palette.ts").read_text("utf-8")
    twenty = re.findall("#[0-9a-f]{6}", source.partition("TWENTY = [")[2].partition("]")[0])
    assert [to_hex(colour) for colour in class_colours(20)] == twenty


def test_opaque_keeps_colours():
    grey = np.arange(8, dtype=np.uint8).reshape(2, 2, 2, 1)
    assert (opaque(grey)[..., :3] == grey).all()
    assert (opaque(grey)[..., 3] == 255).all()


def test_filters_are_one_image_around_zero():
    weights = np.random.default_rng(0).normal(size=(64, 3, 5, 5))
    axes = plot.filters(weights, channel=1)
    (image,) = axes.images
    low, high = image.get_clim()
    assert low == -high
    zero = plot.filters(np.zeros((1, 1, 3, 3))).images[0].get_array()
    assert abs(int(zero[0, 0, 0]) - 128) <= 1
    assert len(plot.filters(weights).images) == 1


def test_samples_of_a_class_stand_in_its_row():
    images = np.repeat(np.arange(12, dtype=np.uint8), 4).reshape(12, 2, 2)
    axes = plot.samples(images, labels=np.arange(12) % 3, class_names=["a", "b", "c"])
    rows = axes.images[0].get_array()[::3, ::3, 0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]
    assert (rows % 3 == np.array([[0], [1], [2]])).all()


def test_of_many_classes_the_first_are_shown_and_it_is_said():
    images = np.zeros((60, 4, 4), np.uint8)
    axes = plot.samples(images, labels=np.arange(60), title="All")
    assert axes.get_title("left") == "All (25 of 60 classes)"


def test_names_stand_at_medians():
    places = np.concatenate([np.zeros((5, 2)), np.full((5, 2), 10.0)])
    axes = plot.map(places, np.repeat([0, 1], 5), ["one", "two"])
    for text, middle in zip(axes.texts, (0.0, 10.0), strict=True):
        np.testing.assert_allclose(text.get_position(), middle, atol=0.4)


def test_long_names_go_into_a_key_above_small_maps():
    names = [f"a rather long name {index}" for index in range(10)]
    places = np.random.default_rng(0).normal(size=(40, 2))
    figure = plot.maps({"PCA": places, "t-SNE": places}, np.arange(40) % 10, names)
    assert any(text.get_text().startswith("3 a rather") for text in figure.texts)
    assert {text.get_text() for text in figure.axes[0].texts} == {str(i) for i in range(10)}


def test_the_prediction_is_that_of_the_largest_logit():
    figure = plot.activations({"fc": np.ones(3)}, logits=[0, 3, 1], label=2, class_names="xyz")
    words = [text.get_text() for text in figure.texts]
    assert "Predicted y, true label z" in words
    assert "3.00" in words


def test_a_title_stands_above_the_numbers_of_the_columns():
    axes = plot.filters(np.zeros((8, 3, 5, 5)), title="Filters")
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    numbers = max(text.get_window_extent().y1 for text in axes.texts)
    title = next(
        child for child in axes.get_children() if getattr(child, "get_text", str)() == "Filters"
    )
    assert title.get_window_extent().y0 >= numbers
