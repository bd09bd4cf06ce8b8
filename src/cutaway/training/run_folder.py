"""The folder of a run, and whether what lies there is to be gone on with."""

import json
import os
from pathlib import Path
from typing import Any

from cutaway.errors import InputError
from cutaway.files import atomic_file, require_writable_folder
from cutaway.networks import read_checkpoint
from cutaway.progress import progress_visible, say
from cutaway.training.slurm_job import job_name

RECORD, LAST, BEST, HISTORY, CURVES = (
    "run.json",
    "last.ckpt",
    "best.ckpt",
    "history.parquet",
    "curves.svg",
)
OWN = (RECORD, LAST, BEST, HISTORY, CURVES)
# Job logs may lie in the folder before the run begins.
LOGS = "slurm"


class RunFolder:
    """Where a run writes; a run that was stopped there goes on when the same one is started again.

    `run.json` says what the run was asked for, and when it is finished how well it did. It is
    written first, so that a folder always says what it is for.

    Args:
        path: Created, if its parent can be written.
        overwrite: Begin anew whatever lies there. Not where this very job put it there and was
            queued again, since the same command is run then.
        resume: Also take a finished run, and one without `run.json`.

    Raises:
        InputError: It holds something else, or cannot be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, resume: bool = False
    ) -> None:
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"output={str(self.path)!r} is a file; expected a folder to create")
        self.record = self._read()
        again = self.record is not None and self.record.get("job") == job_name() != None  # noqa: E711
        restarted = again and os.environ.get("SLURM_RESTART_COUNT", "0") != "0"
        self.resumes = self._resumes(
            overwrite=overwrite and not restarted, resume=resume or restarted
        )

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.path / LAST

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch."""
        return self.path / BEST

    @property
    def history(self) -> Path:
        """The figures of every epoch."""
        return self.path / HISTORY

    @property
    def precision(self) -> str | None:
        """What the run that is gone on with computes in; None where there is none."""
        if not self.resumes or self.record is None:
            return None
        value: str = self.record["settings"]["recipe"]["precision"]
        return value

    def begin(self, settings: dict[str, Any]) -> Path | None:
        """Makes the folder ready.

        Args:
            settings: What the run was asked for, in plain values.

        Returns:
            The checkpoint to go on from, or None for a run from the start.

        Raises:
            InputError: The run that is to go on was asked for something else.
        """
        settings = json.loads(json.dumps(settings))
        if self.resumes and self.record is not None:
            _require_same(self.record["settings"], settings, self.path)
        if self.resumes and self.last.is_file():
            self._require_network(settings["network"])
        self._remove_leftovers()
        self.record = {"settings": settings, "job": job_name(), "finished": None}
        self._write()
        return self.last if self.last.is_file() else None

    def _require_network(self, network: dict[str, Any]) -> None:
        """Raises InputError where the checkpoint is one of another network, or damaged."""
        checkpoint = read_checkpoint(self.last)
        before = checkpoint.hyper_parameters.get("network")
        if before != network:
            raise InputError(
                f"{str(self.last)!r} is a checkpoint of the network {before}, and this run trains "
                f"{network}; expected the same to go on with it: choose another folder, or pass "
                "overwrite=True (--overwrite) to begin anew"
            )
        if progress_visible():
            say(f"Going on with the run in {str(self.path)!r} after step {checkpoint.global_step}.")

    def finish(self, result: dict[str, Any]) -> None:
        """Notes how well the finished run did."""
        assert self.record is not None
        self.record["finished"] = result
        self._write()

    def _resumes(self, *, overwrite: bool, resume: bool) -> bool:
        """Whether a run is gone on with; creates the folder."""
        found = [] if not self.path.is_dir() else [p.name for p in self.path.iterdir()]
        found = [name for name in found if name != LOGS and not name.startswith(".")]
        unfinished = self.record is not None and self.record["finished"] is None
        if found and not (overwrite or unfinished or (resume and {LAST, RECORD} & set(found))):
            state = "holds a finished run" if RECORD in found else "exists and is not empty"
            raise InputError(
                f"output={str(self.path)!r} {state}; expected a folder to create, or one with an "
                "unfinished run: choose another, remove it, or pass overwrite=True (--overwrite)"
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"output={str(self.path)!r} cannot be created ({error.strerror}); choose another "
                "place"
            ) from error
        require_writable_folder(self.path)
        return bool(found) and not overwrite

    def _read(self) -> dict[str, Any] | None:
        file = self.path / RECORD
        if not file.is_file():
            return None
        try:
            record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            record["settings"]["recipe"]["precision"], record["finished"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{str(file)!r} is damaged ({error}); expected what a run wrote: choose another "
                "folder, or remove this one"
            ) from error
        return record

    def _write(self) -> None:
        with atomic_file(self.path / RECORD) as temporary:
            temporary.write_text(json.dumps(self.record, indent=1), encoding="utf-8")

    def _remove_leftovers(self) -> None:
        """What a killed process half wrote, and where a run begins anew what an older one wrote."""
        for name in OWN:
            for file in self.path.glob(f".{name}.*"):
                file.unlink(missing_ok=True)
            if not self.resumes:
                (self.path / name).unlink(missing_ok=True)


def _require_same(before: Any, now: Any, folder: Path) -> None:
    """Raises InputError that names the first difference, best one in what the user gave.

    A seed divides the data otherwise, and so changes what is measured on it.
    """
    difference = _difference(_given_first(before), _given_first(now), "")
    if difference is not None:
        name, old, new = difference
        raise InputError(
            f"output={str(folder)!r} holds an unfinished run with {name}={old!r}, and this one has "
            f"{new!r}; expected the same to go on with it: give the same arguments, choose another "
            "folder, or pass overwrite=True (--overwrite) to begin anew"
        )


def _given_first(settings: dict[str, Any]) -> dict[str, Any]:
    given = {name: settings[name] for name in ("network", "recipe") if name in settings}
    return given | settings


def _difference(before: Any, now: Any, name: str) -> tuple[str, Any, Any] | None:
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return None if before == now else (name, before, now)
    for key in [*before, *(key for key in now if key not in before)]:
        inner = _difference(before.get(key), now.get(key), f"{name}.{key}".lstrip("."))
        if inner is not None:
            return inner
    return None
