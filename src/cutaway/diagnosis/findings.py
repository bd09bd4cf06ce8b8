"""What a Study noticed, in words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

SEVERITIES = ("problem", "warning", "note")
"""From what must be mended to what is good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing, in words.

    Attributes:
        kind: What it is about, such as "dead units"; stable, for filtering.
        title: One line.
        text: One to three sentences with the numbers.
        figure: Name of the picture that shows it, as `cutaway figure` knows it, or "".
        layer: The layer concerned, or "".
        severity: "problem", "warning" or "note".
        samples: Ids of samples that show it.
        weight: How much it touches, in [0, 1]: a share of the samples, the units or the layers;
            `Kind.weight` says of which.
        advice: What to try.
    """

    kind: str
    title: str
    text: str
    figure: str = ""
    layer: str = ""
    severity: str = "note"
    samples: tuple[int, ...] = ()
    weight: float = 0.0
    advice: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "samples": list(self.samples), "weight": round(self.weight, 4)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Finding":
        """The finding that `to_dict` wrote; what this version does not know is left out.

        Example:
            >>> found = {"kind": "leakage", "title": "", "text": "", "samples": [4]}
            >>> Finding.from_dict(found).samples
            (4,)
        """
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        return cls(**{**known, "samples": tuple(values.get("samples", ()))})

    @property
    def rank(self) -> tuple[int, float]:
        """What findings are ordered by: how grave it is, then how much it touches."""
        return SEVERITIES.index(self.severity), -self.weight


@dataclass(frozen=True)
class Kind:
    """What a rule can notice, for the list of all that Cutaway looks for.

    Attributes:
        name: `Finding.kind`.
        says: When it is found, in one sentence.
        weight: What `Finding.weight` is a share of.
        figure: The picture that shows it, as `cutaway figure` knows it.
        advice: What to try, where the finding says nothing of its own.
        severity: The gravest it can be, or several words where it depends.
        thresholds: Names of the constants that decide, in the module of the rule; those of another
            one after its name and a colon.
    """

    name: str
    says: str
    weight: str
    figure: str
    advice: str
    severity: str = "note"
    thresholds: tuple[str, ...] = ()
