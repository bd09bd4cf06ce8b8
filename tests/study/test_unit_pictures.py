"""The gallery and the report show what a Study holds of units, and cope with one that lacks it."""

import shutil

import pandas as pd
import pytest

from cutaway.errors import InputError
from cutaway.study import open_study
from cutaway.views.gallery import draw
from cutaway.views.report.sections.layers import feature_maps_section, filters_section
from cutaway.views.report.sections.units import units_section

NEW = ["near_constant", "duplicate_of", "selectivity", "selective_class", "effect", "top_places"]


@pytest.fixture(scope="module")
def older(study, tmp_path_factory):
    """The same Study as it was before units were described."""
    folder = tmp_path_factory.mktemp("older") / "digits.study"
    shutil.copytree(study.folder, folder)
    for name in ("receptive_fields.json", "gradients.parquet"):
        (folder / name).unlink()
    study.units.drop(columns=NEW).to_parquet(folder / "units.parquet")
    layers = study.layers.drop(columns=["in_use", "directions", "receptive_field"])
    layers.to_parquet(folder / "layers.parquet")
    return open_study(folder)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["filter_effects", "top_images", "feature_maps_over_image", "gradients", "unit_use"]
)
def test_every_picture_can_be_drawn(study, name, theme):
    assert draw(study, name, theme=theme).axes


def test_sections_say_what_filters_do_and_which_units_say_little(study):
    filters = filters_section(study)["filters"]
    assert filters["effects"].startswith("By their frequency response, the 6 filters of 0 are: ")
    assert filters["sorted"] is not None
    shown = units_section(study)["units"]
    assert shown["text"].startswith(f"Of {len(study.units):,} units")
    assert [picture.title for picture in shown["pictures"]] == [
        "What moves units of 1 most",
        "What moves units of 2 most",
    ]
    assert [each.title for each in shown["gradients"]] == ["The gradient at every layer"]
    assert feature_maps_section(study)["feature_maps"]["over"] is not None


def test_an_older_study_is_read_without_them(older):
    assert older.gradients is None
    assert units_section(older)["units"] is None
    assert filters_section(older)["filters"]["effects"] == ""
    assert draw(older, "top_images").axes
    assert draw(older, "feature_maps_over_image").axes
    for name in ("gradients", "filter_effects"):
        with pytest.raises(InputError):
            draw(older, name)


def test_figures_of_units_name_a_layer_that_is_not_there(study):
    with pytest.raises(InputError, match="'nowhere' has no units"):
        draw(study, "top_images", layer="nowhere")
    with pytest.raises(InputError, match="'nowhere' has no filters"):
        draw(study, "filter_effects", layer="nowhere")


def test_gradients_read_as_they_were_written(study):
    pd.testing.assert_frame_equal(
        study.gradients, pd.read_parquet(study.folder / "gradients.parquet")
    )
