"""Two Studies side by side: of two networks, of two epochs, of other data."""

import re
from dataclasses import replace

import numpy as np
import pytest
from torch import nn

import cutaway
from cutaway.diagnosis import cka_matrix
from cutaway.errors import InputError
from cutaway.study import build_study, compare
from cutaway.views.comparison.overview import verdict
from tests.study.conftest import small_network

MAPS = {"pca": ["pixels", "5"]}


def other_network():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def later(digits, training_digits, folder):
    """The same network with other weights."""
    network = small_network(seed=1)
    return build_study(
        network, digits, folder / "later.study", reference=training_digits, maps=MAPS
    )


@pytest.fixture(scope="module")
def unlike(digits, folder):
    """Another network, of fewer of the samples and in another order."""
    some = digits.select(np.arange(120)[::-1])
    return build_study(
        other_network(), some, folder / "unlike.study", maps={"pca": ["pixels", "2"]}
    )


@pytest.fixture(scope="module")
def compared(study, later):
    return compare(study, later)


def test_samples_that_changed_are_told_as_a_plain_loop_tells_them(compared, study, later):
    words = []
    for mine, theirs in zip(study.studied.itertuples(), later.studied.itertuples(), strict=True):
        right, right_after = (row.predicted == row.label for row in (mine, theirs))
        if right_after and not right:
            words.append("won")
        elif right and not right_after:
            words.append("lost")
        else:
            words.append("kept" if mine.predicted == theirs.predicted else "moved")
    assert compared.samples["change"].tolist() == words
    counts = compared.counts
    assert counts["won"] == words.count("won") > 0
    assert counts["lost"] == words.count("lost") > 0
    gained = counts["other_accuracy"] - counts["accuracy"]
    assert gained * counts["samples"] == pytest.approx(counts["won"] - counts["lost"])


def test_recalls_are_shares_of_each_class(compared, study, later):
    for row in compared.recalls.itertuples():
        for table, recall in ((study.studied, row.recall), (later.studied, row.other_recall)):
            own = table[table["label"] == row.label]
            assert recall == pytest.approx((own["predicted"] == row.label).mean())


def test_layers_of_both_are_compared_on_the_same_samples(compared, study, later):
    layers = study.layers["layer"].tolist()
    assert len(compared.cka) == len(layers) ** 2
    table = compared.cka.set_index(["layer", "other"])["cka"]
    rows = np.arange(150)
    one, other = np.array(study.features("3")), np.array(later.features("5"))
    assert table["3", "5"] == pytest.approx(cka_matrix([one, other], rows)[0, 1], abs=1e-9)
    assert table["pixels", "pixels"] == pytest.approx(1)


def test_a_study_is_alike_to_itself(study):
    same = compare(study, study)
    assert same.counts["changed"] == same.counts["won"] == same.counts["lost"] == 0
    assert same.counts["chance"] == 1
    assert not same.findings.came
    assert not same.findings.went
    table = same.cka.set_index(["layer", "other"])["cka"]
    own = study.cka.set_index(["layer", "other"])["cka"]
    np.testing.assert_allclose(table[own.index], own, atol=1e-6)


def test_maps_of_the_second_lie_on_those_of_the_first(compared, study):
    (layer, other, method) = compared.maps()[0]
    assert (layer, other, method) == ("5", "5", "pca")
    one, two = compared.places(layer, other, method)
    np.testing.assert_allclose(one, study.map("5", "pca")[["x", "y"]].iloc[:150], atol=1e-6)
    assert two.shape == one.shape
    np.testing.assert_allclose(two.mean(axis=0), one.mean(axis=0), atol=1e-3)


def test_another_network_with_fewer_samples_in_another_order(study, unlike):
    found = compare(study, unlike)
    assert found.counts["samples"] == 120
    assert found.pairing.left_out == (30, 0)
    theirs = unlike.samples.set_index("id")["source"]
    mine = study.samples.set_index("id")["source"]
    assert mine[found.samples["id"]].tolist() == theirs[found.samples["other_id"]].tolist()
    assert found.maps() == [("5", "2", "pca")]
    table = found.cka.set_index(["layer", "other"])["cka"]
    assert table["pixels", "pixels"] == pytest.approx(1)
    assert not found.same_layers


def test_without_labels_predictions_still_compare(digits, folder):
    studies = [
        build_study(small_network(seed), digits.pixels, folder / f"bare-{seed}", maps={"pca": "5"})
        for seed in (0, 1)
    ]
    found = compare(*studies)
    assert set(found.counts) == {"samples", "changed"}
    assert found.recalls is None
    page = found.report(folder / "bare.html").read_text(encoding="utf-8")
    assert "The data has no labels." in page


def test_the_page_holds_no_script_and_escapes_what_it_shows(compared, folder):
    page = compared.report(folder / "compare.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert " style=" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert titles == ["Compared", "Predictions", "Calibration", "Layers", "Maps", "Findings"]
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "McNemar" in page


def test_a_page_of_unlike_networks(study, unlike, folder):
    page = compare(study.folder, unlike.folder).report(folder / "unlike.html").read_text()
    assert "laid over each other by depth" in page
    assert "30 samples that only one of them holds are left out" in page


def test_hostile_names_are_text(digits, folder):
    hostile = replace(digits, class_names=("<script>alert(1)</script>", *digits.class_names[1:]))
    studies = [
        build_study(small_network(seed), hostile, folder / f"{seed}<b>.study", maps={"pca": "5"})
        for seed in (0, 1)
    ]
    page = compare(*studies).report(folder / "hostile.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>.study" not in page


def test_the_command_writes_the_page_and_counts(study, later, tmp_path, capsys):
    from cutaway.cli import app

    out = tmp_path / "out.html"
    app(["compare", str(study.folder), str(later.folder), "-o", str(out)], standalone_mode=False)
    assert capsys.readouterr().out.strip() == str(out)
    assert out.is_file()


def test_nothing_in_common_is_named(study, digits, folder):
    strangers = replace(digits, sources=tuple(f"elsewhere/{i}" for i in range(len(digits))))
    other = build_study(small_network(), strangers, folder / "strangers", maps={"pca": "5"})
    with pytest.raises(InputError, match="have no sample in common; expected two Studies of the"):
        cutaway.compare(study, other)


def test_other_images_under_the_same_names_are_named(study, digits, folder):
    inverted = replace(digits, pixels=255 - digits.pixels)
    other = build_study(small_network(), inverted, folder / "inverted", maps={"pca": "5"})
    with pytest.raises(InputError, match="is another image in"):
        cutaway.compare(study, other)


def test_other_labels_under_the_same_names_are_named(study, digits, folder):
    moved = replace(digits, labels=(digits.labels + 1) % 10)
    other = build_study(small_network(), moved, folder / "moved", maps={"pca": "5"})
    with pytest.raises(InputError, match=r"150 of 150 samples have other labels"):
        cutaway.compare(study, other)


def test_other_classes_are_named(study, digits, folder):
    named = replace(digits, class_names=tuple("abcdefghij"))
    other = build_study(small_network(), named, folder / "named", maps={"pca": "5"})
    with pytest.raises(InputError, match=r"has the classes \['0', .*; expected the same"):
        cutaway.compare(study, other)


def test_a_study_beside_itself_is_said_to_be_right_about_the_same_samples(study):
    assert verdict(compare(study, study)).endswith("right, the same samples.")


def test_a_folder_in_place_of_a_file_is_named(compared, tmp_path):
    with pytest.raises(InputError, match="is a folder; expected a file such as page.html"):
        compared.report(tmp_path)


def test_two_folders_of_one_name_are_told_apart(study, later):
    assert compare(study, later).names == ("digits", "later")
    assert compare(study, study).names == ("digits (first)", "digits (second)")
    assert "150 samples" in repr(compare(study, later))
