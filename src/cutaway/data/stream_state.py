"""A stream's state as plain JSON values, and back from anyone's file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutaway.data.form import Form
from cutaway.data.image_set import Skipped
from cutaway.data.passage import Breaks, Position
from cutaway.data.remarks import Tally
from cutaway.errors import InputError

VERSION = 1
_KEYS = {
    "version",
    "asked",
    "position",
    "form",
    "class_names",
    "ends",
    "broken",
    "skipped",
    "tally",
}


@dataclass
class Progress:
    """Where a pass is, and what was noticed in it."""

    position: Position = field(default_factory=Position)
    breaks: Breaks = field(default_factory=Breaks)
    tally: Tally = field(default_factory=Tally)
    skipped: list[Skipped] = field(default_factory=list)
    left_out: int = 0


def write_state(
    progress: Progress,
    asked: Mapping[str, Any],
    form: Mapping[str, Any],
    class_names: tuple[str, ...] | None,
) -> dict[str, Any]:
    """The state of a pass; its size grows with nothing but what was left out."""
    tally = progress.tally
    return {
        "version": VERSION,
        "asked": dict(asked),
        "position": progress.position.to_dict(),
        "form": dict(form),
        "class_names": None if class_names is None else list(class_names),
        "ends": [[shard, end] for shard, end in progress.breaks.ends.items()],
        "broken": [[one.source, one.reason] for one in progress.breaks.names],
        "skipped": [[one.source, one.reason] for one in progress.skipped],
        "tally": {
            "count": tally.count,
            "left_out": progress.left_out,
            "kinds": dict(tally.kinds),
            "smallest": tally.smallest,
            "largest": tally.largest,
        },
    }


def read_state(
    state: Mapping[str, Any], asked: Mapping[str, Any]
) -> tuple[Progress, Form, tuple[str, ...] | None]:
    """Progress, form and class names from what `write_state` wrote.

    Raises:
        InputError: A value is not what it should be, or the state is of another stream.
    """
    if not isinstance(state, Mapping) or set(state) != _KEYS or state["version"] != VERSION:
        raise InputError(
            f"state is no version {VERSION} state of an ImageStream; expected what `state_dict` "
            "gave. Begin a new pass without it"
        )
    theirs = state["asked"] if isinstance(state["asked"], Mapping) else {}
    for name, mine in asked.items():
        if theirs.get(name) != mine:
            raise InputError(
                f"state is of a stream with {name}={theirs.get(name)!r}, and this one has "
                f"{name}={mine!r}; expected the same set, shuffled, limited and divided alike"
            )
    position, form = Position.from_dict(state["position"]), Form.from_dict(state["form"])
    try:
        return _progress(state, position), form, _names(state["class_names"])
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(
            f"state is damaged ({error}); expected what `state_dict` gave. Begin a new pass"
        ) from error


def _progress(state: Mapping[str, Any], position: Position) -> Progress:
    tally = state["tally"]
    return Progress(
        position=position,
        breaks=Breaks(
            {int(shard): int(end) for shard, end in state["ends"]}, _skipped(state["broken"])
        ),
        tally=Tally(
            int(tally["count"]),
            _pair(tally["smallest"]),
            _pair(tally["largest"]),
            Counter({str(kind): int(count) for kind, count in tally["kinds"].items()}),
        ),
        skipped=_skipped(state["skipped"]),
        left_out=int(tally["left_out"]),
    )


def _skipped(pairs: Any) -> list[Skipped]:
    return [Skipped(str(source), str(reason)) for source, reason in pairs]


def _pair(value: Any) -> tuple[int, int] | None:
    return None if value is None else (int(value[0]), int(value[1]))


def _names(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(name) for name in value)
