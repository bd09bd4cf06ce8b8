"""Kinds of places that images come from, one file each."""

from cutaway.data.sources.find import find_source
from cutaway.data.sources.source import Source

__all__ = ["Source", "find_source"]
