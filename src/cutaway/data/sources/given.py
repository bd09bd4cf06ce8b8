"""Images that were loaded before."""

from cutaway.data.images import Images
from cutaway.data.shards import ImageShards, Shards
from cutaway.data.sources.source import choose_split


class Given:
    """An `Images` as a source, one whole."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self.name = images.name

    def splits(self) -> tuple[str, ...]:
        """None: it is what it is, even where it once was a split."""
        return ()

    def prepare(self) -> None:
        """Nothing to do: the images are in memory."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """The same images, or the first `limit` of them."""
        if split != self._images.split:
            choose_split(split, self.splits(), self.name)
        if limit is None or limit >= len(self._images):
            return self._images
        return self._images.select(slice(limit))

    def shards(self, split: str | None) -> Shards:
        """The images in memory, as runs."""
        return ImageShards(self.load(split, None))
