"""Trains in processes of its own that are killed at random steps, and started again.

Reads cases as JSON from its argument. Prints how every process ended: -9 for a kill, 143 for a run
that SIGTERM stopped, 0 at the end.
"""

import json
import mmap
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from lightning.pytorch import Callback

from cutaway.data import DataModule
from cutaway.errors import StoppedRunError
from cutaway.training import Recipe, train

SAMPLES, BATCH, THREADS = 240, 16, 1
PATIENCE_SECONDS = 60


class Count(Callback):
    """Tells the parent process how many steps were taken."""

    def __init__(self, steps):
        self.steps = steps

    def on_train_batch_end(self, *_):
        self.steps[0] += 1


def go_on(case, callbacks=()):
    torch.set_num_threads(THREADS)
    data = DataModule("digits", batch_size=BATCH, limit=SAMPLES, image_size=32, shift=1, views=3)
    recipe = Recipe(**case["recipe"])
    return train(data, recipe=recipe, device="cpu", output=case["folder"], callbacks=callbacks)


def process(case, steps):
    try:
        go_on(case, [Count(steps)])
    except StoppedRunError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def interrupt_and_go_on(case):
    """How every process ended, the last of its own accord."""
    chance, ends = random.Random(case["folder"].rpartition("/")[2]), []
    for sent in [*case["signals"], None]:
        steps = mmap.mmap(-1, 1)
        child = os.fork()
        if not child:
            os._exit(process(case, steps))
        if sent is not None:
            wait_for(case["moment"], Path(case["folder"]), chance, steps)
            os.kill(child, getattr(signal, sent))
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return ends


def wait_for(moment, folder, chance, steps):
    """Until a random step, or until a checkpoint is half written."""
    last, until = chance.randrange(1, 10), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if moment == "step" and steps[0] >= last:
            time.sleep(chance.uniform(0, 0.02))
            return
        if moment == "save" and steps[0] and any(folder.glob(".*.ckpt")):
            return
        time.sleep(0.0005)


if __name__ == "__main__":
    json.dump([interrupt_and_go_on(case) for case in json.loads(sys.argv[1])], sys.stdout)
