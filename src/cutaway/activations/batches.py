"""Batches of a data set, from the first sample or from any other."""

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from torch import Tensor

from cutaway.activations.spans import Spans
from cutaway.errors import InputError


@runtime_checkable
class Batches(Protocol):
    """Batches of which any part can be had, also by another process."""

    batch_size: int

    def part(self, start: int, stop: int) -> Iterable[Tensor]:
        """The batches of samples `start` to `stop`; what is returned can be sent to a process."""


def remaining(
    batches: Iterable[Tensor] | Batches, done: Spans, samples: int
) -> Iterator[tuple[int, Iterable[Tensor]]]:
    """What is left to do: the first sample of each stretch, and its batches.

    Args:
        batches: All of them.
        done: Which samples went by already; they end between batches.
        samples: How many there are.

    Raises:
        InputError: Batches do not end where samples went by already, or samples are missing between
            others and the batches can only be gone through from the first.
    """
    gaps = list(done.gaps(samples))
    if isinstance(batches, Batches):
        for start, stop in gaps:
            yield start, batches.part(start, stop)
        return
    for first, stop in gaps:
        if stop < samples:
            raise InputError(
                f"samples {first} to {stop} are missing between others that workers took; expected "
                "Batches, of which any part can be had. Choose another folder or key"
            )
        yield first, _without(batches, first)


def _without(batches: Iterable[Tensor], samples: int) -> Iterator[Tensor]:
    passed = 0
    for batch in batches:
        if passed >= samples:
            yield batch
        else:
            passed += len(batch)
            if passed > samples:
                raise InputError(
                    f"a batch ends at sample {passed}, and the pass to go on with stopped at "
                    f"{samples}; expected the same batches. Choose another folder or key"
                )
