"""What the rules read, gathered from the tables that a build has written."""

from pathlib import Path

import numpy as np
import pandas as pd

from cutaway.diagnosis import Evidence
from cutaway.diagnosis.predictions import output_form
from cutaway.networks import looks_untrained, transform_of, unmatched_of
from cutaway.networks.as_drawn import layers_as_drawn
from cutaway.networks.weights import unseen_norms
from cutaway.study.adversarial import adversarial_record
from cutaway.study.arrays import read_array
from cutaway.study.attribution import attribution_record
from cutaway.study.calibrating import calibration_record
from cutaway.study.cues import read_cues
from cutaway.study.description import read_description
from cutaway.study.edge_spots import read_edge_spots
from cutaway.study.gradient_table import read_gradients
from cutaway.study.input_range import input_moments
from cutaway.study.layout import cka_file
from cutaway.study.norms import left_training
from cutaway.study.plan import Plan
from cutaway.study.readings import read_readings
from cutaway.study.steadiness import read_steadiness


def gather_evidence(plan: Plan, folder: Path) -> Evidence:
    """Reads the tables of a build whose stages are done."""
    layers = pd.read_parquet(folder / "layers.parquet")
    described = read_description(folder)
    assert described is not None, "it is written before"
    return Evidence(
        summary=described["summary"],
        samples=pd.read_parquet(folder / "samples.parquet"),
        layers=layers,
        units=pd.read_parquet(folder / "units.parquet"),
        class_names=plan.class_names,
        transform_origin=plan.transform.origin,
        data_split=plan.split,
        shared_samples=tuple(row for row, _ in described["shared"]),
        nearly_shared_samples=tuple(dict.fromkeys(row for row, _ in described["nearly_shared"])),
        broken_layers=tuple(layers.loc[~np.isfinite(layers["mean"]), "layer"]),
        untrained=looks_untrained(plan.model),
        unmatched=unmatched_of(plan.model),
        unseen_norms=unseen_norms(plan.model),
        adversarial=adversarial_record(folder),
        attribution=attribution_record(folder),
        cka=pd.read_parquet(cka_file(folder)),
        gradients=read_gradients(folder),
        calibration=calibration_record(plan, folder),
        cues=read_cues(folder),
        transform=plan.transform,
        stated_transform=transform_of(plan.model),
        input_moments=input_moments(plan.transform, plan.data),
        steadiness=read_steadiness(folder),
        history=plan.history,
        left_training=left_training(plan.model),
        as_drawn=layers_as_drawn(plan.model),
        readings=read_readings(folder),
        edge_spots=read_edge_spots(folder),
        output_form=output_form(read_array(folder / "outputs.npy")),
    )
