"""HTML fragments: escaped, without scripts or requests, with pictures that open."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from cutaway.data import Images, describe, load_data

EVIL = "<img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    def __init__(self, fragment):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(fragment)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def evil():
    return Images(
        np.zeros((3, 4, 4, 3), np.uint8),
        np.array([0, 1, 0]),
        (EVIL, "</td><script>alert(1)</script>"),
        EVIL,
        "</script>",
        (EVIL, EVIL, "c"),
        (),
        (f"about {EVIL}",),
    )


def test_hostile_names_show_as_text():
    for shown in (evil(), describe(evil())):
        tags = Tags(shown._repr_html_())
        assert {tag for tag, _ in tags.found} <= {"div", "img", "table", "tr", "th", "td"}
        assert all(not name.startswith("on") for _, attributes in tags.found for name in attributes)
        assert EVIL in tags.text
        assert "<script>alert(1)</script>" in tags.text


def test_thumbnails_are_pictures_within_the_page():
    for images in (load_data("digits"), evil(), load_data(np.ones((2, 1, 200, 300), np.float32))):
        pictures = [
            attributes for tag, attributes in Tags(images._repr_html_()).found if tag == "img"
        ]
        assert 1 <= len(pictures) <= 8
        for attributes in pictures:
            head, _, data = attributes["src"].partition(",")
            assert head == "data:image/png;base64"
            assert attributes["alt"]
            picture = Image.open(io.BytesIO(base64.b64decode(data)))
            assert max(picture.size) <= 64


def test_fragments_are_small_and_set_no_colours():
    fragment = load_data("digits")._repr_html_()
    assert len(fragment) < 10_000
    assert "color" not in fragment


def test_no_labels_is_said():
    assert "no labels" in load_data(np.zeros((2, 4, 4), np.uint8))._repr_html_()
