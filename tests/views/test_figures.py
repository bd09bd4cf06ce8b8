"""What all figures share: no global state, hostile names, edge cases, and a light import."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>",
    "$x^2$",
    "猫",
    "a\x00b\n\u202ec",
    "é" * 90,
)
RANDOM = np.random.default_rng(0)
LABELS = np.arange(60) % 6
PLACES = RANDOM.normal(size=(60, 2))
IMAGES = RANDOM.integers(0, 256, size=(60, 8, 8), dtype=np.uint8)

BLANK = plot.ActivationCase({"a": np.zeros(0), "b": np.full(3, np.nan)}, [np.nan, 0.0])
SCORES = {
    "name": "some",
    "target": 0.95,
    "guessing": 0.2,
    "scores": [
        {"features": features, "classifier": classifier, "accuracy": 0.5}
        for features in ("pixels", "PCA map")
        for classifier in ("k-NN", "linear", "MLP")
    ],
}


def drawings(names, **options):
    """One drawing of each kind whose words come from a user."""
    first = names[0]
    random = np.random.default_rng(1)
    case = plot.ActivationCase(
        {first: np.arange(5.0)}, random.normal(size=6), 1, 2, IMAGES[0], first
    )
    table = {"layer": list(names), "knn_accuracy": [0.5] * 6, "probe_accuracy": [0.6] * 6}
    return {
        "samples": plot.samples(IMAGES, labels=LABELS, class_names=names, title=first, **options),
        "image": plot.image_structure(IMAGES[0], title=first, **options),
        "balance": plot.class_balance([3, 1, 4, 1, 5, 9], names, title=first, **options),
        "map": plot.map(PLACES, LABELS, names, title=first, note=first, **options),
        "maps": plot.maps(
            {first: PLACES}, LABELS, names, title=first, notes={first: first}, **options
        ),
        "clusters": plot.clusters(
            PLACES, {first: LABELS - 1}, LABELS, names, title=first, notes={first: first}, **options
        ),
        "layers": plot.layer_maps({first: {first: PLACES, "b": PLACES}}, LABELS, names, **options),
        "filters": plot.filters(random.normal(size=(6, 3, 5, 5)), title=first, **options),
        "feature_maps": plot.feature_maps({first: np.ones((3, 4, 4))}, title=first, **options),
        "activations": plot.compare_activations([case, case], class_names=names, **options),
        "beside_means": plot.beside_means(case, [case], class_names=names, **options),
        "overview": plot.confusion_overview(np.eye(6), names, title=first, **options),
        "cues": plot.cues(
            {"cue": names, "strength": [0] * 6, "accuracy": [0.5] * 6, "changed": [0.5] * 6},
            dict.fromkeys(names, IMAGES[:1]),
            title=first,
            **options,
        ),
        "separability": plot.separability(
            table, {first: PLACES}, LABELS, names, title=first, **options
        ),
        "similarity": plot.similarity(np.eye(6), names, title=first, **options),
        "confusion": plot.confusion(np.eye(6), names, title=first, **options),
        "cross": plot.similarity(
            np.ones((6, 2)), names, names[:2], names=(first, names[1]), title=first, **options
        ),
        "recalls": plot.compared_recalls(
            {"name": list(names), "recall": [0.5] * 6, "other_recall": [0.75] * 6},
            (first, names[1]),
            title=first,
            **options,
        ),
        "same layers": plot.compared_layers(
            table, table, (first, names[1]), title=first, **options
        ),
        "other layers": plot.compared_layers(
            table,
            {column: values[:4] for column, values in table.items()},
            (first, names[1]),
            title=first,
            **options,
        ),
        "steadiness": plot.steadiness(
            {"layer": list(names), "change": [0.1] * 6, "spread": [1.0] * 6},
            title=first,
            **options,
        ),
        "mean_images": plot.mean_images(IMAGES[:6], names, title=first, **options),
        "twins": plot.twins(IMAGES[:3], IMAGES[3:6], (first, names[1]), title=first, **options),
        "complexity": plot.complexity(SCORES, title=first, **options),
        "reconstructions": plot.reconstructions(IMAGES, IMAGES, title=first, **options),
        "walk": plot.map_walk(IMAGES.reshape(6, 10, 8, 8), title=first, **options),
        "robustness": plot.robustness(
            LABELS + 0.5,
            np.arange(60),
            right=LABELS > 2,
            name=first,
            note=first,
            title=first,
            **options,
        ),
        "attacks": plot.attacks({first: [0.1, 0.9]}, [1 / 255, 0.1], title=first, **options),
        "parting": plot.parting(
            {"layer": list(names), "distance": range(6), "noise": range(6)}, title=first, **options
        ),
        "attacked": plot.attacked(
            IMAGES[:3], IMAGES[3:6], [(first, names[1])] * 3, title=first, **options
        ),
        "attacked_maps": plot.attacked_maps(
            np.ones((3, 4, 4)), np.zeros((3, 4, 4)), title=first, **options
        ),
        "attribution": plot.attribution(
            IMAGES[0],
            {first: PLACES[:32].reshape(8, 8)},
            notes={first: first},
            features=np.ones((9, 3, 3)),
            layer=first,
            title=first,
            **options,
        ),
        "unit_images": plot.unit_images(IMAGES[:6], names, IMAGES[6:12], title=first, **options),
        "curves": plot.curves({"train_loss": [2.0, 1.0], "val_accuracy": [0.1, 0.5]}, **options),
    }


def pixels(drawn):
    figure = drawn.get_figure(root=True) if isinstance(drawn, Axes) else drawn
    figure.set_dpi(60)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("theme", ["dark", "inherit"])
def test_hostile_names_are_shown_as_text(theme):
    for name, drawn in drawings(HOSTILE, theme=theme).items():
        svg = plot.to_svg(drawn)
        assert {e.tag.rpartition("}")[2] for e in ET.fromstring(svg).iter()} <= {
            *("svg", "title", "g", "path", "text", "use", "defs", "clipPath", "rect", "image"),
            "tspan",
        }, name
        assert "<script" not in svg, name
        assert "<img" not in svg, name


def test_a_dollar_sign_starts_no_formula():
    svg = plot.to_svg(plot.class_balance([1, 2], ["$x^2$", "$\\frac$"]))
    assert ">$x^2$<" in svg
    assert ">$\\frac$<" in svg


def test_settings_stay_as_they_were_and_pyplot_unused():
    before = dict(mpl.rcParams)
    drawings("abcdef")
    assert dict(mpl.rcParams) == before
    code = (
        "import sys, cutaway.plot;print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]


def test_users_settings_do_not_reach_the_figures():
    plain = {name: pixels(drawn) for name, drawn in drawings("abcdef").items()}
    loud = {"font.size": 30, "axes.grid": True, "text.color": "red", "image.origin": "lower"}
    with mpl.rc_context({**loud, "axes.facecolor": "pink", "image.cmap": "hot"}):
        drawn = drawings("abcdef")
    for name, expected in plain.items():
        np.testing.assert_array_equal(pixels(drawn[name]), expected, err_msg=name)


@pytest.mark.parametrize("width", [2.0, 12.0])
def test_every_width_is_drawn(width):
    for drawn in drawings("abcdef", width=width).values():
        whole = drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True)
        assert whole.get_size_inches()[0] == width
        pixels(drawn)


def test_a_given_place_is_drawn_in():
    figure = Figure(figsize=(4, 3))
    axes = figure.add_subplot()
    assert plot.map(PLACES, LABELS, axes=axes, title="$a$") is axes
    assert plot.samples(IMAGES, labels=LABELS, axes=figure.add_subplot()).figure is figure
    other = Figure(figsize=(4, 3))
    assert plot.maps({"a": PLACES}, figure=other) is other
    assert other.get_size_inches()[0] == 4


def test_edge_cases_are_drawn():
    one = np.zeros((1, 4, 4), np.uint8)
    drawn = [
        plot.samples(np.zeros((0, 8, 8), np.uint8)),
        plot.samples(one, labels=[0]),
        plot.samples(np.full((3, 4, 4), np.nan)),
        plot.image_structure(np.zeros((1, 1))),
        plot.image_structure(np.full((2, 3, 3), np.nan)),
        plot.image_structure(np.full((40, 40, 3), 0.5)),
        plot.class_balance([]),
        plot.class_balance([0]),
        plot.class_balance(np.arange(200)),
        plot.map(np.zeros((0, 2))),
        plot.map(np.zeros((0, 2)), np.zeros(0, int)),
        plot.map(np.ones((5, 2)), np.zeros(5, int)),
        plot.map(np.zeros((1, 2)), [3], values=[0.5], explained=[0.0, 0.0]),
        plot.map(PLACES, np.arange(60), highlight=[]),
        plot.maps({"a": PLACES}, np.arange(60)),
        plot.filters(np.zeros((1, 1, 1, 1))),
        plot.filters(np.zeros((5, 3, 1, 1))),
        plot.filters(np.full((40, 7, 3, 3), np.nan), n=2),
        plot.filters(np.ones((500, 600, 1, 1))),
        plot.feature_maps({"a": np.zeros((0, 3, 3)), "b": np.full((1, 1, 1), np.nan)}, one[0]),
        plot.feature_maps({"a": np.zeros((512, 2, 2))}, width=3),
        plot.activations({"a": np.zeros(0), "b": np.full(4, np.nan)}, logits=[np.nan, 1.0]),
        plot.activations({}, predicted=1, label=0),
        plot.activations({}, logits=np.arange(1000.0), label=0),
        plot.beside_means(plot.ActivationCase({"a": np.zeros(0)}, np.arange(1000.0)), [BLANK]),
        plot.beside_means(plot.ActivationCase({"a": np.zeros(4)}, [np.nan, 1.0]), [BLANK]),
        plot.beside_means(BLANK, []),
        plot.confusion_overview([[0]]),
        plot.confusion_overview(np.ones((70, 70))),
        plot.curves({"epoch": [1], "train_loss": [np.nan], "val_loss": [1.0]}),
        plot.separability({"layer": [], "knn_accuracy": []}),
        plot.separability({"layer": ["a"], "silhouette": [np.nan]}, {"a": PLACES}),
        plot.similarity([[np.nan]], ["a"]),
        plot.similarity(np.eye(70), range(70)),
        plot.confusion([[0]]),
        plot.similarity(np.ones((1, 70)), ["a"], range(70)),
        plot.compared_recalls({"name": [], "recall": [], "other_recall": []}),
        plot.compared_recalls(
            {"name": range(90), "recall": [np.nan] * 90, "other_recall": [0.5] * 90}
        ),
        plot.compared_layers(
            {"layer": ["a"], "fisher": [np.nan]}, {"layer": ["b"], "fisher": [np.inf]}
        ),
        plot.steadiness({"layer": ["a"], "shift": [np.nan]}),
        plot.confusion(np.ones((70, 70))),
        plot.reconstructions(one, one),
        plot.map_walk(np.zeros((1, 1, 4, 4, 3))),
        plot.attribution(one[0], {"a": np.full((4, 4), np.nan)}, features=np.zeros((1, 1, 1))),
        plot.attribution(one[0], {"a": np.ones((2, 2)), "b": np.zeros((8, 8))}, width=2),
        plot.unit_images(one, samples=np.zeros((1, 7, 9, 3))),
        plot.robustness([1.0, np.nan], [0.0, 1.0]),
        plot.attacks({"a": [0.0]}, [0.0]),
        plot.parting({"layer": [], "distance": []}),
        plot.parting({"layer": ["a"], "distance": [np.inf]}),
        plot.attacked(one, one),
        plot.attacked_maps(np.full((1, 1, 1), np.nan), np.zeros((1, 1, 1)), width=3),
    ]
    for each in drawn:
        assert plot.to_svg(each).startswith("<svg ")


def test_torch_tensors_are_taken_in():
    import torch

    weights = torch.randn(4, 3, 5, 5, requires_grad=True)
    assert len(plot.filters(weights).images) == 1
    assert len(plot.map(torch.randn(5, 2, dtype=torch.bfloat16)).collections) == 1
    picture = plot.feature_maps({"a": torch.zeros(2, 4, 4)}, torch.zeros(3, 8, 8))
    assert len(picture.axes) == 2


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plot.map(np.zeros((4, 3))), r"embedding has shape \(4, 3\).*embedding\[:, :2\]"),
        (lambda: plot.map(np.full((4, 2), np.nan)), "places 4 of 4 samples nowhere"),
        (lambda: plot.map(np.zeros((4, 2)), [0, 1]), r"labels has shape \(2,\).*4 samples"),
        (lambda: plot.map(np.zeros((2, 2)), [0.5, 1]), "no class numbers.*return_inverse"),
        (lambda: plot.map(np.zeros((2, 2)), [0, 4], ["a"]), "1 names, but there are 5 classes"),
        (lambda: plot.map(np.zeros((2, 2)), highlight=[7]), "highlight names sample 7"),
        (lambda: plot.map(np.zeros((2, 2)), values=[1]), "values has 1 numbers, but.*2 samples"),
        (lambda: plot.maps({}), "embeddings holds no map"),
        (lambda: plot.layer_maps({"a": {}}), "layers holds no map"),
        (lambda: plot.samples(np.zeros((2, 5, 8, 8))), "expected 1, 3 or 4 channels"),
        (lambda: plot.samples(np.zeros(5)), r"data has shape \(5,\)"),
        (lambda: plot.samples(IMAGES, n=0), "n=0 samples cannot be shown"),
        (lambda: plot.samples(["a"]), "data holds <U1 values; expected numbers"),
        (lambda: plot.image_structure(np.zeros((9, 9, 9))), "expected one image"),
        (lambda: plot.class_balance([-1, 2]), "expected 0 or more a class"),
        (lambda: plot.filters(np.zeros((3, 3))), r"weights has shape \(3, 3\)"),
        (lambda: plot.filters(np.zeros((2, 3, 5, 5)), channel=3), "channel=3 is none of.*0 to 2"),
        (lambda: plot.filters(np.zeros((2, 4, 5, 5)), rgb=True), "rgb=True needs.*have 4"),
        (lambda: plot.feature_maps({"a": np.zeros(3)}), r"layers\['a'\] has shape \(3,\)"),
        (lambda: plot.activations({}, logits=[1, 2], label=2), "label=2 is none of the 2 classes"),
        (lambda: plot.compare_activations([]), "cases holds no sample"),
        (lambda: plot.curves({"step": [1]}), r"columns \['step'\]; expected one or more"),
        (lambda: plot.separability({"layer": ["a"]}), "expected layer, and knn_accuracy"),
        (lambda: plot.similarity(np.eye(2), ["a"]), r"shape \(2, 2\) and layers names 1"),
        (lambda: plot.similarity(np.eye(2), ["a", "b"], ["a"]), "names 2, others 1; expected"),
        (lambda: plot.compared_recalls({"name": []}), "expected name, recall and other_recall"),
        (
            lambda: plot.compared_layers({"layer": [], "fisher": []}, {"layer": []}),
            "expected layer, and knn_accuracy",
        ),
        (lambda: plot.steadiness({"layer": []}), "expected layer, and change, shift or spread"),
        (lambda: plot.confusion([[1, 2]]), r"matrix has shape \(1, 2\)"),
        (lambda: plot.cues({"cue": []}), "expected cue, strength, accuracy and changed"),
        (lambda: plot.reconstructions(IMAGES, IMAGES[:3]), "the same images before and after"),
        (lambda: plot.clusters(PLACES, {"a": LABELS - 2}), r"groupings\['a'\] .* from -1"),
        (lambda: plot.clusters(PLACES, {}), "holds nothing to draw"),
        (lambda: plot.map_walk(np.zeros((2, 2))), r"decoded has shape \(2, 2\)"),
        (lambda: plot.attribution(IMAGES[0], {}), "maps holds no attribution"),
        (lambda: plot.attribution(IMAGES[0], {"a": [1]}), r"maps\['a'\] has shape \(1,\)"),
        (lambda: plot.unit_images(IMAGES[:2], [1]), "2 images, names 1 and samples none"),
        (lambda: plot.robustness([1], [1, 2]), "surety has 1 numbers and distances 2"),
        (lambda: plot.robustness([1], [np.nan]), "distances holds no finite number"),
        (lambda: plot.attacks({"a": [1]}, [1, 2]), "a share for each epsilon"),
        (lambda: plot.attacks({}, [1]), "expected one attack or more"),
        (lambda: plot.parting({"layer": ["a"]}), "expected layer and distance"),
        (lambda: plot.attacked(IMAGES, IMAGES[:2]), "as many changed ones of the same shape"),
        (lambda: plot.attacked_maps(IMAGES[:2], IMAGES[:3]), "expected equal shapes"),
        (lambda: plot.map(PLACES, theme="pink"), "theme='pink' is not a theme; expected one of"),
        (lambda: plot.map(PLACES, width=0), "width=0 cannot be drawn"),
    ],
)
def test_wrong_input_is_named(draw, message):
    with pytest.raises(InputError, match=message):
        draw()


def test_public_names_are_sorted_and_exist():
    assert sorted(plot.__all__) == plot.__all__
    assert all(callable(getattr(plot, name)) for name in plot.__all__)


def test_a_notebook_shows_axes_and_figures():
    assert plot.map(PLACES)._repr_png_().startswith(b"\x89PNG")
    assert plot.maps({"a": PLACES})._repr_png_().startswith(b"\x89PNG")
