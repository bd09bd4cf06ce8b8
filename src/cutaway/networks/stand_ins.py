"""Inert stand-ins for the classes that Lightning's checkpoints name.

A checkpoint is a pickle, and a pickle names classes. torch's restricted reader refuses every name
that it was not given. Lightning before 1.5 keyed the state of its callbacks by their classes, and
every version stores hyper-parameters as the user gave them, so whole runs cannot be read without
some names. Each name of the fixed list below is answered with a class of ours that does nothing:
no name is ever looked up in an installed package, and no code of the file's choosing runs.

The list was drawn up from files that Lightning 1.2, 1.4, 1.6, 1.9 and 2.6 wrote, and from the
callbacks' names in the sources of 0.9 to 1.4.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# Where Lightning kept its callbacks while their classes were the keys (0.10 to 1.4).
_CALLBACKS = {
    "base": ("Callback",),
    "early_stopping": ("EarlyStopping",),
    "finetuning": ("BackboneFinetuning", "BaseFinetuning"),
    "gpu_stats_monitor": ("GPUStatsMonitor",),
    "gpu_usage_logger": ("GpuUsageLogger",),
    "gradient_accumulation_scheduler": ("GradientAccumulationScheduler",),
    "lambda_function": ("LambdaCallback",),
    "lr_logger": ("LearningRateLogger",),
    "lr_monitor": ("LearningRateMonitor",),
    "model_checkpoint": ("ModelCheckpoint",),
    "prediction_writer": ("BasePredictionWriter",),
    "progress": ("ProgressBar", "ProgressBarBase"),
    "pruning": ("ModelPruning",),
    "quantization": ("QuantizationAwareTraining",),
    "stochastic_weight_avg": ("StochasticWeightAveraging",),
    "timer": ("Timer",),
    "xla_stats_monitor": ("XLAStatsMonitor",),
}
_LIGHTNING = ("pytorch_lightning", "lightning.pytorch")
# Names of the arguments, enumerations and paths that users and Trainers put among hyper-parameters.
_LIGHTNING_VALUES = (
    "utilities.argparse._gpus_arg_default",
    "utilities.argparse_utils._gpus_arg_default",
    "utilities.enums.AMPType",
    "utilities.enums.DeviceType",
    "utilities.enums.DistributedType",
    "utilities.enums.GradClipAlgorithmType",
    "utilities.enums.PrecisionType",
    "utilities.enums._FaultTolerantMode",
)
_VALUES = (
    "argparse.Namespace",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "numpy.ndarray",
    "omegaconf.base.ContainerMetadata",
    "omegaconf.base.Metadata",
    "omegaconf.dictconfig.DictConfig",
    "omegaconf.listconfig.ListConfig",
    "omegaconf.nodes.AnyNode",
    "omegaconf.nodes.BooleanNode",
    "omegaconf.nodes.FloatNode",
    "omegaconf.nodes.IntegerNode",
    "omegaconf.nodes.StringNode",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "pathlib.PureWindowsPath",
    "pathlib.WindowsPath",
    "torchmetrics.utilities.enums.AverageMethod",
    "torchmetrics.utilities.enums.ClassificationTask",
    "torchmetrics.utilities.enums.DataType",
    "torchmetrics.utilities.enums.EnumStr",
    "torchmetrics.utilities.enums.MDMCAverageMethod",
    "typing.Any",
)
# What a LightningModule's constructor is commonly given beside numbers: classes and instances of
# losses, activations and optimizers, which `save_hyperparameters` keeps as they are.
_ACTIVATIONS = (
    "ELU",
    "GELU",
    "Hardswish",
    "LeakyReLU",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
)
_LOSSES = (
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SmoothL1Loss",
)
_OPTIMIZERS = (
    "adam.Adam",
    "adagrad.Adagrad",
    "adamw.AdamW",
    "nadam.NAdam",
    "radam.RAdam",
    "rmsprop.RMSprop",
    "sgd.SGD",
)
_TORCH = (
    *(f"torch.nn.modules.activation.{name}" for name in _ACTIVATIONS),
    *(f"torch.nn.modules.loss.{name}" for name in _LOSSES),
    *(f"torch.optim.{name}" for name in _OPTIMIZERS),
)
# Lightning's dictionary with attribute access is read as a plain dictionary.
_DICTIONARIES = (
    "lightning.fabric.utilities.data.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
    "lightning.pytorch.utilities.parsing.AttributeDict",
    "pytorch_lightning.utilities.parsing.LightningDict",
)


class StandIn:
    """What a named object of a checkpoint becomes: it takes any arguments and does nothing.

    The state that the file gives it is kept as data where it is a dictionary, so that the entries
    of an `argparse.Namespace` can be read.

    Example:
        >>> StandIn("any", 3, key=None).entries
        mappingproxy({})
    """

    entries: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, *_: Any, **__: Any) -> None:
        """Ignores every argument."""

    def __setstate__(self, state: Any) -> None:
        """Keeps a dictionary of plain keys as data and forgets anything else."""
        if isinstance(state, dict):
            self.entries = {k: v for k, v in state.items() if type(k) is str}


def known_names() -> tuple[str, ...]:
    """The names, beside those that torch itself allows, that a checkpoint may hold, sorted.

    Example:
        >>> "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint" in known_names()
        True
    """
    callbacks = [
        f"{package}.callbacks.{module}.{name}"
        for package in _LIGHTNING
        for module, names in _CALLBACKS.items()
        for name in names
    ]
    values = [f"{package}.{name}" for package in _LIGHTNING for name in _LIGHTNING_VALUES]
    return tuple(sorted({*callbacks, *values, *_VALUES, *_TORCH, *_DICTIONARIES}))


def stand_ins() -> list[tuple[type, str]]:
    """A stand-in for every known name, as `torch.serialization.safe_globals` takes them."""
    return [(_stand_in(name), name) for name in known_names()]


def _stand_in(name: str) -> type:
    if name in _DICTIONARIES:
        return dict
    return type(name.rpartition(".")[2], (StandIn,), {"__doc__": f"Stands in for {name}."})
