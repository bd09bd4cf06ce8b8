"""Pictures of attacks: how far predictions are from being turned over, and where layers part."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.attacked import (
    attacks_of,
    attempts,
    changed_activation,
    changed_image,
    parting_of,
)
from cutaway.views.gallery.predictions import vectors
from cutaway.views.gallery.request import Entry, Request, output_names, telling_sample

ATTACK_NAMES = {
    "fgsm": "FGSM",
    "pgd-linf": "PGD, L∞",
    "pgd-l2": "PGD, L2",
    "deepfool": "DeepFool, L2",
}
MOST_ATTACKED = 8


def _robustness(request: Request) -> Figure | Axes:
    study = request.study
    found = {(each["group"], each["measure"]): each for each in attacks_of(study)["surety"]}
    lead = found.get(("all", "lead"))
    if lead is None:
        raise InputError("figure 'robustness' needs ten attacked samples; this Study has fewer")
    table = study.samples[study.samples["flip_distance"].notna()]
    ranked = np.sort(study.outputs[table["id"].to_numpy()], axis=1)
    p_value = "p < 0.001" if lead["p_value"] < 0.001 else f"p = {lead['p_value']:.3f}"
    return plot.robustness(
        ranked[:, -1] - ranked[:, -2],
        table["flip_distance"].to_numpy(),
        right=(table["label"] == table["predicted"]).to_numpy() if study.labelled else None,
        name="lead of the largest final activation over the second",
        note=f"rank correlation {lead['correlation']:.2f}, {p_value}",
        title=request.title("Are confident predictions the robust ones?"),
        **request.look,
    )


def _attacks(request: Request) -> Figure | Axes:
    record = attacks_of(request.study)
    return plot.attacks(
        {ATTACK_NAMES[name]: shares for name, shares in record["turned"].items()},
        record["epsilons"],
        title=request.title("Predictions turned over by attacks"),
        **request.look,
    )


def _parting(request: Request) -> Figure | Axes:
    return plot.parting(
        parting_of(request.study),
        title=request.title("Where attacked samples part from clean ones"),
        **request.look,
    )


def class_after(study: Study, sample: int) -> int:
    """What the network names a kept sample's image after the attack whose image was kept."""
    table = attempts(study)
    rows = table[(table["attack"] == attacks_of(study)["shown"]) & (table["id"] == sample)]
    return int(rows["predicted"].iloc[0])


def _attacked(request: Request) -> Figure | Axes:
    study = request.study
    attacks_of(study)
    shown = study.kept[:MOST_ATTACKED] if request.sample is None else (request.sample,)
    after = np.stack([changed_image(study, sample) for sample in shown])
    before = np.stack([_as_network_sees(study.image(sample), after.shape[1:]) for sample in shown])
    names = output_names(study)
    predicted = study.samples["predicted"]
    return plot.attacked(
        before,
        after,
        [(names[int(predicted[sample])], names[class_after(study, sample)]) for sample in shown],
        title=request.title("Images before and after an attack, and what the network names them"),
        **request.look,
    )


def _as_network_sees(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """An image with the size and the channels of the network's input, to be compared."""
    from PIL import Image

    height, width, channels = shape
    picture = Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture.convert("L" if channels == 1 else "RGB")).reshape(shape)


def _attacked_maps(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    layer = request.layer or next(iter(study.filters), None)
    if layer is None:
        raise InputError("the network has no convolution, so there are no feature maps to compare")
    clean, changed = study.activations(layer, sample), changed_activation(study, layer, sample)
    return plot.attacked_maps(
        clean,
        changed,
        title=request.title(f"Feature maps of {layer}, sample {sample}, before and after"),
        **request.look,
    )


def _attacked_activations(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    strips = vectors(study, sample)
    if not strips:
        raise InputError("the network has no fully connected layer to compare")
    changed = {layer: changed_activation(study, layer, sample) for layer in strips}
    label = int(study.samples["label"].iloc[sample]) if study.labelled else None
    last = list(strips)[-1]
    logits = study.outputs.shape[1] == len(strips[last])
    cases = [
        plot.ActivationCase(
            {layer: value for layer, value in values.items() if not (logits and layer == last)},
            values[last] if logits else None,
            predicted,
            label,
            image,
            title,
        )
        for values, predicted, image, title in (
            (strips, int(study.samples["predicted"].iloc[sample]), study.image(sample), "Clean"),
            (changed, class_after(study, sample), changed_image(study, sample), "Attacked"),
        )
    ]
    return plot.compare_activations(cases, **request.named)


FIGURES = {
    "robustness": Entry("Whether confident predictions are the robust ones", _robustness),
    "attacks": Entry("How many predictions attacks turn over", _attacks),
    "parting": Entry("At which layer attacked samples part from clean ones", _parting),
    "attacked": Entry("Images before and after an attack", _attacked, ("sample",)),
    "attacked_maps": Entry("Feature maps before and after", _attacked_maps, ("layer", "sample")),
    "attacked_activations": Entry(
        "Fully connected activations before and after", _attacked_activations, ("sample",)
    ),
}
