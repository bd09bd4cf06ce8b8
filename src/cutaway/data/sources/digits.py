"""scikit-learn's handwritten digits, which come with its installation."""

import numpy as np

from cutaway.data.images import Images
from cutaway.data.partition import hold_out
from cutaway.data.shards import ImageShards, Shards
from cutaway.data.sources.source import choose_split

TEST_SAMPLES = 359
_TEST_SEED = 0


class Digits:
    """1,797 grey images of 8x8 pixels, classes "0" to "9".

    The publisher's values from 0 to 16 are scaled to bytes by rounding. The set has no official
    test split; here it is a fixed fifth of each class.
    """

    name = "digits"

    def splits(self) -> tuple[str, ...]:
        """The training four fifths and the test fifth."""
        return ("train", "test")

    def prepare(self) -> None:
        """Nothing to do: the images are installed."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads a split, or all images in their original order where it is None."""
        from sklearn.datasets import load_digits

        bunch = load_digits()
        labels = bunch.target.astype(np.int64)
        part = None if split is None else choose_split(split, self.splits(), self.name)
        kept, held = hold_out(labels, len(labels), TEST_SAMPLES, _TEST_SEED)
        rows = {None: np.arange(len(labels)), "train": kept, "test": held}[part][:limit]
        return Images(
            pixels=np.rint(bunch.images[rows] * (255 / 16)).astype(np.uint8)[..., None],
            labels=labels[rows],
            class_names=tuple(str(digit) for digit in range(10)),
            name=self.name,
            split=part,
            sources=tuple(f"digits/{row}" for row in rows),
        )

    def shards(self, split: str | None) -> Shards:
        """The images in memory, as runs."""
        return ImageShards(self.load(split, None))
