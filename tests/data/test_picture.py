"""One image file: every mode, turned upright, and hostile bytes."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cutaway.data.picture import Header, Unreadable, read_header, read_picture


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def read(data, size, channels):
    picture = read_picture(lambda _: io.BytesIO(data), 0, size, channels)
    return picture if isinstance(picture, Unreadable) else picture.pixels


def header(data):
    return read_header(lambda _: io.BytesIO(data), 0)


def png_head(width, height):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IDAT"


@pytest.mark.parametrize(
    ("image", "grey", "kinds", "value"),
    [
        (Image.new("L", (3, 2), 200), True, set(), 200),
        (Image.new("RGB", (3, 2), (200, 200, 200)), False, set(), 200),
        (Image.new("1", (3, 2), 1), True, set(), 255),
        (Image.new("RGBA", (3, 2), (0, 0, 0, 0)), False, {"transparent"}, 255),
        (Image.new("RGBA", (3, 2), (0, 0, 0, 255)), False, {"transparent"}, 0),
        (Image.new("LA", (3, 2), (0, 0)), True, {"transparent"}, 255),
        (Image.new("RGB", (3, 2), (9, 9, 9)).quantize(2), False, {"coded"}, 9),
    ],
)
def test_modes(image, grey, kinds, value):
    data = encode(image)
    assert header(data) == Header((2, 3), grey, frozenset(kinds))
    for channels in (1, 3):
        picture = read(data, (2, 3), channels)
        assert picture.shape == (2, 3, channels)
        assert np.abs(picture.astype(int) - value).max() <= 1


def test_palette_with_a_transparent_colour():
    image = Image.new("P", (2, 2), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 1)
    data = encode(image, transparency=0)
    assert header(data).kinds == {"transparent", "coded"}
    assert read(data, (2, 2), 3)[:, :, 0].tolist() == [[255, 255], [255, 255]]
    assert read(data, (2, 2), 3)[:, :, 1].tolist() == [[0, 255], [255, 255]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 257, 65535]], np.uint16), [0, 1, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
    ],
)
def test_deep_values_are_scaled(values, expected):
    data = encode(Image.fromarray(values), "TIFF")
    assert header(data) == Header((1, 3), True, frozenset({"deep"}))
    assert read(data, (1, 3), 1).ravel().tolist() == expected


def test_floats_of_unknown_scale_are_not_guessed():
    data = encode(Image.fromarray(np.array([[0.0, 300.0]], np.float32)), "TIFF")
    assert "values from 0 to 300, not within 0 to 1" in read(data, (1, 2), 1).reason


def test_cmyk_becomes_rgb():
    data = encode(Image.new("CMYK", (2, 2), (0, 0, 0, 0)), "JPEG")
    assert header(data).kinds == {"coded"}
    assert read(data, (2, 2), 3).min() > 250


def test_a_camera_image_is_turned_upright():
    image = Image.fromarray(np.array([[0, 0, 0, 255]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(image, exif=exif)
    assert header(data).size == (4, 1)
    assert read(data, (4, 1), 1).ravel().tolist() == [0, 0, 0, 255]


def test_resizing_keeps_a_constant_image():
    data = encode(Image.new("L", (9, 5), 77))
    assert (read(data, (4, 4), 1) == 77).all()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no image in a known format"),
        (b"hello", "no image in a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no image in a known format"),
        (png_head(60_000, 60_000), "too large"),
        (png_head(9_000, 9_000), "too large"),
    ],
)
def test_hostile_bytes_are_named(data, reason):
    assert reason in header(data).reason
    assert reason in read(data, (2, 2), 3).reason


def test_a_truncated_file_is_named():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    data = encode(Image.fromarray(noise), "JPEG")[:900]
    assert isinstance(header(data), Header)
    assert "damaged: image file is truncated" in read(data, (64, 64), 3).reason


def test_a_file_that_is_gone_is_named(tmp_path):
    reason = read_header(lambda _: (tmp_path / "no.png").open("rb"), 0).reason
    assert reason == "unreadable: No such file or directory"


@given(st.integers(0, 150), st.integers(0, 255))
def test_a_changed_byte_never_raises(place, value):
    data = bytearray(encode(Image.new("RGB", (8, 8), (1, 2, 3))))
    data[place % len(data)] = value
    picture = read(bytes(data), (8, 8), 3)
    assert isinstance(picture, Unreadable) or picture.shape == (8, 8, 3)
