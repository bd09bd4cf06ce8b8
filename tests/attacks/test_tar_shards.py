"""Hostile tar shards: nothing is written, nothing is believed, memory is bounded."""

import io
import os
import tarfile

import pytest

from cutaway.data import load_data
from cutaway.data.sources import tar_members
from cutaway.data.sources.tar_members import TarError, read_members
from cutaway.errors import InputError
from tests.data.samples import add, names, png, write_tar


class Bytes(io.BytesIO):
    """An archive in memory that notes how much is read at once."""

    most = 0

    def read(self, size=-1):
        data = super().read(size)
        self.most = max(self.most, len(data))
        return data

    def skip(self, size):
        return len(self.read(size)) == size


def header(name="a.png", size=0, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def members(data, **options):
    return list(read_members(Bytes(data), **options))


@pytest.mark.parametrize("name", ["../../evil.png", "/tmp/evil.png", "a/../../../evil.png"])
def test_names_that_lead_elsewhere_are_names_only(tmp_path, monkeypatch, name):
    place = tmp_path / "deep" / "down"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        add(archive, name, png(1))
    before = sorted(tmp_path.rglob("*"))
    images = load_data(tmp_path / "a.tar")
    assert images.sources == (f"a.tar/{name}",)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_links_and_devices_are_passed_over(tmp_path, kind):
    (tmp_path / "secret.png").write_bytes(png(9))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = kind, str(tmp_path / "secret.png")
        archive.addfile(link)
        add(archive, "real.png", png(1))
    assert load_data(tmp_path / "a.tar").sources == ("a.tar/real.png",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        bytes(range(256)) * 4,
        header(size=10_000),
        header(size=10_000) + b"x" * 600,
        header(kind=tarfile.XHDTYPE, size=20) + b"9999 path=x".ljust(512, b"\0"),
        header(kind=tarfile.XHDTYPE, size=20) + b"abc".ljust(512, b"\0"),
        header(kind=tarfile.XHDTYPE, size=12) + b"12 size=abc\n".ljust(512, b"\0"),
        header(kind=tarfile.XHDTYPE, size=11) + b"11 size=-5\n".ljust(512, b"\0"),
        header(kind=tarfile.GNUTYPE_LONGNAME, size=1 << 33),
        header(kind=tarfile.GNUTYPE_SPARSE),
    ],
)
def test_damaged_archives_are_told(data):
    with pytest.raises(TarError, match=r"damaged|cut off|sparse"):
        members(data)


def test_a_negative_size_is_no_step_back():
    info = bytearray(header())
    info[124:136] = b"\xff" * 11 + b"\xf0"
    info[148:156] = b" " * 8
    info[148:156] = b"%06o\0 " % sum(info)
    with pytest.raises(TarError, match="damaged"):
        members(bytes(info))


def test_a_header_of_gigabytes_is_refused_before_it_is_read():
    data = header(kind=tarfile.XHDTYPE, size=3 << 20) + b"x" * (4 << 20)
    file = Bytes(data)
    with pytest.raises(TarError, match="an extended header of 3,145,728 bytes"):
        list(read_members(file))
    assert file.most == tar_members.BLOCK


def test_a_huge_member_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_members, "MOST_MEMBER_BYTES", 5_000)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        add(archive, "huge.png", bytes(6_000))
        add(archive, "fine.png", png(3))
    stream = load_data(tmp_path / "a.tar", streaming=True)
    assert names(stream) == ["fine.png"]
    assert stream.skipped[0].source == "a.tar/huge.png"
    assert stream.skipped[0].reason == "too large, 6,000 bytes"


@pytest.mark.parametrize("layout", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_and_foreign_names_are_read(tmp_path, layout):
    long = "é" * 90 + "/" + "b" * 150 + ".png"
    with tarfile.open(tmp_path / "a.tar", "w", format=layout) as archive:
        add(archive, long, png(5))
        add(archive, "next.png", png(6))
    images = load_data(tmp_path / "a.tar")
    assert images.sources == (f"a.tar/{long}", "a.tar/next.png")
    assert images.pixels[:, 0, 0, 0].tolist() == [5, 6]


@pytest.mark.parametrize(
    "label", [b"[" * 100_000, b"\xff\xfe", b'{"label": {"deep": 1}}', b"9" * 5000, b"{}"]
)
def test_hostile_labels_do_no_harm(tmp_path, label):
    write_tar(tmp_path / "a.tar", range(2), lambda _: label, "json")
    images = load_data(tmp_path / "a.tar")
    assert len(images) == 2
    assert images.labels is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("streaming", [False, True])
def test_a_shard_cut_off_in_the_middle_is_used_up_to_there_and_named(
    tmp_path, capfd, share, streaming
):
    write_tar(tmp_path / "shard-0.tar", range(30))
    write_tar(tmp_path / "shard-1.tar", range(30, 40))
    data = (tmp_path / "shard-0.tar").read_bytes()
    # Behind the members a tar file is padded; the cut is among them.
    cut = int(30 * 4 * tar_members.BLOCK * share) + 100
    (tmp_path / "shard-0.tar").write_bytes(data[:cut])
    loaded = load_data(f"{tmp_path}/shard-*.tar", streaming=streaming)
    seen = names(loaded) if streaming else [one.rpartition("/")[2] for one in loaded.sources]
    whole = sorted(name for name in seen if int(name[:6]) < 30)
    assert whole == [f"{number:06}.png" for number in range(len(whole))]
    assert abs(len(whole) - 30 * share) <= 2
    assert len(seen) - len(whole) == 10
    assert any(one.source == "shard-0.tar" and "cut off" in one.reason for one in loaded.skipped)
    assert "shard-0.tar broke off" in capfd.readouterr().err


def test_a_compressed_shard_and_missing_ones_are_told(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w:gz") as archive:
        add(archive, "a.png", png(1))
    with pytest.raises(InputError, match="holds no image that can be read.*a.tar"):
        load_data(tmp_path / "a.tar")
    with pytest.raises(InputError, match="2 of 2 shards do not exist"):
        load_data(f"{tmp_path}/no-{{0..1}}.tar")


def test_no_file_appears_anywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    write_tar(tmp_path / "a.tar", range(5))
    list(load_data(tmp_path / "a.tar", streaming=True))
    assert os.listdir(tmp_path) == ["a.tar"]
