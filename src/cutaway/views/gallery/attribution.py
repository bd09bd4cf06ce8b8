"""Pictures of where predictions come from."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.diagnosis.rules.attribution import NAMES
from cutaway.study.attribution import attribution_of, attributions_of
from cutaway.views.gallery.request import Entry, Request, output_names, telling_sample


def _attribution(request: Request) -> Figure | Axes:
    study = request.study
    record = attributions_of(study)
    sample = telling_sample(study) if request.sample is None else request.sample
    layer = request.layer or record["layer"]
    predicted = int(study.samples["predicted"].iloc[sample])
    names = output_names(study)
    notes = {
        NAMES[method]: f"at {record['layer']}" if method == "grad-cam" else "at the pixels"
        for method in record["methods"]
    }
    return plot.attribution(
        study.image(sample),
        {NAMES[method]: attribution_of(study, method, sample) for method in record["methods"]},
        notes=notes,
        features=None if layer is None else study.activations(layer, sample),
        layer=layer or "",
        title=request.title(
            f"What speaks for {names[predicted]} (orange) and against it (blue), sample {sample}"
        ),
        **request.look,
    )


FIGURES = {
    "attribution": Entry("Which pixels a prediction comes from", _attribution, ("layer", "sample")),
}
