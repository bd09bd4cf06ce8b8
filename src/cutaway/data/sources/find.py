"""From what a user writes to the source that is meant."""

import difflib
import glob
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from torch.utils.data import DataLoader, Dataset

from cutaway.data.images import Images
from cutaway.data.picture import SUFFIXES
from cutaway.data.sources.arrays import Arrays
from cutaway.data.sources.braces import expand_braces
from cutaway.data.sources.digits import Digits
from cutaway.data.sources.folder import ImageFolder, holds_images
from cutaway.data.sources.frame import Frame, is_frame
from cutaway.data.sources.given import Given
from cutaway.data.sources.hub import HubSet
from cutaway.data.sources.listed import Listed, holds_items
from cutaway.data.sources.parquet import ParquetFiles
from cutaway.data.sources.source import Source
from cutaway.data.sources.tar import TarFiles
from cutaway.data.sources.tar_shards import short_name
from cutaway.data.sources.torch_set import TorchSet
from cutaway.data.sources.web import SCHEMES
from cutaway.errors import InputError

HUB_IDS = {"cifar10": "uoft-cs/cifar10", "mnist": "ylecun/mnist"}
KNOWN = ("digits", *HUB_IDS)
DATA_FOLDER = "CUTAWAY_DATA"

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(:[\w.-]+)?")
_OFFER = (
    f"expected one of {', '.join(map(repr, KNOWN))}, a hub id such as 'owner/name', a folder of "
    "images, a parquet file, tar shards, arrays, a torch data set, or a pandas frame"
)


def find_source(source: Any) -> Source:
    """Finds what `load_data`'s first argument means; see there.

    A known name comes before a file of that name ("./digits" means the file), and a path that
    exists comes before a hub id.

    Raises:
        InputError: It means nothing known.

    Example:
        >>> find_source("digits").splits()
        ('train', 'test')
    """
    if isinstance(source, Images):
        return Given(source)
    if isinstance(source, str | os.PathLike):
        return _named(os.fspath(source))
    if isinstance(source, tuple):
        if len(source) != 2:
            raise InputError(
                f"a tuple of {len(source)} was given as data; expected (images, labels)"
            )
        return _arrays(*source)
    if is_frame(source):
        return Frame(source)
    if isinstance(source, list) or (hasattr(source, "__array__") and not _is_set(source)):
        return _arrays(source)
    if _is_set(source):
        return TorchSet(source)
    raise InputError(f"data is a {type(source).__name__}; {_OFFER}{_within(source)}")


def _arrays(images: Any, labels: Any = None) -> Source:
    if holds_items(images):
        return TorchSet(Listed(images, labels), "list")
    return Arrays(images, labels)


def _is_set(source: Any) -> bool:
    """Whether something is a data set of torch, or one with an index like it."""
    indexed = hasattr(source, "__getitem__") and not hasattr(source, "__array__")
    return isinstance(source, Dataset) or (indexed and not isinstance(source, Mapping | bytes))


def _within(source: Any) -> str:
    """Advice, where what is given holds what is meant."""
    if isinstance(source, Mapping):
        return f". Give one of its entries: {', '.join(map(repr, list(source)[:4]))}"
    return ". Give its .dataset" if isinstance(source, DataLoader) else ""


def _named(name: str) -> Source:
    if name in KNOWN:
        return Digits() if name == "digits" else _published(name)
    if name.startswith(SCHEMES) or (name.lower().endswith(".tar") and "{" in name):
        return _shards(expand_braces(name))
    path = Path(name).expanduser()
    if name and path.exists():
        return _folder(path) if path.is_dir() else _file(path)
    if glob.has_magic(name):
        return _pattern(name)
    if _HUB_ID.fullmatch(name) and path.suffix.lower() not in {".parquet", ".tar", *SUFFIXES}:
        return HubSet(name, advice=f" There is no such file or folder either{_similar(path)}.")
    raise InputError(f"there is no file, folder or data set {name!r}{_similar(path)}; {_OFFER}")


def _published(name: str) -> Source:
    folder = os.environ.get(DATA_FOLDER)
    if not folder:
        return HubSet(HUB_IDS[name], name)
    if not Path(folder).is_dir():
        raise InputError(f"{DATA_FOLDER}={folder!r} is no folder; correct or unset it")
    files = sorted((Path(folder) / name).glob("*.parquet"))
    return ParquetFiles(name, files, files[0].parent) if files else HubSet(HUB_IDS[name], name)


def _folder(path: Path) -> Source:
    if holds_images(path):
        return ImageFolder(path)
    files = [file for file in path.rglob("*.parquet") if not file.name.startswith(".")]
    if files:
        return ParquetFiles(path.resolve().name, files, path)
    shards = [str(file) for file in sorted(path.rglob("*.tar")) if not file.name.startswith(".")]
    if shards:
        return TarFiles(path.resolve().name, shards)
    suffixes = ", ".join(sorted(SUFFIXES))
    raise InputError(
        f"folder {str(path)!r} holds no images ({suffixes}) and no .parquet files or .tar shards; "
        "expected images, one sub-folder a class or all in one"
    )


def _file(path: Path) -> Source:
    if path.suffix.lower() == ".parquet":
        return ParquetFiles(path.stem, [path], path.parent)
    if path.suffix.lower() == ".tar":
        return TarFiles(path.stem, [str(path)])
    advice = {
        ".csv": ". Read it with pandas and give the frame: a column of paths, one of labels",
        ".npy": ". Read it with numpy.load and give the array",
        ".npz": ". Read it with numpy.load and give the arrays, as (images, labels)",
    }.get(path.suffix.lower(), "")
    raise InputError(
        f"{str(path)!r} is not a .parquet file; expected a parquet file, a .tar shard or a folder "
        f"of images{advice}"
    )


def _pattern(pattern: str) -> Source:
    # pathlib takes no absolute pattern.
    files = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207
    parquet = [file for file in files if file.suffix.lower() == ".parquet"]
    shards = [str(file) for file in files if file.suffix.lower() == ".tar"]
    if not parquet and shards:
        return _shards(shards)
    if not parquet:
        raise InputError(
            f"pattern {pattern!r} matches {len(files)} files and no .parquet file or .tar shard; "
            "expected some"
        )
    root = Path(os.path.commonpath([file.parent for file in parquet]))
    return ParquetFiles(root.resolve().name, parquet, root)


def _shards(addresses: list[str]) -> Source:
    """Tar shards, called after the folder they lie in."""
    missing = [one for one in addresses if not one.startswith(SCHEMES) and not Path(one).is_file()]
    if missing:
        raise InputError(
            f"{len(missing):,} of {len(addresses):,} shards do not exist, the first is "
            f"{missing[0]!r}; expected all that the pattern names"
        )
    parent = PurePosixPath(addresses[0].partition("?")[0]).parent
    return TarFiles(parent.name or short_name(addresses[0]), addresses)


def _similar(path: Path) -> str:
    """A question after what may have been meant: a known name, or a neighbour of the path."""
    here = path.parent
    try:
        neighbours = [file.name for file in here.iterdir()]
    except OSError:
        neighbours = []
    known = difflib.get_close_matches(str(path).lower(), KNOWN, 1)
    close = difflib.get_close_matches(path.name, neighbours, 1)
    if known:
        return f"; did you mean {known[0]!r}?"
    return f"; did you mean {str(here / close[0])!r}?" if close else ""
