"""Whether a file has the outer form of a torch checkpoint, before any of it is unpickled."""

import zipfile
from pathlib import Path

from cutaway.errors import InputError

_ZIP_START = b"PK\x03\x04"
# torch.save's default pickle protocol; its restricted reader knows no other.
_PICKLE_START = b"\x80\x02"
CUT_OFF = "is cut off or damaged; copy it again or take an earlier checkpoint"


def require_checkpoint_file(path: Path) -> None:
    """Checks that `path` is a file of the size and form that `torch.save` writes.

    torch.save stores its entries as they are. An archive with compressed entries, or with entries
    that together are larger than the file, is not torch's: it is one that would fill the memory.

    Raises:
        InputError: There is no such file, it is a folder, empty, cut off, or not a checkpoint.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError as error:
        raise InputError(f"{str(path)!r} does not exist; expected a checkpoint file") from error
    except IsADirectoryError as error:
        raise InputError(
            f"{str(path)!r} is a folder; expected a checkpoint file in it, such as best.ckpt"
        ) from error
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read ({error.strerror})") from error
    if not start:
        raise InputError(f"{str(path)!r} is empty; expected a checkpoint")
    if start == _ZIP_START:
        _require_plain_archive(path)
    elif not start.startswith(_PICKLE_START):
        raise InputError(
            f"{str(path)!r} is not a checkpoint: it starts with {start!r}; expected a file that "
            "torch.save or Lightning wrote, or one named *.safetensors"
        )


def _require_plain_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
            compressed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
            start = archive.open(pickles[0]).read(2) if pickles and not compressed else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{str(path)!r} {CUT_OFF}") from error
    if any(entry.filename.endswith("/constants.pkl") for entry in entries):
        raise InputError(
            f"{str(path)!r} is a TorchScript archive, which holds code; expected weights: save "
            "them with torch.save(model.state_dict(), path)"
        )
    size = sum(entry.file_size for entry in entries)
    if not pickles:
        raise InputError(
            f"{str(path)!r} is a zip archive without data.pkl; expected a torch checkpoint"
        )
    if compressed or size > path.stat().st_size:
        raise InputError(
            f"{str(path)!r} is packed: it claims {size:,} bytes in a file of "
            f"{path.stat().st_size:,}; torch.save never compresses, so this was not written by it "
            "and is refused"
        )
    if start != _PICKLE_START:
        raise InputError(
            f"{str(path)!r} holds a pickle that starts with {start!r}; expected protocol 2: write "
            "it with torch.save's default pickle_protocol"
        )
