"""Two Studies of the same samples side by side: two epochs, or two networks."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, Float64, Int64

from cutaway.diagnosis.changes import (
    KEPT,
    LOST,
    WON,
    FindingChanges,
    chance_of,
    changes,
    finding_changes,
)
from cutaway.diagnosis.layer_geometry import MEASURED, drawn_rows
from cutaway.diagnosis.similarity import cross_cka
from cutaway.maps.alignment import procrustes
from cutaway.study.equal_layers import stand_ins
from cutaway.study.layout import PIXELS
from cutaway.study.pairing import Pairing, pair
from cutaway.study.study import Study, open_study

Places = Float32[np.ndarray, "shared 2"]


def compare(
    first: Study | str | os.PathLike[str], second: Study | str | os.PathLike[str]
) -> "Comparison":
    """Sets two Studies of the same samples side by side.

    Args:
        first: A Study or its folder, such as that of an earlier epoch or the smaller network.
        second: The other one.

    Raises:
        InputError: A folder is no Study, no sample is in both, or classes, labels or images differ.
    """
    studies = [each if isinstance(each, Study) else open_study(each) for each in (first, second)]
    return Comparison(*studies)


class Comparison:
    """Two Studies of the same samples.

    Attributes:
        first: A Study.
        second: The other one.
        pairing: Which samples both hold.
        names: What to call the two: their folders' names.

    Raises:
        InputError: No sample is in both, or classes, labels or images differ.
    """

    def __init__(self, first: Study, second: Study) -> None:
        self.first, self.second = first, second
        self.pairing: Pairing = pair(first, second)
        self.names = _names(first.folder, second.folder)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """A row a shared sample.

        Columns: id (in the first Study), other_id (in the second), label where there are labels,
        predicted, other_predicted, confidence, other_confidence, and change: "won" (wrong before,
        right after), "lost", "moved" (another prediction, no better) or "kept".
        """
        mine = self.first.samples.iloc[self.pairing.first].reset_index(drop=True)
        theirs = self.second.samples.iloc[self.pairing.second].reset_index(drop=True)
        table = mine[["id"]].assign(other_id=theirs["id"])
        labels = None
        if self.first.labelled:
            table["label"] = mine["label"]
            labels = mine["label"].to_numpy()
        for column in ("predicted", "confidence"):
            table[column], table[f"other_{column}"] = mine[column], theirs[column]
        words = changes(mine["predicted"].to_numpy(), theirs["predicted"].to_numpy(), labels)
        return table.assign(change=words)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """How predictions changed.

        Keys: samples, changed (another prediction) and, with labels, accuracy and other_accuracy
        (in [0, 1]), won, lost, and chance: the probability of so uneven a split between equals.
        """
        table = self.samples
        counts: dict[str, Any] = {
            "samples": len(table),
            "changed": int((table["change"] != KEPT).sum()),
        }
        if "label" in table:
            won, lost = (int((table["change"] == word).sum()) for word in (WON, LOST))
            counts |= {
                "accuracy": float((table["predicted"] == table["label"]).mean()),
                "other_accuracy": float((table["other_predicted"] == table["label"]).mean()),
                "won": won,
                "lost": lost,
                "chance": chance_of(won, lost),
            }
        return counts

    @cached_property
    def recalls(self) -> pd.DataFrame | None:
        """A row a class: label, name, samples, recall, other_recall; None without labels."""
        table = self.samples
        if "label" not in table:
            return None
        names = self.first.class_names
        rows = []
        for label, own in table.groupby("label"):
            number = int(label)
            rows.append(
                {
                    "label": number,
                    "name": names[number] if number < len(names) else str(number),
                    "samples": len(own),
                    "recall": float((own["predicted"] == number).mean()),
                    "other_recall": float((own["other_predicted"] == number).mean()),
                }
            )
        return pd.DataFrame(rows)

    @property
    def same_layers(self) -> bool:
        """Whether both have the same layers in the same order."""
        return self.first.layers["layer"].tolist() == self.second.layers["layer"].tolist()

    @cached_property
    def cka(self) -> pd.DataFrame:
        """How alike each layer of the first sees the samples to each of the second.

        Columns layer, other, cka, a row a pair; at most 2,000 samples are looked at.
        """
        chosen = drawn_rows(len(self.pairing.first), MEASURED, 0)
        matrix = _cross_cka(
            self.first, self.second, self.pairing.first[chosen], self.pairing.second[chosen]
        )
        mine, theirs = (study.layers["layer"].tolist() for study in (self.first, self.second))
        return pd.DataFrame(
            {
                "layer": np.repeat(mine, len(theirs)),
                "other": np.tile(theirs, len(mine)),
                "cka": matrix.ravel(),
            }
        )

    @cached_property
    def findings(self) -> FindingChanges:
        """Findings that came and went, and those that both have."""
        return finding_changes(self.first.findings, self.second.findings)

    def maps(self) -> list[tuple[str, str, str]]:
        """Maps that both have: layer, layer of the second, method.

        These are maps of layers of one name, type and shape; where networks have no such layer,
        those of the deepest layers that have one. The pixels are the same in both.
        """
        mine, theirs = _mapped(self.first), _mapped(self.second)
        forms, others = _forms(self.first), _forms(self.second)
        same = [
            (layer, layer, method)
            for layer, method in mine
            if (layer, method) in theirs and forms[layer] == others[layer]
        ]
        if same:
            return same
        last, other_last = _deepest(mine), _deepest(theirs)
        return [
            (last[method], other_last[method], method) for method in last if method in other_last
        ]

    def places(self, layer: str, other: str, method: str) -> tuple[Places, Places]:
        """The shared samples on a map of each, the second's turned onto the first's.

        It is rotated, mirrored, scaled and shifted as a whole: what is near stays near.

        Raises:
            InputError: A Study has no such map.
        """
        one = _places(self.first, layer, method, self.pairing.first)
        two = _places(self.second, other, method, self.pairing.second)
        return one, procrustes(two, one).apply(two)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Writes the two side by side as one HTML file that opens offline; returns its path."""
        from cutaway.views.comparison import write_comparison

        return write_comparison(self, path)

    def __repr__(self) -> str:
        """One line: which two, how many samples."""
        first, second = self.names
        return f"<Comparison of {first!r} and {second!r}: {len(self.samples):,} samples>"


def _names(first: Path, second: Path) -> tuple[str, str]:
    one, two = first.resolve(), second.resolve()
    if one.stem != two.stem:
        return one.stem, two.stem
    if one.parent.name != two.parent.name:
        return f"{one.parent.name}/{one.stem}", f"{two.parent.name}/{two.stem}"
    return f"{one.stem} (first)", f"{two.stem} (second)"


def _cross_cka(
    first: Study,
    second: Study,
    rows: Int64[np.ndarray, " rows"],
    other_rows: Int64[np.ndarray, " rows"],
) -> Float64[np.ndarray, "layers others"]:
    """Layers that change nothing are measured once, by the first of them."""
    features, places = _distinct(first)
    others, other_places = _distinct(second)
    return cross_cka(features, others, rows, other_rows)[np.ix_(places, other_places)]


def _distinct(study: Study) -> tuple[list[np.ndarray], list[int]]:
    """Features of the layers that change something, and the place among them of each layer."""
    names = study.layers["layer"].tolist()
    firsts = stand_ins(study.folder, names)
    distinct = list(dict.fromkeys(firsts.values()))
    features: list[np.ndarray] = [study.features(layer) for layer in distinct]
    return features, [distinct.index(firsts[name]) for name in names]


def _mapped(study: Study) -> list[tuple[str, str]]:
    """Layer and method of each map of what a network made: t-SNE and UMAP first, then the deepest.

    The output comes last: on a map its classes lie apart by making.
    """
    held = [(row.layer, row.method) for row in study.maps.itertuples() if row.layer != PIXELS]
    order = study.layers["layer"].tolist()
    return sorted(held, key=lambda one: _depth(one, order))


def _depth(one: tuple[str, str], order: list[str]) -> tuple[bool, bool, int, str]:
    layer, method = one
    return method == "pca", layer == order[-1], -order.index(layer), method


def _forms(study: Study) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Type and shape of each layer: networks may use one name for different layers."""
    return {row.layer: (row.type, tuple(map(int, row.shape))) for row in study.layers.itertuples()}


def _deepest(mapped: list[tuple[str, str]]) -> dict[str, str]:
    """The deepest mapped layer of each method."""
    found: dict[str, str] = {}
    for layer, method in mapped:
        found.setdefault(method, layer)
    return found


def _places(study: Study, layer: str, method: str, ids: Int64[np.ndarray, " shared"]) -> Places:
    table = study.map(layer, method).set_index("id")
    return table.loc[ids, ["x", "y"]].to_numpy(dtype=np.float32)
