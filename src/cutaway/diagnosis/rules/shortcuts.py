"""What the rules notice of shortcuts in the images: marks at the edge that give the class away."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import share

LEANS = 0.1
"""A network goes by a spot where painting it over costs more than this share of the predictions."""


def _edge_spot(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.edge_spots:
        return
    splits = sorted(evidence.edge_spots, key=lambda split: split != evidence.data_split)
    found = evidence.edge_spots[splits[0]]
    lost = found["right"] - found["painted"]
    leans = lost > LEANS
    used = (
        f"Painted over, the network is right in {found['painted']:.1%} and not in {found['right']:.1%}"
        + (": it goes by the spot." if leans else ": it does not go by the spot alone.")
    )
    where = " and ".join(splits)
    only = (
        ""
        if evidence.data_split in splits
        else f" The {evidence.data_split} split has no such spot."
    )
    yield Finding(
        "shortcut",
        f"A spot at the edge of the images gives the class away in {where}",
        f"The value at row {found['row']}, column {found['column']} alone names the class of {found['accuracy']:.1%} of "
        f"the samples, where the median place names {found['typical']:.1%}. {used}{only}",
        "mean_images",
        severity="problem" if leans else "warning",
        weight=share(found["accuracy"], 1.0),
    )


RULES = (_edge_spot,)

KINDS = (
    Kind(
        "shortcut",
        "The value of one place at the edge of the images names the class, and most other places do not.",
        "samples whose class the place names",
        "mean_images",
        "Look there for a mark, a frame or a caption; crop it away or paint it over in all images, and train anew.",
        "warning; problem where the network goes by it",
        (
            "LEANS",
            "diagnosis.edge_spots:TELLS",
            "diagnosis.edge_spots:SMALL_PART",
            "diagnosis.edge_spots:EDGE",
        ),
    ),
)
