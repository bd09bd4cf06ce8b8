import shutil

import numpy as np
import pytest

from cutaway import open_study
from cutaway.study import ready_maps
from cutaway.study.layout import placement_file
from cutaway.study.ready_maps import ReadyMaps


@pytest.fixture
def row_of(study):
    return lambda layer: np.asarray(study.features(layer)[3], dtype=np.float32)


def test_each_map_is_placed_on_as_by_itself(study, row_of):
    places = ReadyMaps(study).place(row_of)
    assert len(places) == len(study.maps)
    for place in places:
        alone = study.finished_map(place.layer, place.method).transform(row_of(place.layer)[None])
        np.testing.assert_allclose((place.x, place.y), alone[0], rtol=1e-5, atol=1e-5)


def test_features_that_are_missing_or_no_numbers_have_no_place(study):
    maps = ReadyMaps(study)
    assert maps.place(lambda layer: None) == []
    assert maps.place(lambda layer: np.full(study.features(layer).shape[1], np.nan, "f4")) == []


def test_a_damaged_map_and_those_beyond_the_memory_are_left_out(
    study, row_of, tmp_path, monkeypatch
):
    first, *others = ((str(row.layer), str(row.method)) for row in study.maps.itertuples())
    folder = tmp_path / "damaged.study"
    shutil.copytree(study.folder, folder)
    placement_file(folder, *first).write_bytes(b"no arrays")
    maps = ReadyMaps(open_study(folder))
    assert {(place.layer, place.method) for place in maps.place(row_of)} == set(others)
    assert maps.unplaced == [first]
    monkeypatch.setattr(ready_maps, "MOST_MAP_BYTES", 0)
    assert ReadyMaps(study).place(row_of) == []
