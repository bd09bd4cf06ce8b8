"""SVG to write into a page, and PNG files."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from cutaway import plot
from cutaway.errors import InputError
from cutaway.views.figures.theme import INK_SENTINEL, PAPER_SENTINEL

PLACES = np.random.default_rng(0).normal(size=(40, 2))
LABELS = np.arange(40) % 3


def draw(theme="inherit", names=("a", "b", "c")):
    return plot.map(PLACES, LABELS, names, title="A map", theme=theme)


def test_it_is_one_element_without_anything_from_outside():
    svg = plot.to_svg(draw())
    root = ET.fromstring(svg)
    assert svg.startswith("<svg ")
    assert root.attrib["width"] == "100%"
    assert "height" not in root.attrib
    assert root.attrib["viewBox"].startswith("0 0 ")
    assert "style" not in svg
    assert "DejaVu" not in svg
    assert "<!" not in svg
    assert "metadata" not in svg
    links = re.findall(r'href="([^"]{1,12})', svg)
    assert links
    assert all(link.startswith(("#", "data:image/p")) for link in links)
    assert set(re.findall(r"https?://[^\" ]+", svg)) == {"http://www.w3.org/2000/svg"}


def test_ink_is_the_colour_of_the_page():
    svg = plot.to_svg(draw())
    assert "currentColor" in svg
    assert "var(--paper, Canvas)" in svg
    assert INK_SENTINEL not in svg
    assert PAPER_SENTINEL not in svg
    assert "currentColor" not in plot.to_svg(draw("dark"))


def test_a_name_like_the_sentinel_is_left_alone():
    assert f">{INK_SENTINEL}<" in plot.to_svg(draw(names=(INK_SENTINEL, "b", "fill: #010203")))


def test_text_with_a_halo_stays_text():
    text = next(e for e in ET.fromstring(plot.to_svg(draw())).iter() if e.text == "b")
    assert text.attrib["paint-order"] == "stroke"
    assert text.attrib["fill"] == "currentColor"


def test_a_halo_is_still_there_afterwards():
    axes = draw("light")
    plot.to_svg(axes)
    assert all(text.get_path_effects() for text in axes.texts)


def test_equal_figures_give_equal_text_and_different_ones_share_no_id():
    first, again = plot.to_svg(draw()), plot.to_svg(draw())
    other = plot.to_svg(plot.class_balance([1, 2, 3], theme="inherit"))
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (first, other)]
    assert first == again
    assert ids[0].isdisjoint(ids[1])
    for svg in (first, other):
        defined = re.findall(r' id="([^"]+)"', svg)
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert len(defined) == len(set(defined))
        assert used == set(defined)
    assert ' id="mine-0"' in plot.to_svg(draw(), identifier="mine")


def test_its_title_is_escaped():
    svg = plot.to_svg(draw(), title='<b>"quoted" & </title>')
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == '<b>"quoted" & </title>'
    assert root.attrib["role"] == "img"
    assert root[0].text == '<b>"quoted" & </title>'
    assert "<b>" not in svg


def test_many_points_are_one_small_image():
    places = np.random.default_rng(0).normal(size=(20_000, 2))
    svg = plot.to_svg(plot.map(places, np.arange(20_000) % 10))
    assert svg.count("<image") == 1
    assert len(svg) < 500_000


def test_png_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "map.png"
    plot.to_png(draw("light"), path, dpi=50)
    with Image.open(path) as picture:
        assert picture.width == 225
        assert picture.mode == "RGB"
    first = path.read_bytes()
    plot.to_png(draw("light"), path, dpi=50)
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["map.png"]
    plot.to_png(draw("inherit"), path, dpi=50)
    with Image.open(path) as picture:
        assert picture.getpixel((0, 0))[3] == 0
    with pytest.raises(InputError, match="does not exist"):
        plot.to_png(draw(), tmp_path / "none" / "map.png")
    with pytest.raises(InputError, match="dpi=3 cannot be drawn"):
        plot.to_png(draw(), path, dpi=3)
