"""Any source as training, validation and test batches for Lightning."""

from fractions import Fraction
from typing import Any

from lightning import LightningDataModule

from cutaway.data.augment import Views
from cutaway.data.dataset import ImageDataset
from cutaway.data.images import Images
from cutaway.data.load import load_data
from cutaway.data.loader import BatchLoader, Targets
from cutaway.data.partition import hold_out
from cutaway.data.sources import find_source
from cutaway.data.transform import InputTransform, infer_transform
from cutaway.errors import InputError
from cutaway.progress import say

# MNIST's customary validation part is 5,000 of 60,000; CIFAR-10's is 5,000 of 50,000.
VALIDATION_SHARE = {"mnist": Fraction(1, 12)}
USUAL_VALIDATION_SHARE = Fraction(1, 10)
TEST_SHARE = Fraction(1, 5)
# The test part must be the same in every run, whatever its seed.
_TEST_SEED = 0


class DataModule(LightningDataModule):
    """Training, validation and test parts of any source that `load_data` takes.

    The published splits are kept. Where there is no validation split, a tenth of the training split
    is taken (MNIST: 5,000 of 60,000; CIFAR-10: 5,000 of 50,000), drawn by `seed`, class by class.
    Where there is no test split, the published validation split serves as one, or a fixed fifth is
    held out. Images are normalized by what is measured on the training part.

    Args:
        source: What `load_data` takes.
        batch_size: Images a batch.
        seed: Fixes the validation part, the order of every epoch and the views.
        transform: The network's input transform; None measures one on the training part.
        image_size: Side or (height, width) in pixels to resize to, where `transform` is None.
        resize_below: Resize to it only where images have a side shorter than this; None for always.
        channels: Channels that the network takes, where `transform` is None; None takes those of
            the data. Grey images are made RGB for 3.
        limit: Read at most so many images of each published split.
        shift: Augmentation: largest random shift in pixels; 0 for none.
        flip: Augmentation: mirror half of the training images left to right. Not for digits.
        views: Augmentation: how many different views there are; after so many epochs they come
            again in turn. None draws new ones in every epoch.
        validate: Hold out a validation part where none is published; without one, all of the
            training split is trained on and `val_dataset` is None.

    Attributes:
        transform: The `InputTransform`, after `setup`.
        class_names: Names of the classes, after `setup`.
        train_dataset: `ImageDataset`; `[i]` is (tensor (channels, height, width), label).
        val_dataset: The same for validation, or None.
        test_dataset: The same for the test.
        targets: What a network should answer to the training images, by the number of the view;
            where it is set, training batches have the answers as their third part.
        share: This process's number and how many train together; each has its share of every batch.

    Raises:
        InputError: On construction for a bad option; in `setup` for a bad source, one without
            labels, or one with too few samples to divide.

    Example:
        >>> import numpy as np
        >>> data = DataModule((np.zeros((50, 8, 8), np.uint8), [0, 1] * 25), batch_size=16)
        >>> data.setup()
        >>> len(data.train_dataset), len(data.val_dataset), len(data.test_dataset)
        (36, 4, 10)
    """

    transform: InputTransform
    class_names: tuple[str, ...]
    train_dataset: ImageDataset
    val_dataset: ImageDataset | None
    test_dataset: ImageDataset

    def __init__(
        self,
        source: Any,
        batch_size: int = 128,
        seed: int = 0,
        transform: InputTransform | None = None,
        image_size: int | tuple[int, int] | None = None,
        resize_below: int | None = None,
        channels: int | None = None,
        limit: int | None = None,
        shift: int = 0,
        flip: bool = False,
        views: int | None = None,
        validate: bool = True,
    ) -> None:
        super().__init__()
        for name, value, least in (
            ("batch_size", batch_size, 1),
            ("shift", shift, 0),
            ("seed", seed, 0),
            ("views", views, 1),
        ):
            if value is not None and value < least:
                raise InputError(f"{name}={value}; expected at least {least}")
        if transform is not None and image_size is not None:
            raise InputError(
                f"image_size={image_size} and a transform of size {transform.size} are given; "
                "expected one of the two"
            )
        self.batch_size = batch_size
        self._source = source
        self._seed = seed
        self._given_transform = transform
        self._image_size = image_size
        self._resize_below = resize_below
        self._channels = channels
        self._limit = limit
        self._shift = shift
        self._flip = flip
        self._view_count = views
        self._validate = validate
        self.targets: Targets | None = None
        self.share = (0, 1)
        self._ready = False

    def __getattr__(self, name: str) -> Any:
        """Says of what `setup` makes that it is not there yet."""
        hint = "; it is there after setup()" if name in DataModule.__annotations__ else ""
        raise AttributeError(f"DataModule has no {name!r}{hint}")

    def prepare_data(self) -> None:
        """Downloads the source, where it is not on this machine; Lightning calls it once a node."""
        find_source(self._source).prepare()

    def setup(self, stage: str | None = None) -> None:  # noqa: ARG002 (Lightning passes it)
        """Loads and divides the data, once, whatever the stage."""
        if self._ready:
            return
        train, validation, test = self._parts()
        self.transform = self._given_transform or self._inferred(train)
        self.class_names = train.class_names or tuple(
            str(label)
            for label in range(max(part.class_count for part in (train, validation or train, test)))
        )
        self.train_dataset = ImageDataset(train, self.transform)
        held = None if validation is None else ImageDataset(validation, self.transform)
        self.val_dataset = held
        self.test_dataset = ImageDataset(test, self.transform)
        self._ready = True

    @property
    def views(self) -> Views | None:
        """How the training images are shifted and mirrored; None for not at all."""
        if not self._shift and not self._flip:
            return None
        samples = len(self.train_dataset)
        return Views(samples, self._shift, self._flip, self._seed, self._view_count)

    def train_dataloader(self) -> BatchLoader:
        """Shuffled batches, augmented where asked, in an order fixed by seed and epoch."""
        return BatchLoader(
            self.train_dataset,
            self.batch_size,
            seed=self._seed,
            shuffled=True,
            views=self.views,
            targets=self.targets,
            share=self.share,
        )

    def val_dataloader(self) -> BatchLoader | list[BatchLoader]:
        """Validation batches in order; an empty list where there is no validation part."""
        if self.val_dataset is None:
            return []
        return BatchLoader(self.val_dataset, self.batch_size, share=self.share)

    def test_dataloader(self) -> BatchLoader:
        """Test batches in order."""
        return BatchLoader(self.test_dataset, self.batch_size)

    def predict_dataloader(self) -> BatchLoader:
        """Test batches in order."""
        return self.test_dataloader()

    def _inferred(self, train: Images) -> InputTransform:
        _, height, width, _ = train.pixels.shape
        large = self._resize_below is not None and min(height, width) >= self._resize_below
        return infer_transform(train, self._channels, None if large else self._image_size)

    def _parts(self) -> tuple[Images, Images | None, Images]:
        splits = find_source(self._source).splits()
        train = self._load("train" if "train" in splits else None)
        validation = self._load("validation") if "validation" in splits else None
        if "test" in splits:
            test = self._load("test")
        elif validation is not None:
            say(f"{train.name}: no test split is published; the validation split serves as one.")
            test, validation = validation, None
        else:
            train, test = _divide(train, TEST_SHARE, _TEST_SEED, "test")
        if validation is None and self._validate:
            share = VALIDATION_SHARE.get(train.name, USUAL_VALIDATION_SHARE)
            train, validation = _divide(train, share, self._seed, "validation")
        return train, validation, test

    def _load(self, split: str | None) -> Images:
        images = load_data(self._source, split=split, limit=self._limit)
        if images.labels is None:
            raise InputError(
                f"{images.name!r} has no labels{f' in its {split} split' if split else ''}, and "
                "training needs them; expected a sub-folder a class, a label column, or "
                "(images, labels)"
            )
        return images


def _divide(images: Images, share: Fraction, seed: int, part: str) -> tuple[Images, Images]:
    count = max(1, round(len(images) * share))
    if count >= len(images):
        raise InputError(
            f"{images.name!r} has {len(images)} image(s), too few to hold out a {part} part; "
            "expected at least 3 without published splits. Add images"
        )
    kept, held = hold_out(images.labels, len(images), count, seed)
    return images.select(kept), images.select(held)
