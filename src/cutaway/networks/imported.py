"""Models from a user's own code: `package.module:function`."""

import importlib
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from torch import nn

from cutaway.errors import InputError

_FORM = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
# One letter before a colon is a drive of Windows, not a module.
_SHORTEST_MODULE = 2


def is_import(source: str) -> bool:
    """Whether a text has the form `package.module:function`.

    Example:
        >>> is_import("zoo.nets:tiny"), is_import("runs/best.ckpt"), is_import("C:best")
        (True, False, False)
    """
    return _FORM.fullmatch(source) is not None and source.index(":") >= _SHORTEST_MODULE


def model_from_import(source: str) -> nn.Module:
    """Imports a module of the user's and calls a function of it that returns a model.

    The module is looked for as `import` does it, and in the working folder after that.

    Args:
        source: Such as `"zoo.nets:tiny"`; a class works as well as a function, without arguments.

    Raises:
        InputError: There is no such module or function, or it returns no `nn.Module`.

    Example:
        >>> model_from_import("torch.nn:Identity")
        Identity()
    """
    if not is_import(source):
        raise InputError(
            f"{source!r} names no network; expected 'package.module:function' or 'timm:NAME'"
        )
    module_name, _, function_name = source.partition(":")
    function = _found(_imported(module_name, source), function_name, source)
    try:
        model = function()
    except TypeError as error:
        raise InputError(
            f"{source!r} could not be called without arguments ({error}); expected a function that "
            "needs none and returns a torch.nn.Module"
        ) from error
    if not isinstance(model, nn.Module):
        raise InputError(
            f"{source!r} returned a {type(model).__name__}; expected a torch.nn.Module"
        )
    return model


def _imported(name: str, source: str) -> Any:
    sys.path.append("")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A module that is there, but misses one of its own imports, keeps its own error.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise InputError(
            f"{source!r}: there is no module {error.name!r}; expected one that is installed or "
            "lies in the working folder: check the spelling, or start from the folder that holds it"
        ) from error
    finally:
        sys.path.remove("")


def _found(module: Any, name: str, source: str) -> Callable[[], Any]:
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            close = get_close_matches(part, dir(found), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise InputError(f"{source!r}: {module.__name__} has no {name!r}{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise InputError(
            f"{source!r} is a {type(found).__name__}; expected a function that returns a model"
        )
    return found
