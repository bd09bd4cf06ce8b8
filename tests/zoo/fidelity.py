"""What capture must leave alone in any network, held on one: outputs, state, errors, memory."""

import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from cutaway.activations import capture
from tests.zoo.states import bits, differences, same, state_of, tensors_alive, tensors_in

Call = Callable[[nn.Module], object]


class PlannedError(Exception):
    """Raised inside forward on purpose."""


class Examination:
    """Figures about one network, and a sentence for each promise that capture broke.

    Args:
        model: With random weights.
        call: Calls it with an input that it takes.
    """

    def __init__(self, model: nn.Module, call: Call) -> None:
        self.model = model.eval()
        self.call = call
        self.figures: dict[str, float] = {}
        self.faults: list[str] = []
        self.notes: list[str] = []

    def run(self) -> dict[str, object]:
        """Holds the network to all of them."""
        state = state_of(self.model)
        with torch.no_grad():
            bare = self.bare()
            alive = tensors_alive()
            middle = self.hooked(bare)
            left = tensors_alive() - alive
            self.hold(left <= 0, f"{left} tensors stay alive")
            self.broken_off(middle)
        with torch.random.fork_rng(devices=[]):
            self.trained()
        self.model.eval()
        for what in differences(state, state_of(self.model)):
            self.hold(False, f"{what} changed")
        return {**self.figures, "faults": self.faults, "notes": self.notes}

    def hold(self, kept: bool, fault: str) -> None:
        """Notes a fault where a promise was not kept."""
        if not kept:
            self.faults.append(fault)

    def bare(self) -> object:
        """What the network gives without hooks; it must be the same each time to be compared."""
        self.call(self.model)
        start = time.process_time()
        output = self.call(self.model)
        self.figures["seconds"] = time.process_time() - start
        if not same(output, self.call(self.model)):
            raise ValueError("its bare passes differ from each other")
        return output

    def hooked(self, bare: object) -> str:
        """Every layer captured, with what it takes; then up to the layer in the middle alone."""
        with capture(self.model) as acts:
            start = time.process_time()
            output = self.call(self.model)
            seconds = time.process_time() - start
        self.figures["ratio"] = seconds / max(self.figures["seconds"], 1e-3)
        self.figures["layers"], self.figures["missed"] = len(acts), len(acts.missed)
        self.figures["megabytes"] = held(acts) / 1e6
        self.hold(same(bare, output), "the hooked pass gives another output")
        with capture(self.model, inputs=True):
            output = self.call(self.model)
        self.hold(same(bare, output), "the pass with inputs kept gives another output")
        whole = [address for address in acts if "#" not in address and "[" not in address]
        middle = whole[len(whole) // 2]
        with capture(self.model, middle, stop=True) as early:
            self.call(self.model)
        equal = torch.equal(bits(early[middle]), bits(acts[middle]))
        self.hold(equal, f"a pass that ends after {middle} has another value there")
        return middle

    def broken_off(self, middle: str) -> None:
        """An error inside forward comes out as it is, and the hooks are gone."""
        state = state_of(self.model)
        planted = self.model.get_submodule(middle).register_forward_pre_hook(_fail)
        try:
            with capture(self.model, inputs=True):
                self.call(self.model)
            self.faults.append("an error inside forward was swallowed")
        except PlannedError:
            pass
        finally:
            planted.remove()
        for what in differences(state, state_of(self.model)):
            self.hold(False, f"{what} changed by a failed pass")

    def trained(self) -> None:
        """Forward and backward in train mode: outputs, gradients, statistics, random draws."""
        kept = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.train()
        try:
            bare, again = self.step(), self.step(kept)
        except Exception as error:  # noqa: BLE001 (whatever a bare network raises)
            self.notes.append(f"bare it cannot be trained on this input: {first_line(error)}")
            self.model.zero_grad(set_to_none=True)
        else:
            self.model.load_state_dict(kept)
            with capture(self.model, gradients=True) as acts:
                hooked = self.step()
            self.figures["gradients"] = len(acts.gradients)
            for what, value in bare.items():
                if not same(value, again[what]):
                    self.notes.append(f"{what} of two bare steps differ from each other")
                else:
                    self.hold(same(value, hooked[what]), f"{what} of a hooked step differ")
        self.model.load_state_dict(kept)

    def step(self, state: Mapping[str, Tensor] | None = None) -> dict[str, object]:
        """All that a training step makes, up to where the weights would move."""
        if state is not None:
            self.model.load_state_dict(state)
        torch.manual_seed(0)
        outputs = [each for each in tensors_in(self.call(self.model)) if each.requires_grad]
        sum(each.float().square().mean() for each in outputs).backward()
        gradients = [each.grad for each in self.model.parameters()]
        self.model.zero_grad(set_to_none=True)
        return {
            "outputs": [each.detach().clone() for each in outputs],
            "gradients": gradients,
            "running statistics": [each.clone() for each in self.model.buffers()],
            "random numbers": torch.get_rng_state(),
        }


def held(tensors: Mapping[str, Tensor]) -> int:
    """Bytes that captured tensors take, those that share memory counted once."""
    storages = {each.untyped_storage().data_ptr(): each for each in tensors.values()}
    return sum(each.untyped_storage().nbytes() for each in storages.values())


def first_line(error: BaseException) -> str:
    """An error as one line of a table."""
    text = str(error).strip().split("\n")[0][:120]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _fail(*_call: object) -> None:
    raise PlannedError
