"""Examines networks one by one in a process of their own, and writes the table of results.

A run that was stopped goes on where it was: rows lie in a file of JSON lines, and hold until the
code that captures changes.
"""

import argparse
import ast
import hashlib
import json
import selectors
import subprocess
import sys
import time
from pathlib import Path

from tests.zoo.table import write_table
from tests.zoo.worker import MEMORY, SOURCES

ROOT = Path(__file__).parents[2]
ROWS = ROOT / ".zoo" / "rows.jsonl"
CAPTURING = (
    "backward", "calls", "captured", "forward", "hooks", "layers", "operations", "refusals",
    "structure",
)  # fmt: skip

_DOCUMENTED = ast.FunctionDef | ast.ClassDef | ast.Module


class Worker:
    """A process that examines; one that takes too long or dies is replaced by a fresh one.

    Args:
        seconds: How long it may take for one network.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def ask(self, source: str, name: str, most: int) -> dict[str, object]:
        """The row of one network."""
        process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([source, name, most]) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answered = selector.select(self._seconds)
        answer = process.stdout.readline() if answered else ""
        if answer:
            return json.loads(answer)
        self.close()
        why = "died" if answered else f"took more than {self._seconds:.0f} s"
        return {"source": source, "name": name, "faults": [f"the examination {why}"]}

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.zoo.worker"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, **pipes)
        assert process.stdout is not None
        process.stdout.readline()  # importing the libraries is no part of an examination
        self._process = process
        return process

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def code() -> str:
    """Changes whenever code that captures does, its docstrings and comments apart."""
    folder = ROOT / "src" / "cutaway" / "activations"
    sources = [folder / f"{name}.py" for name in CAPTURING]
    digest = hashlib.sha256()
    for source in sources:
        tree = ast.parse(source.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(
                node
            ):
                node.body = node.body[1:] or [ast.Pass()]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:12]


def rows_so_far() -> dict[tuple[str, str], dict[str, object]]:
    """Rows of earlier runs that still hold."""
    lines = ROWS.read_text().splitlines() if ROWS.exists() else []
    rows, now = [json.loads(line) for line in lines], code()
    return {(row["source"], row["name"]): row for row in rows if row["code"] == now}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__)
    parser.add_argument("--dozen", action="store_true", help="only the dozen that CI runs")
    parser.add_argument("--only", nargs="*", help="only these, afresh")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after so long")
    parser.add_argument("--seconds", type=float, default=180, help="longest for one network")
    parser.add_argument("--most", type=float, default=60, help="parameters in millions")
    parser.add_argument("--table", type=Path, default=ROOT / "docs" / "zoo.md")
    options = parser.parse_args()
    known = {} if options.dozen else rows_so_far()
    for networks in SOURCES.values():
        networks.prepare()
    listed = [
        (source, name)
        for source, networks in SOURCES.items()
        for name in (networks.DOZEN if options.dozen else networks.names())
    ]
    again = set(options.only or ())
    due = [each for each in listed if each[1] in again or not (again or each in known)]
    now = code()
    examine(due, known, options, now)
    if not options.dozen:
        rows = [known[each] for each in listed if each in known]
        write_table(rows, len(listed), options.table, options.seconds, MEMORY / 2**30)
    return int(any(row.get("faults") for row in known.values()))


def examine(
    due: list[tuple[str, str]],
    known: dict[tuple[str, str], dict[str, object]],
    options: argparse.Namespace,
    now: str,
) -> None:
    """Examines what is due, says and keeps each row, marked with the code of now."""
    worker, end = Worker(options.seconds), time.monotonic() + 60 * options.minutes
    try:
        for number, (source, name) in enumerate(due, start=1):
            if time.monotonic() > end:
                break
            row = worker.ask(source, name, int(options.most * 1e6)) | {"code": now}
            known[source, name] = row
            verdict = "; ".join(row.get("faults", [])) or row.get("left_out", "good")
            print(f"{number}/{len(due)} {source} {name}: {verdict}", flush=True)
            if not options.dozen:
                with ROWS.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    finally:
        worker.close()


if __name__ == "__main__":
    sys.exit(main())
