"""What a larger network answers to the training images."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from cutaway.data import DataModule
from cutaway.progress import task

_BATCH = 500


class Lessons:
    """A teacher's logits for every training image in every view, found out when first asked for.

    With `views` of them in a `DataModule`, later epochs cost nothing.

    Args:
        teacher: Takes what the `DataModule`'s transform makes; it goes to `device`, in eval mode.
        data: Set up. Its views say how the images are shown.
        device: Where to run the teacher.
        precision: "float32" or "bfloat16".

    Example:
        >>> import numpy as np
        >>> data = DataModule((np.zeros((50, 8, 8), np.uint8), [0, 1] * 25))
        >>> data.setup()
        >>> teacher = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
        >>> Lessons(teacher, data, torch.device("cpu"), "float32")(0).shape
        torch.Size([36, 2])
    """

    def __init__(
        self, teacher: nn.Module, data: DataModule, device: torch.device, precision: str
    ) -> None:
        # Convolutions on the CPU are faster where the channels of a pixel lie side by side.
        self._teacher = teacher.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._data, self._device, self._low = data, device, precision == "bfloat16"
        self._known: dict[int, Tensor] = {}

    def __call__(self, number: int) -> Float32[Tensor, "samples classes"]:
        """The logits for all images in the view of that number."""
        if number not in self._known:
            self._known[number] = self._answers(number)
        return self._known[number]

    def _answers(self, number: int) -> Tensor:
        dataset = self._data.train_dataset
        view = None if self._data.views is None else self._data.views.at(number)
        answers = []
        self._teacher.eval()
        starts = range(0, len(dataset), _BATCH)
        with (
            torch.no_grad(),
            torch.autocast(self._device.type, torch.bfloat16, enabled=self._low),
            task(f"Asking the teacher about view {number + 1}", total=len(starts)) as progress,
        ):
            for start in starts:
                positions = np.arange(start, min(start + _BATCH, len(dataset)))
                images, _ = dataset.batch(positions)
                if view is not None:
                    images = view.of(images, positions)
                images = images.to(self._device, memory_format=torch.channels_last)
                answers.append(self._teacher(images).float().cpu())
                progress.advance()
        return torch.cat(answers)
