"""How findings are worded, and how what they touch is counted."""

from collections.abc import Sequence

Number = float | int
"""A count or a share; an exact checker of types takes no int for a float."""

_LISTED = 8


def plural(noun: str, number: int) -> str:
    """A noun as it stands after a number."""
    if number == 1:
        return noun
    return noun + ("es" if noun.endswith("s") else "s")


def called(layer: object, *, first: bool = False) -> str:
    """A layer's name in a sentence; one of digits alone, as in `nn.Sequential`, needs a word.

    Args:
        layer: Its address.
        first: Whether the sentence begins with it.

    Example:
        >>> called("conv1"), called("4.0#1"), called("7", first=True)
        ('conv1', 'layer 4.0#1', 'Layer 7')
    """
    name = str(layer)
    if any(character.isalpha() for character in name):
        return name
    return f"{'Layer' if first else 'layer'} {name}"


def listed(units: Sequence[int]) -> str:
    """Numbers of units in words.

    Example:
        >>> listed([3]), listed([3, 5])
        ('number 3', 'numbers 3, 5')
    """
    shown = ", ".join(str(unit) for unit in units[:_LISTED])
    if len(units) > _LISTED:
        return f"numbers {shown} and others"
    return f"number{'s' if len(units) > 1 else ''} {shown}"


def share(part: Number, whole: Number) -> float:
    """What part of a whole is, in [0, 1]; 0 of nothing.

    Example:
        >>> share(1, 4), share(1, 0), share(5, 4)
        (0.25, 0.0, 1.0)
    """
    return min(float(part) / float(whole), 1.0) if whole else 0.0
