"""Writes docs/findings.md, the list of all that Cutaway looks for, out of the rules."""

import ast
import importlib
import inspect
import itertools
from pathlib import Path
from types import ModuleType

from cutaway.diagnosis.findings import Kind
from cutaway.diagnosis.rules import SUBJECTS

PAGE = Path(__file__).parent / "findings.md"
HEAD = """# Findings

<!-- Written by docs/make_findings.py out of the rules; a test holds this page to them. -->

What a Study noticed, in words: `study.findings`, a section of the report, a room of the explorer.
Each finding names what it is about, the layer or the samples concerned, the figure that shows it
(`cutaway figure STUDY NAME`) and what to try.

Findings are ordered by weight. First by how grave they are: a **problem** must be mended before
anything else can be believed, a **warning** wants a look, a **note** is good to know. Then by how
much they touch: a share in [0, 1] of the samples, the units or the layers, which is said below for
each kind. What is equal in both keeps the order of this page.

`tests/planted` plants these faults in data and in networks that were really trained, and holds
Cutaway to finding every one and to raising no alarm on healthy twins.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for subject in SUBJECTS:
        summary = (inspect.getdoc(subject) or "").splitlines()[0].rstrip(".")
        parts.append(f"## {_heading(summary)}\n")
        parts += [_entry(kind, subject) for kind in subject.KINDS]
    return "\n".join(parts)


def _heading(summary: str) -> str:
    words = summary.removeprefix("What the rules notice ")
    return words[:1].upper() + words[1:]


def _entry(kind: Kind, subject: ModuleType) -> str:
    lines = [
        f"### {kind.name}\n",
        f"{kind.says}\n",
        f"- Severity: {kind.severity}. Weight: {kind.weight}.",
        f"- Figure: `{kind.figure}`.",
        f"- What to try: {kind.advice}",
    ]
    lines += [_threshold(name, subject) for name in kind.thresholds]
    return "\n".join(lines) + "\n"


def _threshold(name: str, subject: ModuleType) -> str:
    place, separator, constant = name.rpartition(":")
    module = importlib.import_module(f"cutaway.{place}") if separator else subject
    value, says = getattr(module, constant), _docstring(module, constant)
    return f"- `{constant}` = {value}: {says}"


def _docstring(module: ModuleType, constant: str) -> str:
    """The string under a constant."""
    body = ast.parse(inspect.getsource(module)).body
    for line, after in itertools.pairwise(body):
        named = isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == constant
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return " ".join(str(after.value.value).split())
    raise ValueError(f"{module.__name__}.{constant} says nothing of itself")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
