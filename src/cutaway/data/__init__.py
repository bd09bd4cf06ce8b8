"""Where images come from, what they look like, and how they reach a network."""

from typing import TYPE_CHECKING, Any

from cutaway.data.describe import describe
from cutaway.data.images import Images, Skipped
from cutaway.data.load import load_data
from cutaway.data.stream import ImageStream
from cutaway.data.summary import Shared, Summary
from cutaway.data.transform import InputTransform, infer_transform

if TYPE_CHECKING:
    from cutaway.data.module import DataModule

__all__ = [
    "DataModule",
    "ImageStream",
    "Images",
    "InputTransform",
    "Shared",
    "Skipped",
    "Summary",
    "describe",
    "infer_transform",
    "load_data",
]


def __getattr__(name: str) -> Any:
    # Lightning takes seconds to import, and only training needs it.
    if name == "DataModule":
        from cutaway.data.module import DataModule

        return DataModule
    raise AttributeError(f"module 'cutaway.data' has no attribute {name!r}; it has {__all__}")
