"""The one door through which data comes in."""

from typing import Any, Literal, overload

from cutaway.data.images import Images
from cutaway.data.sources import find_source
from cutaway.data.stream import ImageStream, Options
from cutaway.errors import InputError
from cutaway.progress import say


@overload
def load_data(
    source: Any,
    *,
    split: str | None = ...,
    limit: int | None = ...,
    streaming: Literal[False] = ...,
) -> Images: ...
@overload
def load_data(
    source: Any, *, split: str | None = ..., limit: int | None = ..., streaming: Literal[True]
) -> ImageStream: ...
@overload
def load_data(
    source: Any, *, split: str | None = ..., limit: int | None = ..., streaming: bool
) -> Images | ImageStream: ...
def load_data(
    source: Any, *, split: str | None = None, limit: int | None = None, streaming: bool = False
) -> Images | ImageStream:
    """Loads images into memory from anything that holds them, or streams them batch by batch.

    What had to be decided on the way (images resized, converted or skipped) is said aloud and kept
    in `Images.remarks`.

    Args:
        source: One of

            - "digits": scikit-learn's 1,797 handwritten digits, offline;
            - "mnist", "cifar10": from the folder that CUTAWAY_DATA names, else from the hub;
            - "owner/name" or "owner/name:configuration": a data set of the Hugging Face hub;
            - a folder of images (one sub-folder a class, or none), perhaps within train/ and test/;
            - a parquet file, a folder of them, or a pattern such as "data/*.parquet";
            - an array or tensor of images, or a tuple (images, labels): bytes as (n, height, width)
              or (n, height, width, channels), floats as (n, channels, height, width);
            - a list of paths, PIL images, arrays of several sizes, or pairs (image, label); also
              as a tuple (list, labels);
            - a data set of torch or of Hugging Face `datasets`, or a pandas frame with a column of
              images or of paths;
            - `Images`.
        split: "train", "test" or another part that the source has. None is all of "digits" and of a
            source without parts, and "train" elsewhere.
        limit: Read the first so many; of folders by class, so many spread evenly over the classes.
            A stream gives the first so many of each pass, in the order of the pass.
        streaming: Give an `ImageStream`, which reads when it is iterated over, stores nothing, and
            holds no more than a window of the set in memory.

    Raises:
        InputError: There is no such source or split, it holds no image that can be read, or labels
            and images do not fit each other.

    Example:
        >>> import numpy as np
        >>> load_data("digits")
        <Images 'digits': 1,797 grey images of 8x8 pixels, 10 classes>
        >>> load_data((np.zeros((3, 4, 4), np.uint8), [0, 1, 1])).labels
        array([0, 1, 1])
    """
    if limit is not None and (not hasattr(limit, "__index__") or limit <= 0):
        raise InputError(f"limit={limit!r}; expected an integer of at least 1, or None for all")
    if split is not None and not isinstance(split, str):
        raise InputError(f"split={split!r}; expected a name such as 'train' or 'test'")
    if streaming:
        return ImageStream(find_source(source).shards(split), Options(limit=limit))
    images = find_source(source).load(split, limit)
    for remark in images.remarks:
        say(f"{images.name}: {remark}.")
    return images
