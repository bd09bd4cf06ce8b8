"""The rules that make findings: each reads the evidence and yields what it noticed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules import (
    adversarial,
    attribution,
    certainty,
    cues,
    data,
    gradient_history,
    gradients,
    inputs,
    layers,
    mismatch,
    modes,
    network,
    outputs,
    predictions,
    shortcuts,
    units,
)

MOST_OF_A_KIND = 3
"""So many findings of one kind and gravity stand alone; what more layers have is told in one."""
LISTED_LAYERS = 24
"""So many of these layers are named."""

Rule = Callable[[Evidence], Iterator[Finding]]

SUBJECTS = (
    network,
    modes,
    inputs,
    mismatch,
    layers,
    units,
    gradients,
    gradient_history,
    data,
    shortcuts,
    predictions,
    outputs,
    certainty,
    cues,
    adversarial,
    attribution,
)
"""The modules of the rules; findings of equal rank keep this order."""

RULES: tuple[Rule, ...] = tuple(rule for subject in SUBJECTS for rule in subject.RULES)
"""Every rule."""

KINDS: dict[str, Kind] = {kind.name: kind for subject in SUBJECTS for kind in subject.KINDS}
"""Every kind of finding by its name."""


def find(evidence: Evidence) -> list[Finding]:
    """Applies every rule and orders what they find.

    Problems come before warnings and these before notes; within each, what touches more of the data
    or the network comes first.

    Example:
        >>> import pandas as pd
        >>> empty = pd.DataFrame({"layer": [], "dead": [], "type": []})
        >>> evidence = Evidence({}, pd.DataFrame({"split": ["test"]}), empty, empty,
        ...                     transform_origin="inferred", data_split="test")
        >>> [finding.kind for finding in find(evidence)]
        ['input transform']
    """
    found = [finding for rule in RULES for finding in rule(evidence)]
    ordered = sorted(map(_advised, found), key=lambda finding: finding.rank)
    return sorted(_gathered(ordered), key=lambda finding: finding.rank)


def _gathered(ordered: list[Finding]) -> list[Finding]:
    """Of what one rule says of very many layers, the gravest layers alone and the rest together."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in ordered:
        alike.setdefault((finding.kind, finding.severity), []).append(finding)
    gathered = []
    for group in alike.values():
        alone = len(group) if len(group) <= MOST_OF_A_KIND + 1 else MOST_OF_A_KIND
        gathered += group[:alone]
        if group[alone:]:
            gathered.append(_together(group[alone:]))
    return gathered


def _together(rest: list[Finding]) -> Finding:
    first = rest[0]
    layers = [finding.layer for finding in rest if finding.layer]
    listed = ", ".join(layers[:LISTED_LAYERS]) + (
        " and others" if len(layers) > LISTED_LAYERS else ""
    )
    return replace(
        first,
        title=f"The same in {len(rest)} more layers: {first.kind}",
        text=f"Each is touched less than those above: {listed}.",
        samples=(),
    )


def _advised(finding: Finding) -> Finding:
    """The finding with what to try, where it does not say so itself."""
    return replace(finding, advice=finding.advice or KINDS[finding.kind].advice)
