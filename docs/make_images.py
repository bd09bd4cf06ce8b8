"""Makes the pictures of README and docs from real data: `make images`.

Needs MNIST and CIFAR-10 (CUTAWAY_DATA or the hub) and, for the picture of the report, Chromium.
"""

import argparse
import shutil
from pathlib import Path

import cutaway
from cutaway.commands.demo import run_demo
from cutaway.commands.describe import describe_source
from cutaway.progress import say, show_progress
from cutaway.views.gallery import draw, write

SAMPLES = 10_000
FIGURES = (
    "complexity",
    "filters",
    "feature_maps",
    "separability",
    "clusters",
    "reconstructions",
    "walk",
)
CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-quic"]


def build(name: str, work: Path, epochs: int) -> cutaway.Study:
    """Trains the CNN and studies the first 10,000 test samples; what is there already is kept."""
    path = work / f"{name}.study"
    if path.is_dir():
        return cutaway.open_study(path)
    run = cutaway.train(name, epochs=epochs, output=work / name, overwrite=True)
    say(f"{name}: {run.test_accuracy:.1%} of test images right after {epochs} epoch(s)")
    data = cutaway.load_data(name, split="test", limit=SAMPLES)
    maps = {
        "pca": "*",
        "tsne": ["pixels", "fc_layers.4"],
        "umap": ["pixels", "fc_layers.4"],
        "autoencoder": "pixels",
    }
    return cutaway.build_study(run.checkpoint, data, path, history=run.history, maps=maps)


def photograph(report: Path, images: Path) -> None:
    """Takes the report's picture, light and dark, and of a phone's width."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": 1280, "height": 1500},
                color_scheme=scheme,  # type: ignore[arg-type] # one of the two it knows
                device_scale_factor=1,
            )
            page.goto(report.resolve().as_uri())
            page.screenshot(path=images / f"report-{scheme}.png")
        browser.close()


def main() -> None:
    """Makes every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("runs/images"))
    parser.add_argument("--images", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    show_progress()
    options.work.mkdir(parents=True, exist_ok=True)
    options.images.mkdir(exist_ok=True)
    for name in ("mnist", "cifar10"):
        study = build(name, options.work, options.epochs)
        write(draw(study, "map", width=8.0), options.images / f"{name}-pixels.png")
        last = study.maps.loc[study.maps["method"] == "tsne", "layer"].iloc[-1]
        write(draw(study, "map", layer=last, width=8.0), options.images / f"{name}-last.png")
        for figure in FIGURES:
            write(draw(study, figure), options.images / f"{name}-{figure.replace('_', '-')}.png")
        study.report(options.work / f"{name}.html")
    described = options.work / "cifar10-described"
    describe_source(
        "cifar10", split="test", reference="train", output=described, overwrite=described.exists()
    )
    shutil.copy(described / "shared.png", options.images / "cifar10-shared.png")
    demo = options.work / "demo"
    report = run_demo(demo, overwrite=demo.exists())
    photograph(report, options.images)


if __name__ == "__main__":
    main()
