"""Where images come from, what they look like, and how they reach a network."""

from typing import TYPE_CHECKING, Any

from cutaway.data.describe import describe
from cutaway.data.image_set import ImageSet, Skipped
from cutaway.data.images import Images
from cutaway.data.load import load_data
from cutaway.data.stream import ImageStream
from cutaway.data.streamed import StreamedImages
from cutaway.data.summary import Shared, Summary
from cutaway.data.transform import InputTransform, infer_transform

if TYPE_CHECKING:
    from cutaway.data.module import DataModule

__all__ = [
    "DataModule",
    "ImageSet",
    "ImageStream",
    "Images",
    "InputTransform",
    "Shared",
    "Skipped",
    "StreamedImages",
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
