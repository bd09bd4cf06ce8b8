"""Names that would be markup or scripts stand in the report as text."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import load_data
from cutaway.study import build_study

NAMES = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "]]></style><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} $x^2$ &amp; \\u003c",
)


class Collector(HTMLParser):
    """Gathers elements and attributes as a browser would see them."""

    def __init__(self):
        super().__init__()
        self.elements = set()
        self.attributes = []
        self.text = []
        self.scripts = []

    def handle_starttag(self, tag, attrs):
        if tag == "script":
            self.scripts.append((tag, attrs))
        self.elements.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


class Hostile(nn.Module):
    """A network whose layers bear hostile names."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        convolution, linear = NAMES[0].replace(".", ""), "</script>"
        self.add_module(convolution, nn.Conv2d(1, 4, 3))
        self.add_module(linear, nn.Linear(144, len(NAMES)))
        self.names = (convolution, linear)

    def forward(self, x):
        hidden = getattr(self, self.names[0])(x).relu().flatten(1)
        return getattr(self, self.names[1])(hidden)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    digits = load_data("digits").select(np.arange(60))
    labels = digits.labels % len(NAMES)
    data = replace(digits, labels=labels, class_names=NAMES, name=NAMES[0])
    study = build_study(Hostile(), data, folder / "hostile.study", maps={"pca": "*"})
    return study.report(folder / "report.html").read_text(encoding="utf-8")


def test_no_element_or_handler_was_injected(page):
    seen = Collector()
    seen.feed(page)
    scripts = [dict(found) for tag, found in seen.scripts if tag == "script"]
    kinds = [script.get("type") for script in scripts if "data-resource" not in script]
    assert kinds in ([], ["module"])  # the front end, where it was built
    assert all(
        script["type"] == "application/octet-stream"
        for script in scripts
        if "data-resource" in script
    )
    assert not [entry for entry in seen.attributes if entry[1] == "style"]
    assert not [entry for entry in seen.attributes if entry[1].startswith("on")]
    images = [value for tag, name, value in seen.attributes if (tag, name) == ("img", "src")]
    assert all(value.startswith("data:image/") for value in images)


def test_the_names_stand_as_text(page):
    seen = Collector()
    seen.feed(page)
    text = "".join(seen.text)
    for name in NAMES[:2]:
        assert name in text
    assert "{{ 7 * 7 }} {% raw %}" in text


def test_nothing_is_asked_of_the_network(page):
    seen = Collector()
    seen.feed(page)
    asking = {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}
    for tag, name, value in seen.attributes:
        if name in asking:
            assert value.startswith(("#", "data:")), (tag, name, value)
    assert "url(http" not in page
    assert "@import" not in page
