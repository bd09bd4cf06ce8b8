"""From the name of a resource to its bytes: the one reading of web/PROTOCOL.md in Python."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from cutaway.study import Study
from cutaway.views.explorer import pictures, tables, tensors
from cutaway.views.explorer.overview import overview
from cutaway.views.explorer.resource import JSON, AbsentError, Resource

_DEEP = "This Study does not hold it; build it again with --deep."
_NOTHING_LIVE = {"model": False, "place": False, "draw": False}
_LONGEST_NUMBER = 9


class Resources:
    """Everything that a front end can ask of a Study, by name.

    Args:
        study: What is looked at.
        door: "server", "report" or "widget".
        live: What else can be asked: model, place, draw.
        compute: Gives the activation of a sample that was not kept, where the model is at hand.
    """

    def __init__(
        self,
        study: Study,
        door: str = "server",
        live: dict[str, bool] | None = None,
        compute: tensors.Live | None = None,
    ) -> None:
        self.study = study
        self.door = door
        self.live = live or _NOTHING_LIVE
        self._compute = compute
        self._layers = study.layers["layer"].tolist()
        self._methods = set(study.maps["method"]) if len(study.maps) else set()

    def get(self, name: str) -> Resource:
        """The resource of that name.

        Raises:
            AbsentError: There is none; the message says so to the reader.
        """
        word, *rest = name.split("/")
        found = _ROUTES.get((word, len(rest)))
        if found is None:
            raise AbsentError("There is no such resource.")
        return found(self, *rest)

    def layer(self, number: str) -> str:
        """The name of a layer by its number in a resource's name."""
        return str(self._layers[_number(number, len(self._layers), "layer")])

    def sample(self, number: str) -> int:
        """A sample's id from a resource's name."""
        return _number(number, len(self.study.samples), "sample")

    def method(self, name: str) -> str:
        """A method of maps, if this Study has one."""
        if name not in self._methods:
            raise AbsentError("There is no map by that method.")
        return name

    def overview(self, omitted: list[str] | None = None) -> dict[str, Any]:
        """The content of `study`."""
        return overview(self.study, self.door, dict(self.live), omitted or [])

    def activation(self, layer: str, sample: int) -> Resource:
        """What a layer makes of a sample."""
        return tensors.activation(self.study, layer, sample, self._compute)

    def names(self) -> Iterator[str]:
        """Every resource that a Study of this kind may have, those of one sample left out."""
        yield from ("study", "samples", "confusion", "cka", "cues", "history", "outputs")
        yield from ("adversarial", "adversarial_layers")
        yield from (f"thumbnails/{number}" for number in range(self._atlases))
        yield from (
            f"map/{self._layers.index(row.layer)}/{row.method}"
            for row in self.study.maps.itertuples()
        )
        for layer in range(len(self._layers)):
            yield from (f"filters/{layer}", f"units/{layer}", f"class_means/{layer}")
            yield f"nearest/{layer}"
            units = int((self.study.units["layer"] == self._layers[layer]).sum())
            yield from (f"unit_activation/{layer}/{unit}" for unit in range(units))

    def names_of(self, sample: int) -> Iterator[str]:
        """Every resource of one sample."""
        yield from (f"{word}/{sample}" for word in _OF_A_SAMPLE)
        yield from (f"activation/{layer}/{sample}" for layer in range(len(self._layers)))
        methods = (self.study.record.get("attribution") or {}).get("methods", [])
        yield from (f"attribution/{method}/{sample}" for method in methods)

    @property
    def _atlases(self) -> int:
        layout = self.study.record["thumbnails"]
        return -(-int(layout["count"]) // int(layout["per_atlas"]))


_OF_A_SAMPLE = ("image", "outputs", "neighbours", "adversarial", "adversarial_image")


def _number(text: str, count: int, what: str) -> int:
    # isdigit alone would let other scripts' digits through, and int() signs and spaces.
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise AbsentError(f"There is no such {what}.")
    if int(text) >= count:
        raise AbsentError(f"There is no {what} {int(text)}; there are {count:,}.")
    return int(text)


def _unit(number: str) -> int:
    return _number(number, 10**_LONGEST_NUMBER, "unit")


def _study(of: Resources) -> Resource:
    return Resource(json.dumps(of.overview(), allow_nan=False).encode(), JSON)


def _further(file: str) -> Callable[..., Resource]:
    return lambda of: tables.further(of.study, of.study.folder / file, _DEEP)


def _image(of: Resources, sample: str) -> Resource:
    return pictures.png(tensors.image_of(of.study, of.sample(sample)))


def _attribution(of: Resources, method: str, sample: str) -> Resource:
    return tensors.attribution(of.study, method, of.sample(sample))


_ROUTES: dict[tuple[str, int], Callable[..., Resource]] = {
    ("study", 0): _study,
    ("samples", 0): lambda of: tables.samples(of.study),
    ("confusion", 0): lambda of: tables.confusion(of.study),
    ("history", 0): lambda of: tables.history(of.study),
    ("cka", 0): _further("cka.parquet"),
    ("cues", 0): _further("cues.parquet"),
    ("adversarial", 0): _further("adversarial.parquet"),
    ("adversarial_layers", 0): _further("adversarial/layers.parquet"),
    ("outputs", 0): lambda of: tensors.outputs(of.study),
    ("units", 1): lambda of, layer: tables.units(of.study, of.layer(layer)),
    ("filters", 1): lambda of, layer: tensors.filters(of.study, of.layer(layer)),
    ("class_means", 1): lambda of, layer: tensors.class_means(of.study, of.layer(layer)),
    ("nearest", 1): lambda of, layer: tables.nearest(of.study, of.layer(layer)),
    ("thumbnails", 1): lambda of, number: pictures.thumbnails(of.study, _unit(number)),
    ("image", 1): _image,
    ("outputs", 1): lambda of, sample: tensors.outputs_of(of.study, of.sample(sample)),
    ("neighbours", 1): lambda of, sample: tables.neighbours(of.study, of.sample(sample)),
    ("adversarial", 1): lambda of, sample: tensors.adversarial(of.study, of.sample(sample)),
    ("adversarial_image", 1): lambda of, sample: pictures.png(
        tensors.adversarial_image(of.study, of.sample(sample))
    ),
    ("map", 2): lambda of, layer, method: tables.one_map(
        of.study, of.layer(layer), of.method(method)
    ),
    ("activation", 2): lambda of, layer, sample: of.activation(of.layer(layer), of.sample(sample)),
    ("unit_activation", 2): lambda of, layer, unit: tensors.unit_activation(
        of.study, of.layer(layer), _unit(unit)
    ),
    ("attribution", 2): _attribution,
}
