"""Placing an image that someone sends: from its bytes to its place on every map."""

import json
import secrets
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from torch import nn

from cutaway.bounded import BoundedCache
from cutaway.study import Study
from cutaway.study.layout import PIXELS
from cutaway.study.live import LiveNetwork, Placed
from cutaway.study.new_image import as_drawing, as_sample, read_new_image
from cutaway.views.explorer import arrow, pictures, tables, tensors
from cutaway.views.explorer.overview import whole_thumbnails
from cutaway.views.explorer.resource import JSON, AbsentError, Resource

_KEPT = 16
_KEPT_BYTES = 64 * 2**20


class Placing:
    """Takes encoded images, runs them through a Study's network, and keeps the latest.

    Args:
        study: The Study.
        model: The network that it was made with, or what `load_model` takes.
    """

    def __init__(self, study: Study, model: nn.Module | str | Path) -> None:
        self.study = study
        self.network = LiveNetwork(study, model if isinstance(model, nn.Module) else str(model))
        self._placed = BoundedCache[Placed](_KEPT_BYTES, _KEPT)
        self._numbers = {name: row for row, name in enumerate(study.layers["layer"])}

    @property
    def live(self) -> dict[str, bool]:
        """What can be asked beyond the Study."""
        return {"model": True, "place": True, "draw": self.network.form is not None}

    @property
    def omitted(self) -> list[str]:
        """What is left out of placing, in words."""
        left_out = self.network.unplaced
        if not left_out:
            return []
        named = ", ".join(f"{layer} by {method}" for layer, method in left_out[:5])
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        return [
            f"New images are not placed on the maps of {named}{more}: these take too much memory."
        ]

    def warm_up(self) -> None:
        """Begins to make ready what the first image would wait for, beside all else."""
        Thread(target=self.network.warm_up, name="cutaway-maps", daemon=True).start()

    def place(self, body: bytes, *, drawn: bool = False) -> Resource:
        """Decodes, runs and places an image.

        Args:
            body: A PNG, JPEG or WebP file.
            drawn: Whether it is a drawing, to be brought to the form of the data's signs.

        Raises:
            RefusedImageError: It is too large, in no allowed format, damaged or empty.
        """
        given = read_new_image(body)
        if drawn:
            image, done = as_drawing(given, self.network.form)
        else:
            image, done = as_sample(given, self.network.shape)
        placed = self.network.place(image)
        token = secrets.token_urlsafe(12)
        self._placed.put(token, placed, image.nbytes + placed.outputs.nbytes + 1024)
        return Resource(json.dumps(self._answer(placed, done, token)).encode(), JSON)

    def get(self, name: str) -> Resource:
        """What is kept of a placed image: TOKEN/activation/L, TOKEN/image or TOKEN/neighbours/L.

        Raises:
            AbsentError: There is no such thing, or not any more.
        """
        token, *rest = name.split("/")
        placed = self._placed.get(token)
        if placed is None:
            raise AbsentError("This image is not kept any more; place it again.")
        match rest:
            case ["image"]:
                return pictures.png(placed.image)
            case ["activation" | "neighbours" as kind, number] if _is_number(number):
                make = self._activation if kind == "activation" else self._neighbours
                return make(placed, int(number[:9]))
        raise AbsentError("There is no such resource.")

    def activation_of(self, layer: str, sample: int) -> np.ndarray | None:
        """What a layer makes of a sample that was not kept; None where its image is not whole."""
        if not whole_thumbnails(self.study):
            return None
        image = tensors.image_of(self.study, sample)
        own = self.network.features(PIXELS, image, {})
        # Images of floats have thumbnails that are rounded to bytes.
        if own is None or not np.allclose(own, self.study.features(PIXELS)[sample], atol=1e-6):
            return None
        return self.network.activations(image).get(layer)

    def _activation(self, placed: Placed, number: int) -> Resource:
        if number == 0:
            return arrow.tensor(placed.image.transpose(2, 0, 1) / np.float32(255))
        names = list(self._numbers)
        found = None
        if number < len(names):
            found = self.network.activations(placed.image).get(names[number])
        if found is None:
            raise AbsentError("There is no activation of that layer.")
        return arrow.tensor(found)

    def _neighbours(self, placed: Placed, number: int) -> Resource:
        wanted = list(self._numbers)[number : number + 1]
        activations = self.network.activations(placed.image)
        return tables.neighbour_table(
            self.study,
            lambda layer: self.network.features(layer, placed.image, activations),
            layers=wanted,
        )

    def _answer(self, placed: Placed, done: list[str], token: str) -> dict[str, Any]:
        height, width, channels = placed.image.shape
        return {
            "predicted": int(placed.outputs.argmax()),
            "probabilities": [round(float(share), 6) for share in placed.probabilities],
            "image": {"height": height, "width": width, "channels": channels},
            "done": done,
            "places": [
                {
                    "layer": self._numbers[place.layer],
                    "method": place.method,
                    "x": place.x,
                    "y": place.y,
                    "trust": place.trust,
                    "unlike": place.unlike,
                }
                for place in placed.places
            ],
            "activations": list(self._numbers.values()),
            "token": token,
        }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
