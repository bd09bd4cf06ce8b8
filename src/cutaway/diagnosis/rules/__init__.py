"""The rules that make findings: each reads the evidence and yields what it noticed."""

from collections.abc import Callable, Iterator

from cutaway.diagnosis.findings import SEVERITIES, Evidence, Finding
from cutaway.diagnosis.rules import (
    adversarial,
    attribution,
    certainty,
    cues,
    data,
    gradients,
    layers,
    network,
    predictions,
    units,
)

Rule = Callable[[Evidence], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    *network.RULES,
    *layers.RULES,
    *units.RULES,
    *gradients.RULES,
    *data.RULES,
    *predictions.RULES,
    *certainty.RULES,
    *cues.RULES,
    *adversarial.RULES,
    *attribution.RULES,
)
"""Every rule; findings of equal severity keep this order."""


def find(evidence: Evidence) -> list[Finding]:
    """Applies every rule and orders what they find: problems, warnings, notes.

    Example:
        >>> import pandas as pd
        >>> empty = pd.DataFrame({"layer": [], "dead": [], "type": []})
        >>> evidence = Evidence({}, pd.DataFrame({"split": ["test"]}), empty, empty,
        ...                     transform_origin="inferred", data_split="test")
        >>> [finding.kind for finding in find(evidence)]
        ['input transform']
    """
    found = [finding for rule in RULES for finding in rule(evidence)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
