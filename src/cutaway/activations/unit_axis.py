"""Which axis of a layer's output counts its units."""

from torch import nn

_UNITS_LAST = (nn.Linear, nn.Bilinear, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
_UNITS_FIRST = (nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d, nn.InstanceNorm1d, nn.MaxPool1d)


def unit_axis(module: nn.Module, shape: tuple[int, ...]) -> int:
    """Which axis of a sample's output counts units: channels of maps, features of tokens.

    Example:
        >>> unit_axis(nn.Conv2d(3, 8, 3), (8, 30, 30)), unit_axis(nn.Linear(4, 8), (16, 8))
        (0, 1)
    """
    last = len(shape) - 1
    if type(module) is nn.LayerNorm or isinstance(module, _UNITS_LAST):
        return last
    if len(shape) == 2 and not isinstance(module, _UNITS_FIRST):
        return last
    return 0
