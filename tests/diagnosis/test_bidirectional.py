"""Names that could put the words beside them in another order."""

import re

import pandas as pd
import pytest

from cutaway.diagnosis.bidirectional import isolated
from cutaway.diagnosis.evidence import Evidence
from tests.attacks.hostile import NAMES

ORDERING = re.compile("[\u202a-\u202e\u2066\u2067]")


@pytest.mark.parametrize("name", ["cat", "3", "Katze mit Hut", "猫", "été", ""])
def test_other_names_stay_as_they_are(name):
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["عنكبوت أسود", "תרנגול הודו", "cat קט"])
def test_names_from_right_to_left_are_set_apart(name):
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", [*NAMES, "a\u202eb", "\u2069\u202e\u05e7\u05d5", "\u2067a"])
def test_no_name_orders_what_follows_it(name):
    said = isolated(name)
    assert not ORDERING.search(said)
    assert said.count("\u2068") == said.count("\u2069") <= 1


def test_a_finding_names_a_class_so():
    tables = [pd.DataFrame()] * 3
    evidence = Evidence({}, *tables, class_names=("قط", "dog"))
    assert [evidence.name(label) for label in range(3)] == ["\u2068قط\u2069", "dog", "2"]
