"""The demo: everything from a data set to a report on scikit-learn's bundled digits, offline."""

import os
import shutil
from pathlib import Path

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.files import require_writable_folder
from cutaway.progress import say
from cutaway.study import build_study
from cutaway.training import train

_MARK = "digits.study"


def run_demo(folder: str | os.PathLike[str], *, seed: int = 0, overwrite: bool = False) -> Path:
    """Trains Report6's network on handwritten digits, studies it, and writes report.html.

    Args:
        folder: The folder to create; it holds report.html, the Study and the checkpoint.
        seed: Equal seeds give equal results.
        overwrite: Replace an earlier demo that lies there.

    Returns:
        The report's path.

    Raises:
        InputError: The folder exists, or its parent cannot be written.
    """
    target = Path(folder)
    _make_room(target, overwrite=overwrite)
    learned, new = load_data("digits", split="train"), load_data("digits", split="test")
    say(f"1/3 Training a small convolutional network on {len(learned):,} handwritten digits")
    run = train("digits", seed=seed, output=target / "training")
    say(f"{run.test_accuracy:.1%} of {len(new):,} test digits right after {run.seconds:.0f} s")
    assert run.checkpoint is not None
    say("2/3 Studying what every layer makes of them")
    study = build_study(
        run.checkpoint,
        new,
        target / _MARK,
        reference=learned,
        history=run.history,
        seed=seed,
    )
    say("3/3 Writing the report")
    return study.report(target / "report.html")


def _make_room(target: Path, *, overwrite: bool) -> None:
    if target.exists():
        earlier = (target / _MARK).is_dir() or (target / "training").is_dir()
        if not overwrite:
            raise InputError(
                f"folder {str(target)!r} exists already; expected a folder to create. "
                "Choose another by -o, or pass --overwrite to replace an earlier demo"
            )
        if not earlier and any(target.iterdir()):
            raise InputError(f"folder {str(target)!r} holds no earlier demo; it is left alone")
        shutil.rmtree(target)
    require_writable_folder(target.parent)
    target.mkdir()
