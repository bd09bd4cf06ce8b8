"""What capture must leave alone in any network, held on one: outputs, state, errors, memory."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

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
        self.seconds = 0.0
        self.figures: dict[str, float] = {}
        self.faults: list[str] = []
        self.notes: list[str] = []

    def run(self) -> dict[str, object]:
        """Holds the network to all of them."""
        state = state_of(self.model)
        with torch.random.fork_rng(devices=[]):
            with torch.no_grad():
                bare = self.passed()
                alive = tensors_alive()
                middle = self.hooked(bare)
                left = tensors_alive() - alive
                self.hold(left <= 0, f"{left} tensors stay alive")
                self.broken_off(middle)
            self.trained()
        self.model.eval()
        for what in differences(state, state_of(self.model)):
            self.hold(False, f"{what} changed")
        return {**self.figures, "faults": self.faults, "notes": self.notes}

    def hold(self, kept: bool, fault: str) -> None:
        """Notes a fault where a promise was not kept."""
        if not kept:
            self.faults.append(fault)

    def passed(self) -> tuple[object, torch.Tensor]:
        """What a pass gives, and what it leaves of the random numbers; some networks draw."""
        torch.manual_seed(0)
        start = time.process_time()
        output = self.call(self.model)
        self.seconds = time.process_time() - start
        return output, torch.get_rng_state()

    def hooked(self, bare: tuple[object, torch.Tensor]) -> str:
        """Every layer captured, with what it takes; then up to the layer in the middle alone."""
        if not same(bare, self.passed()):
            raise ValueError("its bare passes differ from each other")
        self.figures["seconds"] = self.seconds
        with capture(self.model) as acts:
            output = self.passed()
        self.figures["ratio"] = self.seconds / max(self.figures["seconds"], 1e-3)
        self.figures["layers"], self.figures["missed"] = len(acts), len(acts.missed)
        self.figures["megabytes"] = held(acts) / 1e6
        self.hold(same(bare[0], output[0]), "the hooked pass gives another output")
        self.hold(same(bare[1], output[1]), "the hooked pass draws other random numbers")
        with capture(self.model, inputs=True):
            output = self.passed()
        self.hold(same(bare, output), "the pass with inputs kept gives another output")
        whole = [address for address in acts if "#" not in address and "[" not in address]
        middle = whole[len(whole) // 2]
        with capture(self.model, middle, stop=True) as early:
            self.passed()
        equal = torch.equal(bits(early[middle]), bits(acts[middle]))
        self.hold(equal, f"a pass that ends after {middle} has another value there")
        return middle

    def broken_off(self, middle: str) -> None:
        """An error inside forward comes out as it is, and the hooks are gone."""
        torch.manual_seed(0)
        state = state_of(self.model)
        planted = self.model.get_submodule(middle).register_forward_pre_hook(_fail)
        with suppress(PlannedError):
            self.call(self.model)
        bare = torch.get_rng_state()
        torch.manual_seed(0)
        with suppress(PlannedError):
            with capture(self.model, inputs=True):
                self.call(self.model)
            self.faults.append("an error inside forward was swallowed")
        hooked = torch.get_rng_state()
        planted.remove()
        self.hold(same(bare, hooked), "a failed pass draws other random numbers")
        torch.manual_seed(0)
        for what in differences(state, state_of(self.model)):
            self.hold(False, f"{what} changed by a failed pass")

    def trained(self) -> None:
        """Forward and backward in train mode: outputs, gradients, statistics, random draws."""
        kept = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.train()
        try:
            bare, again = self.step(), self.step(kept)
            reached = bare.pop("reached")
        except Exception as error:  # noqa: BLE001 (whatever a bare network raises)
            self.notes.append(f"bare it cannot be trained on this input: {first_line(error)}")
            self.model.zero_grad(set_to_none=True)
        else:
            self.model.load_state_dict(kept)
            with capture(self.model, gradients=True) as acts:
                hooked = self.step(reached=reached)
            self.figures["gradients"] = len(acts.gradients)
            for what, value in bare.items():
                if not same(value, again[what]):
                    self.notes.append(f"{what} of two bare steps differ from each other")
                else:
                    self.hold(same(value, hooked[what]), f"{what} of a hooked step differ")
        self.model.load_state_dict(kept)

    def step(
        self,
        state: Mapping[str, Tensor] | None = None,
        reached: Sequence[bool] | None = None,
    ) -> dict[str, Any]:
        """All that a training step makes, up to where the weights would move.

        Args:
            state: What the network starts from, where it is not as it should be.
            reached: Which outputs the loss is made of: those that gradients reach in a bare step.
                With gradients captured they reach more, since a layer's gradient is wanted also
                where the network detaches.
        """
        if state is not None:
            self.model.load_state_dict(state)
        torch.manual_seed(0)
        outputs = tensors_in(self.call(self.model))
        reached = reached or [each.requires_grad for each in outputs]
        chosen = [each for each, wanted in zip(outputs, reached, strict=True) if wanted]
        sum(each.float().square().mean() for each in chosen).backward()
        gradients = [each.grad for each in self.model.parameters()]
        self.model.zero_grad(set_to_none=True)
        return {
            "reached": reached,
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
