"""The mappings that capture fills: from address to tensor."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from torch import Tensor

from cutaway.activations.calls import Passes
from cutaway.activations.operations import Operations
from cutaway.errors import InputError


class AddressError(InputError, KeyError):
    """An address holds nothing; the message says why and what there is."""

    def __str__(self) -> str:
        """The message as it is; KeyError would put quotes around it."""
        return str(self.args[0])


class Captured(Mapping[str, Tensor]):
    """A read-only mapping from address to detached tensor, in the order in which they came.

    Args:
        tensors: What it shows; whoever captures fills it.
        kind: What it holds, for messages: "activation", "input" or "gradient".
        absence: Tells why an address holds nothing.
    """

    def __init__(
        self, tensors: dict[str, Tensor], kind: str, absence: Callable[[str], str]
    ) -> None:
        self._tensors = tensors
        self._kind = kind
        self._absence = absence

    def __getitem__(self, address: str) -> Tensor:
        """The tensor at an address; AddressError where there is none."""
        try:
            return self._tensors[address]
        except KeyError:
            held = ", ".join(self._tensors) or "nothing"
            raise AddressError(
                f"no {self._kind} at {address!r}: {self._absence(address)}; there is {held}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        """Addresses in the order in which they came."""
        return iter(self._tensors)

    def __len__(self) -> int:
        """How many tensors there are."""
        return len(self._tensors)

    def __repr__(self) -> str:
        """A line for each address with its shape."""
        lines = [f"  {address}: {tuple(tensor.shape)}" for address, tensor in self._tensors.items()]
        return "\n".join([f"{len(self)} captured {self._kind}s", *lines])


class Activations(Captured):
    """What the chosen layers returned in the latest forward pass, by address.

    `inputs` and `gradients` are mappings with the same addresses; each is empty where `capture` was
    not asked for it.

    Args:
        passes: Knows which of the chosen layers ran.
        operations: Knows which of the chosen operations ran.
        outputs: Filled with what layers returned.
        inputs: Filled with what layers took.
        gradients: Filled with the gradients at what layers returned.
    """

    def __init__(
        self,
        passes: Passes,
        operations: Operations,
        outputs: dict[str, Tensor],
        inputs: dict[str, Tensor],
        gradients: dict[str, Tensor],
    ) -> None:
        # What says why holds no reference to this mapping: a cycle would keep the tensors alive.
        super().__init__(outputs, "activation", partial(_no_output, passes))
        self._passes = passes
        self._operations = operations
        self.inputs = Captured(inputs, "input", partial(_no_input, passes))
        self.gradients = Captured(gradients, "gradient", partial(_no_gradient, passes, outputs))

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of layers that were chosen and did not run in the latest forward pass.

        Patterns of operations that matched nothing stand among them.
        """
        return (*self._passes.missed, *self._operations.missed)


def _no_output(passes: Passes, address: str) -> str:
    if address in passes.aliases:
        return f"it is the same module as {passes.aliases[address]!r}, whose address it has"
    if "/" in address:
        return "no such operation was chosen and ran"
    name = passes.name_in(address)
    if name is None:
        return "no such layer was chosen"
    if name in passes.missed:
        return "the layer was chosen and did not run"
    return "the layer ran, and returned no tensor there"


def _no_input(passes: Passes, address: str) -> str:
    if passes.name_in(address) in {None, *passes.missed}:
        return _no_output(passes, address)
    return "the layer took no tensor there, or capture was not given inputs=True"


def _no_gradient(passes: Passes, outputs: dict[str, Tensor], address: str) -> str:
    if address not in outputs:
        return _no_output(passes, address)
    return "no backward pass inside the block reached it, or capture was not given gradients=True"
