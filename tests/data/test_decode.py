"""Many image files: one size, one mode, the unreadable named."""

import io

import numpy as np
import pytest
from PIL import Image

from cutaway.data import Skipped
from cutaway.data.decode import Encoded, decode
from cutaway.errors import InputError


def encoded(*images, labels=None, class_names=None):
    files = []
    for image in images:
        if isinstance(image, Image.Image):
            buffer = io.BytesIO()
            image.save(buffer, "PNG")
            files.append(buffer.getvalue())
        else:
            files.append(image)
    return Encoded(
        sources=tuple(f"{at}.png" for at in range(len(files))),
        open=lambda at: io.BytesIO(files[at]),
        labels=None if labels is None else np.array(labels),
        class_names=class_names,
    )


def grey(width, height, value=0):
    return Image.new("L", (width, height), value)


def test_equal_images_are_taken_as_they_are():
    images = decode(encoded(grey(3, 2, 5), grey(3, 2, 9)), "pair", "train")
    assert images.pixels[..., 0].tolist() == [[[5] * 3] * 2, [[9] * 3] * 2]
    assert (images.remarks, images.skipped, images.split) == ((), (), "train")


def test_sizes_follow_the_most_common_one():
    images = decode(encoded(grey(3, 2), grey(3, 2), grey(9, 9), grey(1, 1)), "mixed", None)
    assert images.pixels.shape == (4, 2, 3, 1)
    (remark,) = images.remarks
    assert remark == (
        "2 of 4 images were resized to 3x2 pixels, the most common size; theirs ran from 1x1 to 9x9"
    )


def test_without_a_common_size_the_middle_one_is_taken():
    images = decode(encoded(grey(90, 90), grey(4, 4), grey(1, 1)), "mixed", None)
    assert images.pixels.shape == (3, 4, 4, 1)


def test_one_coloured_image_makes_all_rgb():
    images = decode(encoded(grey(2, 2), Image.new("RGBA", (2, 2))), "mixed", None)
    assert images.channels == 3
    assert images.remarks == (
        "1 of 2 images have transparency and were laid over white",
        "1 of 2 images are grey and were expanded to RGB, like the others",
    )


def test_one_unreadable_among_many_is_named_and_skipped():
    files = encoded(grey(2, 2), b"junk", grey(2, 2), labels=[0, 1, 2], class_names=("a", "b", "c"))
    images = decode(files, "some", None)
    assert images.labels.tolist() == [0, 2]
    assert images.sources == ("0.png", "2.png")
    assert [one.source for one in images.skipped] == ["1.png"]
    assert "1 of 3 images were skipped: 1.png (no image in a known format" in images.remarks[0]


def test_damage_found_late_is_skipped_too():
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    good = Image.new("RGB", (64, 64), (7, 7, 7))
    images = decode(encoded(buffer.getvalue()[:900], good), "some", None)
    assert images.sources == ("1.png",)
    assert (images.pixels == 7).all()
    assert "truncated" in images.skipped[0].reason


def test_a_hundred_unreadable_are_all_named():
    files = [grey(2, 2) if at % 10 else b"junk" for at in range(1000)]
    images = decode(encoded(*files), "some", None)
    assert len(images) == 900
    assert [one.source for one in images.skipped] == [f"{at}.png" for at in range(0, 1000, 10)]
    assert "100 of 1,000 images were skipped" in images.remarks[0]
    assert "and 97 more, see .skipped or describe --json" in images.remarks[0]


def test_none_readable_is_an_error():
    with pytest.raises(InputError, match="none of the 2 images of 'bad' can be read; the first"):
        decode(encoded(b"junk", b""), "bad", None)


def test_large_images_are_decoded_by_threads_in_order():
    values = [at % 251 for at in range(600)]
    images = decode(encoded(*(grey(128, 128, value) for value in values)), "large", None)
    assert images.pixels[:, 5, 5, 0].tolist() == values


def test_more_than_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda name: 100 if name == "SC_PAGE_SIZE" else 1)
    with pytest.raises(InputError, match="would take .* choose fewer by limit="):
        decode(encoded(grey(9, 9)), "huge", None)


def test_a_system_that_does_not_say_its_memory_decodes(monkeypatch):
    monkeypatch.delattr("os.sysconf")
    assert len(decode(encoded(grey(9, 9)), "any", None)) == 1


def test_earlier_skips_and_remarks_are_kept():
    files = encoded(grey(2, 2))
    files = Encoded(files.sources, files.open, skipped=(Skipped("x", "y"),), remarks=("first",))
    images = decode(files, "some", None)
    assert images.remarks == ("first", "1 of 2 images were skipped: x (y)")
