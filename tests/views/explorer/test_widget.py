"""The notebook's widget answers as the server does, and its selection is a table."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from cutaway.errors import InputError
from cutaway.views.explore import in_notebook
from cutaway.views.explorer import Resources
from cutaway.views.widget import ExplorerWidget


@pytest.fixture(scope="module")
def widget(explored):
    made = ExplorerWidget(explored.study, explored.model)
    sent = []
    made.send = lambda content, buffers=None: sent.append((content, buffers))
    made.sent = sent
    return made


def ask(widget, content, buffers=()):
    widget._asked(widget, content, list(buffers))
    return widget.sent.pop()


def test_it_answers_with_the_same_bytes(widget, explored):
    for name in ("samples", "map/0/tsne", "thumbnails/0"):
        content, (body,) = ask(widget, {"kind": "get", "resource": name, "id": 7})
        own = Resources(explored.study).get(name)
        assert content == {"id": 7, "status": "ok", "media": own.media}
        assert body == own.body
    _, (body,) = ask(widget, {"kind": "get", "resource": "study", "id": 1})
    assert json.loads(body)["door"] == "widget"


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "get", "resource": "map/0/../../x", "id": 2},
        {"kind": "get", "resource": None, "id": 2},
        {"kind": "other", "resource": "study", "id": 2},
        {"kind": "place", "id": 2},
    ],
)
def test_what_it_does_not_have_is_absent_with_words(widget, message):
    content, (body,) = ask(widget, message)
    assert (content["id"], content["status"]) == (2, "absent")
    assert json.loads(body)["detail"]


def test_what_the_page_selects_is_a_table(widget, explored):
    widget.set_state({"selected": memoryview(np.array([3, 5], dtype="<i4").tobytes())})
    assert widget.selection["id"].tolist() == [3, 5]
    with pytest.raises(TypeError):
        widget.set_state({"selected": 10**9})


def test_what_is_no_question_is_let_pass(widget):
    for message in (None, "get", {"kind": "get"}, {"id": "7"}):
        widget._asked(widget, message, [])
    assert widget.sent == []


def test_it_places_an_image(widget, explored):
    buffer = io.BytesIO()
    Image.fromarray(explored.images.display(np.array([5]))[0, ..., 0]).save(buffer, format="png")
    content, (body,) = ask(widget, {"kind": "place", "id": 3}, [memoryview(buffer.getvalue())])
    assert content["status"] == "ok"
    token = json.loads(body)["token"]
    asked = {"kind": "get", "resource": f"placed/{token}/image", "id": 4}
    assert ask(widget, asked)[0]["media"] == "image/png"


def test_the_selection_is_a_table_both_ways(widget, explored):
    widget.selected = np.array([3, 5], dtype="<i4").tobytes()
    assert widget.selection["id"].tolist() == [3, 5]
    samples = explored.study.samples
    widget.selection = samples[samples["label"] == 4]
    assert set(widget.selection["label"]) == {4}
    widget.selection = [9, 1]
    assert np.frombuffer(widget.selected, "<i4").tolist() == [1, 9]
    with pytest.raises(InputError, match="expected 0 to 119"):
        widget.selection = [120]


def test_this_is_no_notebook():
    assert not in_notebook()
