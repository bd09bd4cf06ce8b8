"""A set in WebDataset tar shards, on this machine or on a web server."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath

from cutaway.data.gather import gather
from cutaway.data.images import Images
from cutaway.data.shards import Shards
from cutaway.data.sources.source import by_split, choose_split, split_of
from cutaway.data.sources.tar_shards import TarShards, require_tar, short_name


class TarFiles:
    """One set in tar shards; a shard belongs to the split that its name says.

    Raises:
        InputError: A shard is no .tar file.
    """

    def __init__(self, name: str, addresses: Sequence[str]) -> None:
        for address in addresses:
            require_tar(address)
        self.name = name
        self._addresses = tuple(addresses)

    def splits(self) -> tuple[str, ...]:
        """Names of the parts, train first."""
        return tuple(self._addresses_of)

    def prepare(self) -> None:
        """Nothing to do: shards are read where they are."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads and decodes a split, or its first `limit` images."""
        return gather(self.shards(split), limit)

    def shards(self, split: str | None) -> Shards:
        """The archives of a split."""
        part = choose_split(split, self.splits(), self.name)
        addresses = self._addresses if part is None else self._addresses_of[part]
        return TarShards(self.name, part, addresses)

    @cached_property
    def _addresses_of(self) -> dict[str, list[str]]:
        # Only the file name counts: "/home/test/a.tar" is no test split.
        return by_split(
            {address: split_of(PurePosixPath(short_name(address))) for address in self._addresses}
        )
