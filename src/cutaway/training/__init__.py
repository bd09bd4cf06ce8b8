"""Training a network on a data set."""

from typing import TYPE_CHECKING, Any

from cutaway.training.recipe import RECIPES, Recipe

if TYPE_CHECKING:
    from cutaway.training.fit import TrainingRun, train

__all__ = ["RECIPES", "Recipe", "TrainingRun", "train"]


def __getattr__(name: str) -> Any:
    # Lightning takes seconds to import, and only training itself needs it.
    if name in {"TrainingRun", "train"}:
        from cutaway.training import fit

        return getattr(fit, name)
    raise AttributeError(f"module 'cutaway.training' has no attribute {name!r}; it has {__all__}")
