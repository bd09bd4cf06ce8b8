"""Every resource of a Study as static files, to build a front end against without a server.

    python -m cutaway.views.explorer.dump STUDY DIR [SAMPLES]

DIR/api/RESOURCE holds the body. Per-sample resources are written for the kept samples and the first
SAMPLES (by default 50).
"""

import sys
from pathlib import Path

from cutaway.study import open_study
from cutaway.views.explorer.resource import AbsentError
from cutaway.views.explorer.resources import Resources


def dump(study: str, folder: str, first: int = 50) -> int:
    """Writes the resources that there are; returns how many."""
    resources = Resources(open_study(study))
    target = Path(folder) / "api"
    chosen = set(resources.study.kept) | set(range(min(first, len(resources.study.samples))))
    names = [
        *resources.names(),
        *(name for one in sorted(chosen) for name in resources.names_of(one)),
    ]
    written = 0
    for name in names:
        try:
            found = resources.get(name)
        except AbsentError:
            continue
        # A resource may be a word and the beginning of others: `outputs` and `outputs/3`.
        file = target / (f"{name}/index" if name in {"outputs", "adversarial"} else name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(found.body)
        written += 1
    return written


if __name__ == "__main__":
    study_folder, target_folder, *samples = sys.argv[1:]
    count = dump(study_folder, target_folder, *map(int, samples))
    print(f"{count} resources in {target_folder}/api")  # noqa: T201 (a command's own output)
