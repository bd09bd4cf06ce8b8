"""A Study: all that was learned about a network and a data set, in a folder of open formats."""

from cutaway.study.build import build_study
from cutaway.study.layout import PIXELS, SCHEMA_VERSION
from cutaway.study.study import Study, open_study

__all__ = ["PIXELS", "SCHEMA_VERSION", "Study", "build_study", "open_study"]
