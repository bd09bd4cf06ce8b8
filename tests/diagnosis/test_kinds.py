"""Every kind of finding is described, and the page that lists them is that of the rules."""

import ast
import importlib.util
from pathlib import Path

import pytest

from cutaway.diagnosis import KINDS
from cutaway.diagnosis.rules import SUBJECTS
from cutaway.views.gallery import FIGURES

ROOT = Path(__file__).parents[2]


def generator():
    spec = importlib.util.spec_from_file_location("make_findings", ROOT / "docs/make_findings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_findings_is_that_of_the_rules():
    made = generator()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run docs/make_findings.py"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_has_a_figure_that_exists_and_says_what_to_try(kind):
    assert kind.figure in FIGURES
    assert kind.advice.endswith(".")
    assert kind.says.endswith((".", ";"))
    assert kind.weight


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.__name__)
def test_every_kind_that_a_rule_makes_is_listed_beside_it(subject):
    tree = ast.parse(Path(subject.__file__).read_text(encoding="utf-8"))
    made = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "Finding"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert made <= KINDS.keys()


def test_no_kind_is_listed_twice():
    names = [kind.name for subject in SUBJECTS for kind in subject.KINDS]
    assert len(names) == len(set(names))


def test_a_threshold_without_a_word_is_refused():
    made = generator()
    with pytest.raises(ValueError, match="RULES says nothing of itself"):
        made._threshold("RULES", SUBJECTS[0])
