"""Networks that are no plain classifiers are told how to become one."""

import pytest
import torch
from torch import nn

from cutaway.errors import InputError
from cutaway.study import build_study


class Returning(nn.Module):
    def __init__(self, give, outputs=10):
        super().__init__()
        self.head, self.give = nn.Linear(64, outputs), give

    def forward(self, x):
        return self.give(self.head(x.flatten(1)))


@pytest.mark.parametrize(
    ("network", "advice"),
    [
        (Returning(lambda y: (y, y.mean(1))), r"returns network\(images\)\[0\]"),
        (Returning(lambda y: {"logits": y}), r"as its \.logits|as \.logits"),
        (
            Returning(lambda y: y, outputs=1),
            r"torch\.cat\(\[torch\.zeros_like\(logit\), logit\], 1\)",
        ),
        (Returning(lambda y: y[:, 0], outputs=1), r"torch\.cat"),
        (Returning(lambda y: y[:, :, None, None]), r"flatten\(2\)\.mean\(2\)"),
        (Returning(lambda y: y).half(), r"pass model\.float\(\)"),
    ],
    ids=["tuple", "dict", "one logit", "flat logit", "map", "half"],
)
def test_the_message_says_what_to_do(digits, tmp_path, network, advice):
    with pytest.raises(InputError, match=advice):
        build_study(network, digits, tmp_path / "study")
    assert not list(tmp_path.iterdir())


def test_the_advice_for_one_logit_is_right():
    logit = torch.tensor([[2.0], [-1.0]])
    both = torch.cat([torch.zeros_like(logit), logit], 1)
    assert torch.allclose(both.softmax(1)[:, 1:], logit.sigmoid())
