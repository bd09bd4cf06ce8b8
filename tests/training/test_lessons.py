"""A teacher's answers to every view, asked for once."""

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import DataModule
from cutaway.training.lessons import Lessons


class Counting(nn.Module):
    """Answers with an image's mean and its first pixel, and counts how often it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    def forward(self, images):
        self.asked += 1
        return torch.stack([images.mean(dim=(1, 2, 3)), images[:, 0, 0, 0]], dim=1)


@pytest.mark.parametrize("views", [None, 2])
def test_lessons_are_the_teachers_answers_to_each_view(views):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 6, 6)).astype(np.uint8)
    data = DataModule((pixels, np.arange(60) % 2), shift=2, flip=True, views=views, batch_size=7)
    data.setup()
    teacher = Counting()
    data.targets = Lessons(teacher, data, torch.device("cpu"), "float32")
    loader = data.train_dataloader()
    for _ in range(4):
        for images, _, taught in loader:
            torch.testing.assert_close(taught, Counting()(images))
    assert teacher.asked == (views or 4)
    assert not teacher.training
