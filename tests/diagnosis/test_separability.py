"""k-NN and probe accuracy against scikit-learn and plain loops."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from cutaway.diagnosis import separability


def blobs(samples, seed, spread=1.0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, samples)
    centres = np.random.default_rng(99).normal(size=(3, 6)) * 2
    features = centres[labels] + random.normal(size=(samples, 6)) * spread
    return features.astype(np.float32), labels.astype(np.int64)


def naive_leave_one_out(features, labels, k):
    right = 0
    for row in range(len(features)):
        distances = ((features - features[row]) ** 2).sum(axis=1)
        distances[row] = np.inf
        votes = np.bincount(labels[np.argsort(distances, kind="stable")[:k]], minlength=3)
        right += votes.argmax() == labels[row]
    return right / len(features)


def test_leave_one_out_equals_a_plain_loop():
    features, labels = blobs(120, 0)
    found = separability(features, labels, k=5)
    assert found.knn_accuracy == pytest.approx(naive_leave_one_out(features, labels, 5))


def test_with_a_reference_it_equals_scikit_learn():
    features, labels = blobs(200, 1)
    reference = blobs(300, 2)
    found = separability(features, labels, reference, k=5)
    knn = KNeighborsClassifier(5).fit(*reference)
    assert found.knn_accuracy == pytest.approx(knn.score(features, labels), abs=0.006)
    scaler = StandardScaler().fit(reference[0])
    ridge = RidgeClassifier(alpha=0.01 * 300).fit(scaler.transform(reference[0]), reference[1])
    assert found.probe_accuracy == pytest.approx(ridge.score(scaler.transform(features), labels))


@pytest.mark.parametrize("seed", range(6))
def test_the_probe_of_each_fold_equals_one_that_never_saw_it(seed):
    features, labels = blobs(60, seed, spread=5.0)
    features = np.hstack([features, np.random.default_rng(seed).normal(size=(60, 30))])
    features = (3 + features).astype(np.float32)
    standardized = StandardScaler().fit_transform(features)
    folds = np.random.default_rng(seed).permutation(60) % 5
    right = 0
    for fold in range(5):
        learned, held = folds != fold, folds == fold
        ridge = RidgeClassifier(alpha=0.01 * learned.sum()).fit(
            standardized[learned], labels[learned]
        )
        right += (ridge.predict(standardized[held]) == labels[held]).sum()
    found = separability(features, labels, seed=seed)
    assert found.probe_accuracy == pytest.approx(right / 60)


def test_classes_that_lie_apart_score_higher():
    near, far = blobs(200, 3, spread=8.0), blobs(200, 3, spread=0.1)
    assert separability(*far).knn_accuracy == 1.0
    assert separability(*far).probe_accuracy > separability(*near).probe_accuracy


def test_constant_and_duplicate_features_do_no_harm():
    features, labels = blobs(60, 4)
    features = np.hstack([features, features, np.full((60, 3), 7, np.float32)])
    assert np.isfinite(separability(features, labels).probe_accuracy)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0, 0], [0, 1, 0]])
def test_with_nothing_to_tell_apart_there_is_no_score(labels):
    features = np.zeros((len(labels), 2), dtype=np.float32)
    assert separability(features, np.array(labels, dtype=np.int64)) is None


def test_equal_seeds_give_equal_scores():
    features, labels = blobs(100, 5)
    assert separability(features, labels, seed=3) == separability(features, labels, seed=3)
