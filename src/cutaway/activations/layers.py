"""The layers of a network, by name, and choosing among them."""

import difflib
import fnmatch
import re
from collections.abc import Callable, Collection, Container, Iterable
from typing import Any

from torch import nn

from cutaway.activations.refusals import require_followed
from cutaway.errors import InputError

Layers = str | type | Callable[[str, nn.Module], bool] | Iterable | None
"""What chooses layers: a glob, a type, a callable (name, module) -> bool, a list of these, None."""

_LISTED = 30
_COMPILED_PREFIX = "_orig_mod"
# Their own children are parameters' homes: attention reads out_proj's weight and never calls it.
_WHOLE = (nn.MultiheadAttention,)


def named_layers(model: nn.Module) -> dict[str, nn.Module]:
    """The modules of a network that can be captured, by name, in `named_modules()` order.

    Names are those of `named_modules()`, which gives a module that stands at two places its first
    name only. The network itself is not among them, unless it has no children that run: then it is
    the one layer and has its class for a name. A compiled module's wrapper is left out of names,
    and so are the modules that compute a parametrized weight.

    Example:
        >>> list(named_layers(nn.Sequential(nn.Linear(2, 3), nn.ReLU())))
        ['0', '1']
        >>> list(named_layers(nn.ReLU()))
        ['ReLU']
    """
    model = uncompiled(model)
    layers: dict[str, nn.Module] = {}
    for full_name, module in model.named_modules():
        name = _without_wrapper(full_name)
        if name and "parametrizations" not in name.split("."):
            layers[name] = uncompiled(module)
    alone = not layers or isinstance(model, _WHOLE)
    return {type(model).__name__: model} if alone else layers


def _without_wrapper(name: str) -> str:
    return ".".join(part for part in name.split(".") if part != _COMPILED_PREFIX)


def uncompiled(module: nn.Module) -> nn.Module:
    """The module that `torch.compile` wrapped, or the module itself where it is not compiled."""
    inner = getattr(module, _COMPILED_PREFIX, None)
    return module if inner is None else uncompiled(inner)


def select_layers(model: nn.Module, layers: Layers = None) -> tuple[str, ...]:
    """Names of the chosen layers, in `named_modules()` order.

    Args:
        model: Any network.
        layers: A glob on names such as "block*", a module type such as `nn.Conv2d`, a callable
            (name, module) -> bool, or a list of these, of which each must match. None is every
            leaf, that is every module without children. A module that stands at two places
            matches by either name and has its first.

    Raises:
        InputError: Nothing matches, a chosen layer is one that hooks cannot follow (TorchScript,
            fully sharded), or its name is what another layer's second call is called.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten())
        >>> select_layers(model, nn.Conv2d)
        ('0',)
        >>> select_layers(model, ["0", "2"])
        ('0', '2')
    """
    known = named_layers(model)
    single = layers is None or isinstance(layers, str | type) or callable(layers)
    wanted = [layers] if single else _as_list(layers)
    chosen: set[str] = set()
    for choice in wanted:
        matched = _matched(known, choice) or _matched_elsewhere(model, choice)
        if not matched:
            raise InputError(_no_match(model, known, choice))
        chosen.update(matched)
    names = tuple(name for name in known if name in chosen)
    for name in names:
        require_followed(name, known[name])
        _require_own_name(name, known)
    return names


def _as_list(layers: Layers) -> list:
    if not isinstance(layers, Iterable):
        raise InputError(f"layers={layers!r} is of type {type(layers).__name__}; {_EXPECTED}")
    wanted = list(layers)
    if not wanted:
        raise InputError(f"layers={layers!r} chooses nothing; {_EXPECTED}")
    return wanted


_EXPECTED = (
    'expected a glob such as "block*", a module type, a callable (name, module) -> bool, '
    "a list of these, or None for every leaf"
)


def _matched(known: dict[str, nn.Module], choice: Any) -> list[str]:
    if choice is None:
        return [name for name, module in known.items() if _is_leaf(name, module, known)]
    if isinstance(choice, str):
        return [name for name in known if name == choice or fnmatch.fnmatchcase(name, choice)]
    if isinstance(choice, type):
        return [name for name, module in known.items() if isinstance(module, choice)]
    if callable(choice):
        return [name for name, module in known.items() if choice(name, module)]
    raise InputError(f"layers holds {choice!r}, of type {type(choice).__name__}; {_EXPECTED}")


def other_names(model: nn.Module) -> dict[str, str]:
    """Further names of modules that stand at several places, each with the first name.

    Example:
        >>> shared = nn.Linear(2, 2)
        >>> other_names(nn.ModuleDict({"encoder": shared, "decoder": shared}))
        {'decoder': 'encoder'}
    """
    firsts = {id(module): name for name, module in named_layers(model).items()}
    everywhere = uncompiled(model).named_modules(remove_duplicate=False)
    names = {_without_wrapper(name): firsts.get(id(uncompiled(each))) for name, each in everywhere}
    return {name: first for name, first in names.items() if first is not None and first != name}


def _matched_elsewhere(model: nn.Module, choice: Any) -> list[str]:
    """First names of the modules whose further names match, where these alone do."""
    if not isinstance(choice, str):
        return []
    others = other_names(model)
    return [others[name] for name in others if name == choice or fnmatch.fnmatchcase(name, choice)]


def _require_own_name(name: str, known: dict[str, nn.Module]) -> None:
    """Raises InputError where a layer's name is also the address of a call of another layer."""
    if not {"#", "["}.intersection(name):
        return
    other = layer_of(name, known.keys() - {name})
    if other is not None:
        raise InputError(
            f"layer {name!r} is named as calls of layer {other!r} are addressed; expected names "
            "that cannot be confused. Rename one of the two modules"
        )


def _is_leaf(name: str, module: nn.Module, known: dict[str, nn.Module]) -> bool:
    inside = any(isinstance(known.get(parent), _WHOLE) for parent in _parents(name))
    children = [child for child, _ in module.named_children() if child != "parametrizations"]
    return not inside and (isinstance(module, _WHOLE) or not children)


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _no_match(model: nn.Module, known: dict[str, nn.Module], choice: Layers) -> str:
    if isinstance(choice, str):
        return unmatched("layers", choice, model, known)
    kinds = sorted({type(module).__name__ for module in known.values()})
    shown = getattr(choice, "__name__", repr(choice))
    return f"{unmatched('layers', shown, model, known)}, of type {', '.join(kinds)}"


def matching_parameters(model: nn.Module, pattern: str) -> dict[str, nn.Parameter]:
    """A network's parameters whose names match a glob.

    Raises:
        InputError: None matches.

    Example:
        >>> list(matching_parameters(nn.Linear(2, 3), "w*"))
        ['weight']
    """
    known = dict(model.named_parameters())
    matched = {name: known[name] for name in known if fnmatch.fnmatchcase(name, pattern)}
    if not matched:
        raise InputError(unmatched("parameters", pattern, model, known))
    return matched


def layer_of(address: str, names: Container[str]) -> str | None:
    """The layer that an address belongs to, or None where it is none of `names`.

    Example:
        >>> layer_of("lstm#1[1][0]", {"lstm"})
        'lstm'
    """
    layer = address
    while layer not in names and layer.endswith("]"):
        layer = layer.rpartition("[")[0]
    if layer not in names:
        layer = layer.rpartition("#")[0]
    return layer if layer in names else None


def unmatched(argument: str, pattern: str, model: nn.Module, names: Collection[str]) -> str:
    """Says that a pattern matches none of a network's layers or parameters, and what there is.

    Example:
        >>> unmatched("layers", "blok", nn.ReLU(), ["block", "head"])
        'layers="blok" matches no layer of ReLU; its layers are block, head; did you mean "block"?'
    """
    listed = ", ".join(list(names)[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    suggestion = _suggestion(list(names), pattern)
    hint = f'; did you mean "{suggestion}"?' if suggestion else ""
    class_name = type(uncompiled(model)).__name__
    return (
        f'{argument}="{pattern}" matches no {argument.removesuffix("s")} of {class_name}; '
        f"its {argument} are {listed}{hint}"
    )


def _suggestion(names: list[str], pattern: str) -> str | None:
    """The pattern with the part before its first wildcard put right, where that matches a layer."""
    if "#" in pattern:
        return _suggestion(names, pattern.partition("#")[0])
    stem = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    rest = pattern[len(stem) :]
    lengths = range(max(len(stem) - 1, 1), len(stem) + 2)
    candidates = {name[:length] for name in names for length in lengths} if rest else set(names)
    for close in difflib.get_close_matches(stem, sorted(candidates), n=5, cutoff=0.6):
        if any(fnmatch.fnmatchcase(name, close + rest) for name in names):
            return close + rest
    return None
