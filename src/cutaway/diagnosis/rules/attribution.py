"""What the rules notice in attributions: those that show the image and not the network."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind

UNCHANGED = 0.5
"""An attribution is said not to change where it agrees so far with that of a randomized network."""
NAMES = {
    "grad-cam": "Grad-CAM",
    "integrated-gradients": "Integrated gradients",
    "occlusion": "Occlusion",
}


def _unchanged(evidence: Evidence) -> Iterator[Finding]:
    for method, agreement in (evidence.attribution or {}).get("sanity", {}).items():
        if agreement >= UNCHANGED:
            yield Finding(
                "attribution",
                f"{NAMES[method]}: pictures of the image rather than of the network",
                f"With the network's weights shuffled at random its pictures agree with the network's own at a rank correlation of "
                f"{agreement:.2f} (mean over kept samples and three shuffles).",
                "attribution",
            )


def _left_out(evidence: Evidence) -> Iterator[Finding]:
    record = evidence.attribution or {}
    for words in [record["omitted"]] if "omitted" in record else record.get("skipped", {}).values():
        yield Finding("left out", "An attribution was left out", words)


RULES = (
    _unchanged,
    _left_out,
)

KINDS = (
    Kind(
        "attribution",
        "A method's pictures hardly change when the network's weights are shuffled.",
        "nothing: it warns of pictures",
        "attribution",
        "Do not read from them what the network goes by; the other methods may do better.",
        thresholds=("UNCHANGED",),
    ),
)
