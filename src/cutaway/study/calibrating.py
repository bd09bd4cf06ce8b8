"""Whether the network of a Study is as often right as it says."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutaway.diagnosis.calibration import calibration
from cutaway.study.plan import Plan


def calibration_record(plan: Plan, folder: Path) -> dict[str, Any] | None:
    """What study.json says of calibration, over the data alone; None without labels."""
    samples = pd.read_parquet(folder / "samples.parquet").iloc[: plan.studied]
    if "label" not in samples:
        return None
    # A network that overflows gives predictions without a confidence.
    samples = samples[np.isfinite(samples["confidence"])]
    right = (samples["label"] == samples["predicted"]).to_numpy()
    found = calibration(samples["confidence"].to_numpy(dtype="float64"), right)
    return None if found is None else found.to_dict()
