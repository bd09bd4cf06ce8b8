"""What the rules notice under attack: how robust predictions are, and which of them."""

from collections.abc import Iterator
from typing import Any

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.predictions import SURE
from cutaway.diagnosis.rules.words import called

CLEAR = 0.5
"""A rank correlation of this size answers whether the confident are the robust with a plain yes."""
NEARLY_ALL = 0.99
"""Rungs are listed up to this share."""
HALF = 0.5
"""The change that turns over this share of predictions is named."""


def _sure_and_robust(evidence: Evidence) -> Iterator[Finding]:
    found = (evidence.adversarial or {}).get("surety", ())
    everyone = {each["measure"]: each for each in found if each["group"] == "all"}
    if "lead" not in everyone:
        return
    lead = everyone["lead"]
    fifths = (evidence.adversarial or {})["fifths"]
    right = next((e for e in found if (e["group"], e["measure"]) == ("right", "lead")), None)
    others = " and ".join(
        f"{_correlation(everyone[name])} for {name}"
        for name in ("margin", "confidence")
        if name in everyone
    )
    yield Finding(
        "sure and robust",
        _answer(lead),
        f"Of {lead['samples']:,} samples, the lead of the largest final activation over the second goes with the distance to the "
        f"nearest decision boundary found (DeepFool) at a rank correlation of {_correlation(lead)} (95% interval {lead['low']:.2f} to "
        f"{lead['high']:.2f}, {_p_value(lead)}){'; it is ' + others if others else ''}. "
        f"The surest fifth lies {fifths[-1]:.2g} from a boundary, the least sure {fifths[0]:.2g} (medians)."
        + (f" Among right predictions alone it is {_correlation(right)}." if right else "")
        + _exceptions(evidence),
        "robustness",
        samples=_fragile(evidence),
    )


def _answer(lead: dict[str, Any]) -> str:
    if lead["low"] > 0 and lead["correlation"] >= CLEAR:
        return "Confident predictions are the robust ones"
    if lead["low"] > 0:
        return "Confident predictions are a little more robust"
    if lead["high"] < 0:
        return "Confident predictions are the less robust ones"
    return "Confidence says nothing of robustness here"


def _correlation(found: dict[str, Any]) -> str:
    return f"{found['correlation']:.2f}"


def _p_value(found: dict[str, Any]) -> str:
    return "p < 0.001" if found["p_value"] < 0.001 else f"p = {found['p_value']:.3f}"


def _fragile(evidence: Evidence) -> tuple[int, ...]:
    """The confident predictions that lie nearest to a boundary."""
    table = evidence.samples
    sure = table[(table["confidence"] >= SURE) & table["flip_distance"].notna()]
    return tuple(int(row) for row in sure.nsmallest(9, "flip_distance", keep="first")["id"])


def _exceptions(evidence: Evidence) -> str:
    return (
        " Shown are the confident predictions nearest to a boundary." if _fragile(evidence) else ""
    )


def _turned(evidence: Evidence) -> Iterator[Finding]:
    record = evidence.adversarial or {}
    if "turned" not in record:
        return
    shares = dict(zip(record["epsilons"], record["turned"]["pgd-linf"], strict=True))
    enough = next((rung for rung, share in shares.items() if share >= HALF), None)
    last = record["epsilons"][-1]
    title = (
        f"Fewer than half of the predictions turn over at a change of {_rung(last)} a pixel"
        if enough is None
        else f"A change of {_rung(enough)} a pixel turns over half of the predictions"
    )
    told = [rung for rung, share in shares.items() if share and share <= NEARLY_ALL]
    steps = ", ".join(f"{shares[rung]:.0%} within {_rung(rung)}" for rung in told)
    single = dict(zip(record["epsilons"], record["turned"]["fgsm"], strict=True))[enough or last]
    yield Finding(
        "adversarial",
        title,
        f"PGD, with no pixel changed by more than the rung and none out of range, turns over {steps or 'all or none'} of {record['attacked']:,} "
        f"samples; one step of FGSM turns over {single:.0%} at {_rung(enough or last)}.",
        "attacks",
        weight=float(shares[enough or last]),
    )


def _rung(epsilon: float) -> str:
    return f"{255 * epsilon:.3g}/255"


def _parting(evidence: Evidence) -> Iterator[Finding]:
    part = (evidence.adversarial or {}).get("parting")
    if part is None:
        return
    yield Finding(
        "adversarial",
        f"Clean and attacked images part at {called(part['layer'])}",
        f"Attacks change the input by {part['entry']:.1%} of its norm. Activations are {part['before']:.0%} apart before {called(part['layer'])} and "
        f"{part['distance']:.0%} after it, the largest step; {part['end']:.0%} at the end. Noise as large at the input ends {part['noise_end']:.1%} "
        "apart: what the layers do to an attack is not what they do to chance.",
        "parting",
        part["layer"],
    )


def _left_out(evidence: Evidence) -> Iterator[Finding]:
    words = (evidence.adversarial or {}).get("omitted")
    if words:
        yield Finding("left out", "No sample was attacked", words)


RULES = (
    _sure_and_robust,
    _turned,
    _parting,
    _left_out,
)

KINDS = (
    Kind(
        "sure and robust",
        "Whether confident predictions are farther from a decision boundary.",
        "nothing: it answers a question",
        "robustness",
        "Look at the confident predictions nearest to a boundary.",
        thresholds=("CLEAR", "diagnosis.rules.predictions:SURE"),
    ),
    Kind(
        "adversarial",
        "How small a change turns predictions over, and at which layer changed images part from clean ones.",
        "predictions, those turned over",
        "attacks",
        "Training on attacked images moves the boundaries away.",
        thresholds=("HALF", "NEARLY_ALL"),
    ),
    Kind(
        "left out",
        "Something that was asked for could not be done.",
        "nothing",
        "unit_use",
        "The text says what it needs.",
    ),
)
