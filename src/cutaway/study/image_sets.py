"""The images that a Study is built of: in memory, or read from where they lie when wanted."""

from typing import Any

from cutaway.data import Images, ImageSet, ImageStream, StreamedImages, load_data
from cutaway.errors import InputError


def image_sets(data: Any, reference: Any) -> tuple[ImageSet, ImageSet | None]:
    """Data and reference as sets that can be joined: both in memory, or neither.

    Args:
        data: `Images`, `StreamedImages`, an `ImageStream`, or what `load_data` takes.
        reference: The same, or None. Where `data` is streamed, so is what `load_data` makes of it.

    Raises:
        InputError: One of them cannot be loaded, or a stream does not begin at its beginning.
    """
    images = _opened(data, streaming=False)
    if reference is None:
        return images, None
    others = _opened(reference, streaming=isinstance(images, StreamedImages))
    if isinstance(images, Images) != isinstance(others, Images):
        return _streamed(images), _streamed(others)
    return images, others


def _opened(source: Any, *, streaming: bool) -> ImageSet:
    if isinstance(source, ImageSet):
        return source
    if not isinstance(source, ImageStream):
        source = load_data(source, streaming=streaming)
    return StreamedImages.of(source) if isinstance(source, ImageStream) else source


def _streamed(images: ImageSet) -> ImageSet:
    return StreamedImages.like_a_stream(images) if isinstance(images, Images) else images


def join_sets(images: ImageSet, others: ImageSet | None) -> tuple[ImageSet, tuple[str, ...]]:
    """Both sets as one, and the names that tell their samples apart.

    Raises:
        InputError: They differ in shape, in classes or in being labelled.
    """
    own = images.split or "data"
    if others is None:
        return images, (own,)
    other = others.split or "reference"
    if other == own:
        own, other = "data", "reference"
    if others.shape != images.shape:
        raise InputError(
            f"reference has images of shape {others.shape} and data of {images.shape}; expected "
            "equal shapes. Resize one of them"
        )
    if (others.labels is None) != (images.labels is None):
        raise InputError(
            "one of data and reference has labels and the other has none; give both or neither"
        )
    if others.class_names != images.class_names:
        raise InputError(
            f"reference has the classes {others.class_names} and data {images.class_names}; "
            "expected the same names in the same order"
        )
    return images.join(others), (own, other)
