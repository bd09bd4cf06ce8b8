"""Faulty images on their way into the report: named, counted, and no reason to stop."""

import numpy as np
import pytest
from PIL import Image

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.study import build_study
from tests.study.conftest import small_network


@pytest.fixture
def folder(tmp_path):
    digits = load_data("digits").select(np.arange(40))
    for number, (image, label) in enumerate(zip(digits.pixels, digits.labels, strict=True)):
        place = tmp_path / "photos" / f"class {label}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(place / f"{number:03}.png")
    return tmp_path / "photos"


def test_one_unreadable_image_is_skipped_named_and_counted_in_the_report(folder, tmp_path, capfd):
    broken = folder / "class 3" / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    study = build_study(small_network(), str(folder), tmp_path / "study", maps={"pca": "pixels"})
    assert len(study.samples) == 40
    assert "broken.png" in capfd.readouterr().err
    finding = next(finding for finding in study.findings if finding.kind == "unreadable")
    assert finding.title == "1 file could not be read"
    assert "broken.png" in finding.text
    page = study.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "broken.png</code> could not be read and was skipped" in page


def test_arrays_with_nan_are_refused(tmp_path):
    images = np.zeros((4, 1, 8, 8), dtype=np.float32)
    images[2, 0, 1, 1] = np.nan
    with pytest.raises(InputError, match="NaN"):
        build_study(small_network(), images, tmp_path / "study")


def test_activations_that_are_not_finite_are_a_finding(tmp_path):
    network = small_network()
    network[0].weight.data[2] = float("nan")
    digits = load_data("digits").select(np.arange(30))
    study = build_study(network, digits, tmp_path / "study")
    first = study.findings[0]
    assert (first.kind, first.layer, first.severity) == ("not a number", "0", "problem")
    assert study.report(tmp_path / "report.html").is_file()
