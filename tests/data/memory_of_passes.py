"""The most memory that a process takes which fits a PCA on a stream; one process a source."""

import json
import os
import sys

import numpy as np

from cutaway import PCA
from cutaway.data import load_data


def fit(source):
    stream = load_data(source, streaming=True).resize(16, channels=1).batches_of(64)
    PCA(2).fit_stream(stream.shuffle(seed=0, buffer=128).rows())


def peak(source):
    """KiB beyond what the process began with, after a first fit has loaded all libraries."""
    child = os.fork()
    if not child:
        fit(source)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    return usage.ru_maxrss if status == 0 else -1


if __name__ == "__main__":
    PCA(2).fit_stream([np.eye(3)])
    json.dump([peak(source) for source in sys.argv[1:]], sys.stdout)
