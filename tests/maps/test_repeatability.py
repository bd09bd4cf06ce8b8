import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

REPEAT = """
import hashlib
import numpy as np
from cutaway.maps import TSNE, UMAP
rng = np.random.default_rng(0)
rows = rng.standard_normal((1000, 8))
copies = rows.copy()
copies[100:] = rows[rng.integers(0, 100, 900)]
for data in (rows, copies):
    for method in (TSNE(random_state=3, max_iter=60), UMAP(random_state=3, n_epochs=30)):
        fitted = method.fit(data)
        placed = fitted.placement(data[::10] + 0.01)
        for array in (fitted.embedding_, placed.embedding, placed.trust, placed.remoteness):
            print(hashlib.sha256(array.tobytes()).hexdigest())
"""


def hashes(threads):
    environment = {**os.environ, "NUMBA_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    command = [sys.executable, "-c", REPEAT]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_one_seed_gives_the_same_bytes_in_ten_processes_on_one_and_two_threads():
    first = hashes("2")
    with ThreadPoolExecutor(2) as pool:
        others = list(pool.map(hashes, ["1", "2", "1", "2", "1", "2", "1", "2", "3"]))
    assert len(first.split()) == 16
    assert set(others) == {first}
