import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from cutaway.errors import InputError
from cutaway.maps import compare_clusters
from cutaway.maps.cluster_words import WARNING
from cutaway.maps.clusters import matched

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 50)
CENTRES = RNG.normal(size=(4, 60)) * 5
FEATURES = CENTRES[LABELS] + RNG.normal(size=(200, 60))
CORNERS = np.array([[0, 0], [30, 0], [0, 30], [30, 30]])
MAP = (CORNERS[LABELS] + RNG.normal(size=(200, 2))).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sets this small are grouped fastest on one."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def found():
    return compare_clusters(FEATURES, MAP, LABELS)


def test_clusters_that_are_there_are_found_in_both_spaces(found):
    assert set(found.groupings) == {
        f"{method} of the {space}"
        for method in ("k-means", "HDBSCAN")
        for space in ("features", "map")
    }
    for grouping in found.groupings.values():
        assert grouping.clusters == 4
        assert grouping.ari > 0.9
        assert grouping.nmi > 0.9
    assert found.agreement["k-means"] == {"ari": 1.0, "nmi": pytest.approx(1.0)}


def test_a_map_that_tears_a_cluster_disagrees_with_the_features():
    torn = MAP.copy()
    torn[:25] += [-40, -40]
    found = compare_clusters(FEATURES, torn, LABELS, clusters=4)
    assert found.groupings["HDBSCAN of the map"].clusters == 5
    assert found.groupings["HDBSCAN of the features"].clusters == 4
    assert found.agreement["HDBSCAN"]["ari"] < 0.95


def test_a_new_sample_joins_the_nearest_cluster_of_the_features(found):
    new = CENTRES + 0.1
    members = found.groupings["k-means of the features"].labels
    np.testing.assert_array_equal(found.predict(new), members[::50])
    np.testing.assert_array_equal(found.predict(new), [0, 1, 2, 3])
    with pytest.raises(InputError, match=r"shape \(4, 59\); expected \(samples, 60\)"):
        found.predict(new[:, 1:])


def test_the_answer_gives_its_evidence_and_its_warning(found):
    words = found.in_words()
    assert words.startswith("Can one simply cluster the map? k-means finds the same groups in the")
    assert "ARI 1.00; 4 and 4 clusters" in words
    assert "Agreement with the labels" in words
    assert "nearer to the labels" not in words
    assert f"by {found.distances_kept:.2f}" in words
    assert WARNING in words


def test_a_map_that_tells_the_classes_better_than_the_features_is_said_to():
    noise = np.random.default_rng(1).normal(size=FEATURES.shape)
    assert "nearer to the labels, since" in compare_clusters(noise, MAP, LABELS).in_words()


def test_the_figures_are_plain_json(found):
    figures = json.loads(json.dumps(found.to_dict()))
    assert figures["groupings"]["k-means of the map"]["clusters"] == 4
    assert "labels" not in figures["groupings"]["k-means of the map"]


def test_without_labels_nothing_is_said_of_them():
    found = compare_clusters(FEATURES, MAP, clusters=4)
    assert found.groupings["k-means of the map"].ari is None
    assert "labels" not in found.in_words()


def test_of_more_samples_than_asked_for_some_are_drawn():
    found = compare_clusters(FEATURES, MAP, LABELS, most=80)
    assert found.samples == len(found.chosen) == 80
    assert len(found.groupings["k-means of the map"].labels) == 80


def naive_shared(groups, guide):
    """The most samples that any naming of the groups shares with the guide, by trying them all."""
    own = sorted(set(groups) - {-1})
    names = [0, 1, 2, *[None] * len(own)]
    return max(
        sum(
            dict(zip(own, chosen, strict=True)).get(group, -1) == name
            for group, name in zip(groups, guide, strict=True)
        )
        for chosen in itertools.permutations(names, len(own))
    )


@settings(max_examples=50)
@given(
    groups=st.lists(st.integers(-1, 3), min_size=9, max_size=9),
    guide=st.lists(st.integers(0, 2), min_size=9, max_size=9),
)
def test_no_other_renumbering_shares_more_samples_with_the_guide(groups, guide):
    found = matched(np.array(groups), np.array(guide)).tolist()
    assert sum(map(int.__eq__, found, guide)) == naive_shared(groups, guide)
    pairs = set(zip(found, groups, strict=True))
    assert len(pairs) == len({name for name, _ in pairs}) == len({group for _, group in pairs})
    assert {name for name, group in pairs if group == -1} <= {-1}


def test_groups_bear_the_numbers_of_the_classes_they_are_most_like(found):
    for grouping in found.groupings.values():
        assert np.mean(grouping.labels == LABELS) > 0.9


@pytest.mark.parametrize("rows", [2, 3, 6])
def test_few_or_equal_rows_are_one_cluster_and_no_error(rows):
    found = compare_clusters(np.ones((rows, 4)), np.zeros((rows, 2)))
    assert found.groupings["k-means of the features"].clusters == 1
    assert WARNING in found.in_words()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((FEATURES, MAP[1:]), "{'features': 200, 'embedding': 199} samples; expected equal"),
        ((FEATURES, MAP, LABELS[1:]), "'labels': 199} samples"),
        ((FEATURES[:1], MAP[:1]), "numbers of two or more"),
    ],
)
def test_unequal_lengths_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        compare_clusters(*arguments)


def test_more_clusters_than_samples_are_refused():
    with pytest.raises(InputError, match="clusters=201 for 200 samples"):
        compare_clusters(FEATURES, MAP, clusters=201)
