"""The explorer in a notebook: the same bundle, fed by messages, its selection a table."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets
from torch import nn

from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.views.explorer import AbsentError, Resources
from cutaway.views.explorer.bundle import find_bundle
from cutaway.views.explorer.placing import Placing
from cutaway.views.explorer.resource import JSON, Resource

_NOT_BUILT = """export default { render({ el }) {
  el.textContent = "The explorer's front end was not built with this installation of Cutaway.";
} }"""


def _as_bytes(value: Any, _: Any) -> bytes:
    """What a message's buffer holds; a number alone would make that many zeros."""
    return bytes(memoryview(value))


class ExplorerWidget(anywidget.AnyWidget):
    """A Study to look at in a notebook.

    Attributes:
        selected: The selected samples: ids as int32, little-endian.
        view: What is shown, as the part of a link after "#".

    Args:
        study: What is looked at.
        model: The network that the Study was made with, to place new images, or None.

    Raises:
        InputError: The network is another than the Study's.
    """

    # What comes from the page is a view of memory, which the trait alone would refuse.
    selected = traitlets.Bytes(b"").tag(sync=True, from_json=_as_bytes)
    view = traitlets.Unicode("").tag(sync=True)

    def __init__(self, study: Study, model: nn.Module | str | Path | None = None) -> None:
        bundle = find_bundle()
        placing = None if model is None else Placing(study, model)
        self._study = study
        self._placing = placing
        self._omitted = [] if placing is None else placing.omitted
        if placing is None:
            self._omitted = ["The network is not at hand: pass it as study.explore(model)."]
        live = None if placing is None else placing.live
        compute = None if placing is None else placing.activation_of
        self._resources = Resources(study, "widget", live, compute)
        # anywidget makes traits of these two when it is initialized.
        self._esm = _NOT_BUILT if bundle is None else bundle.script
        self._css = "" if bundle is None else bundle.style
        super().__init__()
        self.on_msg(self._asked)
        if placing is not None:
            placing.warm_up()

    @property
    def selection(self) -> pd.DataFrame:
        """The rows of `study.samples` that are selected."""
        ids = np.frombuffer(self.selected, dtype="<i4")
        return self._study.samples.iloc[ids]

    @selection.setter
    def selection(self, samples: pd.DataFrame | Iterable[int]) -> None:
        """Selects samples: a table with their ids, or the ids."""
        given = samples["id"] if isinstance(samples, pd.DataFrame) else list(samples)
        ids = np.asarray(given, dtype=np.int64)
        count = len(self._study.samples)
        if ids.size and (ids.min() < 0 or ids.max() >= count):
            raise InputError(
                f"selection holds ids from {ids.min()} to {ids.max()}; expected 0 to "
                f"{count - 1}, as in study.samples"
            )
        self.selected = np.unique(ids).astype("<i4").tobytes()

    def _asked(self, _: Any, content: Any, buffers: list[Any]) -> None:
        """Answers a message of the front end, which may hold anything."""
        if not isinstance(content, dict) or not isinstance(content.get("id"), int):
            return
        try:
            found = self._answer(content, buffers)
        except (AbsentError, InputError) as absent:
            detail = json.dumps({"detail": str(absent)}).encode()
            self.send({"id": content["id"], "status": "absent", "media": JSON}, [detail])
            return
        self.send({"id": content["id"], "status": "ok", "media": found.media}, [found.body])

    def _answer(self, content: dict[str, Any], buffers: list[Any]) -> Resource:
        kind, resource = content.get("kind"), content.get("resource")
        if kind == "place" and self._placing is not None and len(buffers) == 1:
            return self._placing.place(bytes(buffers[0]), drawn=content.get("drawn") is True)
        if kind != "get" or not isinstance(resource, str):
            raise AbsentError("There is no such resource.")
        if resource == "study":
            body = json.dumps(self._resources.overview(self._omitted), allow_nan=False)
            return Resource(body.encode(), JSON)
        if self._placing is not None and resource.startswith("placed/"):
            return self._placing.get(resource.removeprefix("placed/"))
        return self._resources.get(resource)
