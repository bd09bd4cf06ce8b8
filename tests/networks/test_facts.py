"""What a model knows about itself."""

import gc
import weakref

from torch import nn

from cutaway.data import InputTransform
from cutaway.networks import class_names_of, remember, transform_of

TRANSFORM = InputTransform(size=8, mean=(0.5,), std=(0.5,), channels=1, origin="given")


def test_facts_are_remembered_beside_the_model():
    model = nn.Linear(2, 2)
    before = set(vars(model))
    remember(model, transform=TRANSFORM)
    remember(model, class_names=("a", "b"))
    assert transform_of(model) == TRANSFORM
    assert class_names_of(model) == ("a", "b")
    assert set(vars(model)) == before


def test_models_do_not_share_facts():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    remember(first, class_names=("a", "b"))
    assert class_names_of(second) is None


def test_a_remembered_model_can_be_freed():
    model = nn.Linear(2, 2)
    remember(model, transform=TRANSFORM)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
