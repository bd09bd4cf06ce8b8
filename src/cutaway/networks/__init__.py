"""Networks: Report6's CNN, and loading any model safely."""

from cutaway.networks.checkpoint import Checkpoint, read_checkpoint
from cutaway.networks.cnn import CNN
from cutaway.networks.facts import class_names_of, remember, transform_of, unmatched_of
from cutaway.networks.fingerprint import model_fingerprint
from cutaway.networks.initial import initial_network
from cutaway.networks.load import build_network, load_model
from cutaway.networks.resnet import ResNet
from cutaway.networks.stand_ins import known_names
from cutaway.networks.summary import ModelSummary, summarize
from cutaway.networks.weights import load_weights, looks_untrained

__all__ = [
    "CNN",
    "Checkpoint",
    "ModelSummary",
    "ResNet",
    "build_network",
    "class_names_of",
    "initial_network",
    "known_names",
    "load_model",
    "load_weights",
    "looks_untrained",
    "model_fingerprint",
    "read_checkpoint",
    "remember",
    "summarize",
    "transform_of",
    "unmatched_of",
]
