"""Photographs the report of a deep CIFAR-10 Study, and draws figures of it, for docs/report.md.

Run it with such a Study, and one of all test images: it needs Chromium.
python docs/make_report_images.py deep.study cifar10.study
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from cutaway import Study, open_study
from cutaway.views.gallery import draw

IMAGES = Path(__file__).parent / "images"

VIEWS = {
    "report-predictions": (1280, 1000, "light", "surest-wrong"),
    "report-certainty": (1280, 900, "dark", "certainty"),
    "report-cues": (1280, 1000, "light", "cues"),
    "report-units": (1280, 1000, "dark", "units"),
    "report-phone": (360, 740, "light", "cues"),
}
"""From a picture's name to width, height, colour scheme, and what stands at the top."""

FIGURES = {
    "cifar10-beside-means": ("beside_means", {"kept": 2}),
    "cifar10-cues": ("cues", {}),
    "cifar10-field": ("feature_maps", {"kept": 0, "layer": "block2.3", "point": (1, 2)}),
    "cifar10-over-image": ("feature_maps_over_image", {"kept": 0}),
    "cifar10-top-images": ("top_images", {}),
    "cifar10-filter-effects": ("filter_effects", {}),
}
"""From a picture's name to the figure and its options; `kept` counts the samples that were kept."""

FIGURES_OF_ALL: dict[str, tuple[str, dict]] = {
    "cifar10-depth": ("separability", {}),
    "cifar10-alike": ("cka", {}),
    "cifar10-confusion": ("confusion", {}),
}
"""The same of the Study of all test images."""


def main(study: Study, of_all: Study) -> None:
    """Makes every picture in docs/images."""
    figures(study, FIGURES)
    figures(of_all, FIGURES_OF_ALL)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = study.report(Path(folder) / "report.html")
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in VIEWS:
            photograph(browser, report, name)
        browser.close()


def figures(study: Study, wanted: dict[str, tuple[str, dict]]) -> None:
    """Draws figures of a Study."""
    for name, (figure, options) in wanted.items():
        chosen = {key: value for key, value in options.items() if key != "kept"}
        if "kept" in options:
            chosen["sample"] = study.kept[options["kept"]]
        drawn = io.BytesIO()
        draw(study, figure, width=8.0, **chosen).savefig(drawn, format="png", dpi=110)
        save(drawn.getvalue(), name)


def photograph(browser: Browser, report: Path, name: str) -> None:
    """One view of the report."""
    width, height, scheme, anchor = VIEWS[name]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        # The explorer above the sections has pictures of its own.
        java_script_enabled=False,
    )
    page.goto(f"{report.resolve().as_uri()}#{anchor}")
    save(page.screenshot(), name)
    page.close()


def save(png: bytes, name: str) -> None:
    """A picture as WebP, which takes a fraction of PNG's size."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(IMAGES / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(open_study, sys.argv[1:]))
