"""Small sets of numbered images in every format, for tests."""

import io
import tarfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def picture(number, size=(8, 8), mode="L"):
    """An image whose pixels tell its number."""
    value = number % 251 if mode == "L" else (number % 251, number // 251, 7)
    return Image.new(mode, size, value)


def png(number, size=(8, 8), mode="L"):
    buffer = io.BytesIO()
    picture(number, size, mode).save(buffer, "PNG")
    return buffer.getvalue()


def add(archive, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def write_tar(path, numbers, label=lambda number: b"%d" % (number % 3), kind="cls"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for number in numbers:
            add(archive, f"{number:06}.png", png(number))
            if label is not None:
                add(archive, f"{number:06}.{kind}", label(number))
    return path


def write_tars(folder, count, shards):
    for shard, numbers in enumerate(np.array_split(np.arange(count), shards)):
        write_tar(folder / f"shard-{shard:03}.tar", numbers.tolist())
    return f"{folder}/shard-{{000..{shards - 1:03}}}.tar"


def write_parquet(path, numbers, row_group_size=50, labels=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"bytes": png(number), "path": f"{number:06}.png"} for number in numbers]
    labels = labels or [number % 3 for number in numbers]
    pq.write_table(pa.table({"image": rows, "label": labels}), path, row_group_size=row_group_size)
    return path


def write_folder(folder, count, classes=3):
    for number in range(count):
        place = folder / f"class {number % classes}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.png").write_bytes(png(number))
    return folder


def names(stream):
    """The numbered file names of a pass, without shard or folder."""
    return [source.rpartition("/")[2] for images in stream for source in images.sources]


def numbered(count):
    return [f"{number:06}.png" for number in range(count)]
