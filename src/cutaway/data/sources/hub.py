"""Data sets of the Hugging Face hub, by its own library."""

import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from cutaway.data.decode import decode
from cutaway.data.images import Images
from cutaway.data.shards import Shards
from cutaway.data.sources.hub_shards import HubShards
from cutaway.data.sources.source import choose_split
from cutaway.data.table import Columns, encoded_images, find_columns
from cutaway.errors import InputError
from cutaway.progress import progress_visible


class HubSet:
    """A data set of the hub: "owner/name", or "owner/name:configuration".

    It is downloaded once into the hub's own cache. Images are decoded here, so that a damaged one
    is named and skipped.
    """

    def __init__(self, address: str, name: str | None = None, advice: str = "") -> None:
        self._id, _, self._configuration = address.partition(":")
        self.name = name or address
        self._advice = advice

    def splits(self) -> tuple[str, ...]:
        """Names of the parts, as its publisher calls them."""
        return tuple(self._sets)

    def prepare(self) -> None:
        """Downloads the set, where it is not in the cache."""
        self.splits()

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads and decodes a split, or its first `limit` images."""
        import datasets

        part = choose_split(split, self.splits(), self.name)
        rows = self._sets[part]
        if limit is not None:
            rows = rows.select(range(min(limit, len(rows))))
        if len(rows) == 0:
            raise InputError(
                f"split {part!r} of {self.name!r} is empty; expected at least one image"
            )
        columns = find_columns(rows.features.arrow_schema, rows.features.to_dict(), self.name)
        with quiet_bars():
            rows = rows.select_columns(columns.names)
            if isinstance(rows.features[columns.image], datasets.Image):
                rows = rows.cast_column(columns.image, datasets.Image(decode=False))
            table = rows.with_format("arrow")[:]
        encoded = encoded_images(
            table,
            columns,
            f"{self.name}/{part}",
            every_label=self._every_label(columns),
            files_below=Path(datasets.config.HF_CACHE_HOME),
        )
        return decode(encoded, self.name, part)

    def shards(self, split: str | None) -> Shards:
        """A split as the library streams it: nothing of it is stored."""
        import datasets

        sets = self._open(streaming=True)
        part = choose_split(split, tuple(sets), self.name)
        rows = sets[part]
        if rows.features is None:
            rows = rows._resolve_features()  # noqa: SLF001 (the library's own way; it has no other)
        columns = find_columns(rows.features.arrow_schema, rows.features.to_dict(), self.name)
        rows = rows.select_columns(columns.names)
        if isinstance(rows.features[columns.image], datasets.Image):
            rows = rows.cast_column(columns.image, datasets.Image(decode=False))
        return HubShards(self.name, str(part), rows, columns, f"hf://datasets/{self._id}")

    def _every_label(self, columns: Columns) -> pa.ChunkedArray | None:
        """The text labels of all splits, so that each split numbers the classes alike."""
        if not columns.label_is_text:
            return None
        label = columns.label
        parts = [
            part.with_format("arrow").select_columns([label])[:].column(0)
            for part in self._sets.values()
            if label in part.column_names
        ]
        return pa.chunked_array([chunk for column in parts for chunk in column.chunks])

    @cached_property
    def _sets(self) -> dict[Any, Any]:
        return self._open(streaming=False)

    def _open(self, *, streaming: bool) -> dict[Any, Any]:
        import datasets

        try:
            with quiet_bars(), quick_where_unreachable():
                loaded = datasets.load_dataset(
                    self._id, self._configuration or None, streaming=streaming
                )
        except Exception as error:
            # The library, its client and the network each raise errors of their own.
            raise InputError(self._in_words(error)) from error
        return dict(loaded)

    def _in_words(self, error: Exception) -> str:
        what = f"data set {self.name!r} cannot be had from the Hugging Face hub"
        text = str(error).strip()
        if "gated dataset" in text.lower() or "authenticat" in text.lower():
            step = "Accept its terms on its page and log in by `hf auth login`"
        elif isinstance(error, ValueError) and "config" in text.lower():
            step = f"Choose a configuration by {self._id + ':NAME'!r}"
        elif isinstance(error, ConnectionError):
            step = "Check the connection, or put its parquet files into a folder and give its path"
        else:
            step = "Check its name on the hub"
        return f"{what} ({type(error).__name__}: {text}). {step}.{self._advice}"


@contextmanager
def quick_where_unreachable() -> Iterator[None]:
    """Has `datasets` look into its cache only, where the hub's address is unknown here.

    It tries for half a minute otherwise, which is long for someone who mistyped a folder's name.
    """
    import datasets
    from huggingface_hub import constants

    if urllib.request.getproxies() or _is_known(urllib.parse.urlsplit(constants.ENDPOINT).hostname):
        yield
        return
    before = datasets.config.HF_HUB_OFFLINE
    datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = before


def _is_known(host: str | None) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


@contextmanager
def quiet_bars() -> Iterator[None]:
    """Silences the progress bars of `datasets`, unless progress is shown."""
    import datasets

    if progress_visible() or not datasets.is_progress_bar_enabled():
        yield
        return
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.enable_progress_bars()
