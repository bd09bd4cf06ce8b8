"""Makes the README's pictures from real data: `make images`.

Needs MNIST and CIFAR-10 (CUTAWAY_DATA or the hub). The README shows CIFAR-10 by the best network of
`benchmarks/recipe.py`; without `--cifar10 CHECKPOINT` one is trained for an epoch.
"""

import argparse
import shutil
from pathlib import Path

import cutaway
from cutaway.commands.describe import describe_source
from cutaway.progress import say, show_progress
from cutaway.views.gallery import draw, write

SAMPLES = 10_000
FIGURES = {
    "mnist": ("clusters", "walk"),
    "cifar10": ("complexity", "filters", "feature_maps"),
}
"""What the README shows of each, beside the maps."""


def build(name: str, work: Path, checkpoint: Path | None) -> cutaway.Study:
    """Studies the first 10,000 test samples; what is there already is kept."""
    path = work / f"{name}.study"
    if path.is_dir():
        return cutaway.open_study(path)
    history = None
    if checkpoint is None:
        run = cutaway.train(name, epochs=1, output=work / name, overwrite=True)
        say(f"{name}: {run.test_accuracy:.1%} of test images right after an epoch")
        checkpoint, history = run.checkpoint, run.history
    data = cutaway.load_data(name, split="test", limit=SAMPLES)
    maps = {
        "pca": "*",
        "tsne": ["pixels", "fc_layers.4"],
        "umap": ["pixels", "fc_layers.4"],
        "autoencoder": "pixels",
    }
    return cutaway.build_study(checkpoint, data, path, history=history, maps=maps)


def main() -> None:
    """Makes every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("runs/images"))
    parser.add_argument("--images", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--cifar10", type=Path, metavar="CHECKPOINT")
    options = parser.parse_args()
    show_progress()
    options.work.mkdir(parents=True, exist_ok=True)
    options.images.mkdir(exist_ok=True)
    for name, figures in FIGURES.items():
        study = build(name, options.work, options.cifar10 if name == "cifar10" else None)
        write(draw(study, "map", width=8.0), options.images / f"{name}-pixels.png")
        for figure in figures:
            write(draw(study, figure), options.images / f"{name}-{figure.replace('_', '-')}.png")
    last = draw(study, "map", layer="fc_layers.4", width=8.0)
    write(last, options.images / "cifar10-last.png")
    described = options.work / "cifar10-described"
    describe_source(
        "cifar10", split="test", reference="train", output=described, overwrite=described.exists()
    )
    shutil.copy(described / "shared.png", options.images / "cifar10-shared.png")


if __name__ == "__main__":
    main()
