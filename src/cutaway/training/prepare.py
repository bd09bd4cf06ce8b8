"""What stands before the first step: the data, a network that fits them, a folder."""

import os
from dataclasses import replace
from typing import Any

from torch import nn

from cutaway.data import DataModule
from cutaway.errors import InputError
from cutaway.networks import CNN, load_model, read_checkpoint, transform_of
from cutaway.networks.cnn import SMALLEST_IMAGE
from cutaway.networks.facts import input_channels
from cutaway.networks.load import Network
from cutaway.networks.teacher import Teacher
from cutaway.training.recipe import RECIPES, Recipe

# What images too small for two blocks of convolutions are enlarged to: Report6's size.
_USUAL_SIDE = 32
_BATCH_SIZE, _SMALL_BATCH_SIZE = 128, 64
# With fewer training images, smaller batches give the optimizer enough steps.
_SMALL_SET = 10_000
_FEWEST_CLASSES = 2


def training_data(
    source: Any,
    network: nn.Module | None,
    batch_size: int | None,
    seed: int,
    recipe: Recipe,
    teacher: nn.Module | None = None,
) -> DataModule:
    """The data, loaded and divided, in the size that the network takes.

    Args:
        source: What `load_data` takes, or a `DataModule`, which is set up and given back.
        network: Its own input transform counts, where it knows one; None stands for `CNN`.
        batch_size: None chooses by the number of training images.
        seed: Fixes the validation part and the order.
        recipe: Says how images are shifted and mirrored, and whether some are held out.
        teacher: Where the network knows no input transform, its own counts: both see the same.
    """
    if isinstance(source, DataModule):
        data = source
    else:
        known = (transform_of(each) for each in (network, teacher) if each is not None)
        transform = next((each for each in known if each is not None), None)
        data = DataModule(
            source,
            batch_size=_BATCH_SIZE if batch_size is None else batch_size,
            seed=seed,
            transform=transform,
            **({} if transform is not None else _form(network)),
            shift=recipe.shift,
            flip=recipe.flip,
            views=recipe.views,
            validate=recipe.validate,
        )
    data.prepare_data()
    data.setup()
    if len(data.class_names) < _FEWEST_CLASSES:
        raise InputError(
            f"{data.train_dataset.images.name!r} has one class, {data.class_names[0]!r}, so there "
            "is nothing to tell apart; expected two or more: a sub-folder each, or other labels"
        )
    if not isinstance(source, DataModule) and batch_size is None:
        small = len(data.train_dataset) < _SMALL_SET
        data.batch_size = _SMALL_BATCH_SIZE if small else _BATCH_SIZE
    return data


def settled_recipe(
    recipe: str | Recipe, teacher: Any, epochs: int | None, learning_rate: float | None
) -> Recipe:
    """The recipe, with what was given besides it.

    Raises:
        InputError: There is no recipe of that name, or it has no use for the teacher.
    """
    if isinstance(recipe, str) and recipe not in RECIPES:
        raise InputError(
            f"recipe={recipe!r} is unknown; expected a Recipe or one of {list(RECIPES)}"
        )
    settings = RECIPES[recipe] if isinstance(recipe, str) else recipe
    if teacher is not None and not settings.teaching:
        raise InputError(
            f"a teacher is given, but recipe={recipe!r} gives its answers no weight; expected "
            'teaching above 0: take recipe="patient", or Recipe(teaching=0.9, ...)'
        )
    return replace(
        settings,
        epochs=settings.epochs if epochs is None else epochs,
        learning_rate=settings.learning_rate if learning_rate is None else learning_rate,
    )


def load_teacher(source: str | os.PathLike[str] | nn.Module) -> nn.Module:
    """A network to learn from: a module, or a checkpoint of `Teacher` or of `CNN`."""
    if isinstance(source, nn.Module):
        return source
    filters = read_checkpoint(source).state_dict.get("body.0.0.weight")
    if filters is None or filters.ndim != 4:
        return load_model(source)
    classes = len(read_checkpoint(source).state_dict["head.weight"])
    return load_model(source, Teacher(filters.shape[1], classes, width=len(filters)))


def _form(network: nn.Module | None) -> dict[str, Any]:
    """What images are brought to: the size of a `CNN`, the channels of a convolution."""
    if network is None:
        return {"image_size": _USUAL_SIDE, "resize_below": SMALLEST_IMAGE}
    size = network.image_size if isinstance(network, CNN) else None
    return {"image_size": size, "channels": input_channels(network)}


def fitting_cnn(data: DataModule) -> CNN:
    """Report6's network in the data's size, channels and classes."""
    transform = data.transform
    return CNN(transform.channels, len(data.class_names), (transform.height, transform.width))


def described(network: nn.Module, given: Network | None) -> dict[str, Any]:
    """The network's name and arguments, as far as plain values can say them."""
    if isinstance(network, CNN):
        arguments = {
            "in_channels": network.in_channels,
            "classes": network.classes,
            "image_size": list(network.image_size),
        }
        return {"name": "CNN", "arguments": arguments}
    kind = type(network)
    name = given if isinstance(given, str) else f"{kind.__module__}:{kind.__qualname__}"
    return {"name": name, "arguments": {}}
