"""Goes through streams in processes of its own that are killed at random moments.

Each case is a pass that appends the names of its samples to a log and then saves its state; a
process that follows cuts the log back to what the state tells and goes on. Prints how often each
pass was killed.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from cutaway.data import load_data
from cutaway.files import atomic_file


def go_on(case):
    log, saved = Path(case["log"]), Path(case["state"])
    stream = load_data(case["source"], streaming=True).batches_of(case["batch"])
    if case["seed"] is not None:
        stream = stream.shuffle(seed=case["seed"], buffer=case["buffer"])
    written = 0
    if saved.exists():
        state = json.loads(saved.read_text())
        stream.load_state_dict(state["stream"])
        written = state["written"]
    with log.open("ab") as lines:
        lines.truncate(written)
        for images in stream:
            lines.write("".join(f"{source}\n" for source in images.sources).encode())
            lines.flush()
            with atomic_file(saved) as temporary:
                state = {"stream": stream.state_dict(), "written": lines.tell()}
                temporary.write_text(json.dumps(state))
            time.sleep(0.002)


def kill_and_go_on(case):
    """How often the pass was killed in its middle; -1 where a process ended by itself wrongly."""
    log, chance, kills = Path(case["log"]), random.Random(case["chance"]), 0
    while True:
        child = os.fork()
        if not child:
            go_on(case)
            os._exit(0)
        # The more is written the nearer is the end, so the last process is left to reach it.
        enough = size(log) + chance.randrange(1, case["stride"]) if kills < case["kills"] else 1e9
        while size(log) < enough:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return kills if status == 0 else -1
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kills += 1


def size(file):
    return file.stat().st_size if file.exists() else 0


if __name__ == "__main__":
    json.dump([kill_and_go_on(case) for case in json.loads(sys.argv[1])], sys.stdout)
