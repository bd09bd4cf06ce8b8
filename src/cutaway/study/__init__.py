"""A Study: all that was learned about a network and a data set, in a folder of open formats."""

from typing import TYPE_CHECKING, Any

from cutaway.study.build import build_study
from cutaway.study.comparison import Comparison, compare
from cutaway.study.layout import PIXELS, SCHEMA_VERSION
from cutaway.study.study import Study, open_study

if TYPE_CHECKING:
    from cutaway.study.callback import StudyCallback

__all__ = [
    "PIXELS",
    "SCHEMA_VERSION",
    "Comparison",
    "Study",
    "StudyCallback",
    "build_study",
    "compare",
    "open_study",
]


def __getattr__(name: str) -> Any:
    # Lightning takes seconds to import, and only training needs it.
    if name == "StudyCallback":
        from cutaway.study.callback import StudyCallback

        return StudyCallback
    raise AttributeError(f"module 'cutaway.study' has no attribute {name!r}; it has {__all__}")
