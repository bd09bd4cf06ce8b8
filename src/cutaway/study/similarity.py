"""How alike the layers of a Study are, each to each."""

from pathlib import Path

import numpy as np
import pandas as pd

from cutaway.diagnosis import cka_matrix
from cutaway.diagnosis.layer_geometry import MEASURED, drawn_rows
from cutaway.files import atomic_file
from cutaway.study.arrays import read_array
from cutaway.study.equal_layers import stand_ins
from cutaway.study.layout import cka_file, features_file
from cutaway.study.plan import Plan


def write_similarity(plan: Plan, folder: Path) -> None:
    """Writes cka.parquet: layer, other and their centred kernel alignment, a row a pair.

    It is measured on at most 2,000 samples, drawn at random from the data.
    """
    names = pd.read_parquet(folder / "layers.parquet")["layer"].tolist()
    firsts = stand_ins(folder, names)
    distinct = list(dict.fromkeys(firsts.values()))
    features = [read_array(features_file(folder, layer)) for layer in distinct]
    matrix = cka_matrix(features, drawn_rows(plan.studied, MEASURED, plan.seed))
    place = [distinct.index(firsts[name]) for name in names]
    table = pd.DataFrame(
        {
            "layer": np.repeat(names, len(names)),
            "other": np.tile(names, len(names)),
            "cka": matrix[np.ix_(place, place)].ravel(),
        }
    )
    with atomic_file(cka_file(folder)) as temporary:
        table.to_parquet(temporary, index=False)
