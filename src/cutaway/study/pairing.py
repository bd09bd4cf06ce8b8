"""Which samples two Studies share, and where each stands in either."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from cutaway.errors import InputError
from cutaway.study.study import Study

_LOOKED_AT = 32
_UNLIKE = 8.0


@dataclass(frozen=True)
class Pairing:
    """The same samples in two Studies.

    Attributes:
        first: Their ids in the first.
        second: Their ids in the second, in the same order.
        left_out: How many of the first's and of the second's samples are not shared.
    """

    first: Int64[np.ndarray, " shared"]
    second: Int64[np.ndarray, " shared"]
    left_out: tuple[int, int] = (0, 0)


def pair(first: Study, second: Study) -> Pairing:
    """The samples under study in both, which are known by where they come from.

    References are left out: a network has learned from them.

    Raises:
        InputError: No sample is in both, their classes or labels differ, or what goes by one name
            is not the same image.
    """
    mine, theirs = first.studied, second.studied
    places = dict(zip(theirs["source"], theirs["id"].tolist(), strict=True))
    shared = mine[mine["source"].isin(places)]
    if shared.empty:
        raise InputError(
            f"{_named(first)} and {_named(second)} have no sample in common; expected two Studies "
            "of the same images. Build both from one data set, with the same split and limit"
        )
    _require_same_classes(first, second)
    found = Pairing(
        shared["id"].to_numpy(dtype=np.int64),
        np.array([places[source] for source in shared["source"]], dtype=np.int64),
        (len(mine) - len(shared), len(theirs) - len(shared)),
    )
    _require_same_samples(first, second, found)
    return found


def _named(study: Study) -> str:
    data = study.record["data"]
    return (
        f"{str(study.folder)!r} ({data['name']}, {data['split']}, {len(study.studied):,} samples)"
    )


def _require_same_classes(first: Study, second: Study) -> None:
    if first.class_names != second.class_names or first.labelled != second.labelled:
        raise InputError(
            f"{_named(first)} has the classes {list(first.class_names)} and {_named(second)} "
            f"{list(second.class_names)}; expected the same, in the same order"
        )
    outputs = first.outputs.shape[1], second.outputs.shape[1]
    if outputs[0] != outputs[1]:
        raise InputError(
            f"{_named(first)} is of a network with {outputs[0]} outputs and {_named(second)} of "
            f"one with {outputs[1]}; expected as many"
        )


def _require_same_samples(first: Study, second: Study, found: Pairing) -> None:
    if first.record["data"]["hash"] == second.record["data"]["hash"]:
        return
    if first.labelled:
        one = first.samples["label"].to_numpy()[found.first]
        other = second.samples["label"].to_numpy()[found.second]
        if differing := int((one != other).sum()):
            raise InputError(
                f"{differing:,} of {len(one):,} samples have other labels in {_named(second)} "
                f"than in {_named(first)}; expected two Studies of the same data"
            )
    step = max(1, len(found.first) // _LOOKED_AT)
    for one, other in zip(found.first[::step], found.second[::step], strict=True):
        if not _alike(first.thumbnail(int(one)), second.thumbnail(int(other))):
            raise InputError(
                f"sample {first.samples['source'][one]!r} is another image in {_named(second)} "
                f"than in {_named(first)}; expected two Studies of the same data"
            )


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two thumbnails show the same, apart from what packing them changed."""
    if one.shape != other.shape:
        return False
    return bool(np.abs(one.astype(float) - other.astype(float)).mean() < _UNLIKE)
