"""What the explorer's front end reads of a Study: one set of resources for all three doors."""

from cutaway.views.explorer.resource import AbsentError, Resource
from cutaway.views.explorer.resources import Resources

__all__ = ["AbsentError", "Resource", "Resources"]
