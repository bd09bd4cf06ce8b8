"""Photographs the explorer for the README and docs/explorer.md, light and dark. It needs Chromium.

Run it with a deep Study of CIFAR-10, the checkpoint that the Study was made with, and, for what is
drawn by hand, the folder of `make demo`: python docs/make_explorer_images.py STUDY CHECKPOINT DEMO
"""

import io
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from cutaway import open_study
from cutaway.views.server import serve

IMAGES = Path(__file__).parent / "images"
SCHEMES = ("light", "dark")

VIEWS = {
    "explorer": (1440, 900, "layer=13&method=tsne&sample=748"),
    "explorer-images": (
        1440,
        900,
        "layer=13&method=tsne&marks=images&rooms=findings.sample.sample",
    ),
    "explorer-sample": (1440, 900, "layer=13&method=tsne&colour=confidence&sample=748"),
    "explorer-compare": (1440, 900, "layer=9&method=tsne&sample=748&compared=289"),
    "explorer-unit": (1440, 900, "layer=13&method=tsne&unit=8&colour=unit"),
    "explorer-findings": (1440, 900, "layer=13&method=tsne&rooms=findings.selection.findings"),
    "explorer-phone": (360, 740, "layer=13&method=tsne&sample=748"),
}
"""From a picture's name to width, height and what its address says of the view."""

DRAWN = {"explorer-new": (1440, 900, "layer=13&method=tsne&rooms=network.place.place")}
"""The same of the demo's digits."""


def main(study: Path, checkpoint: Path, demo: Path) -> None:
    """Takes every picture into docs/images."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        photograph(browser, study, checkpoint, VIEWS)
        photograph(browser, demo / "digits.study", demo / "training" / "best.ckpt", DRAWN)
        browser.close()


def photograph(
    browser: Browser, study: Path, checkpoint: Path, views: dict[str, tuple[int, int, str]]
) -> None:
    """Takes pictures of one Study."""
    with serve(open_study(study), str(checkpoint), host="127.0.0.1", port=0) as serving:
        cookies = _admitted(browser, serving.url)
        for name, (width, height, view) in views.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    reduced_motion="reduce",
                )
                context.add_cookies(cookies)
                page = context.new_page()
                page.goto(f"{serving.url.split('?')[0]}#view&{view}")
                page.wait_for_selector('.frame[data-whole="true"]')
                _act(page, name)
                page.wait_for_load_state("networkidle")
                # Thumbnails are drawn a moment after they came.
                page.wait_for_timeout(500)
                save(page.screenshot(), f"{name}-{scheme}")
                context.close()


def save(png: bytes, name: str) -> None:
    """A picture as WebP, which takes a fraction of PNG's size."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(IMAGES / f"{name}.webp", quality=82, method=6)


def _admitted(browser: Browser, url: str) -> Iterable:
    context = browser.new_context()
    context.new_page().goto(url)
    cookies = context.cookies()
    context.close()
    return cookies


def _act(page: Page, name: str) -> None:
    if name == "explorer-new":
        _draw(page)
    elif name == "explorer-findings":
        page.locator("[data-finding='1']").click()
    elif name == "explorer-sample":
        page.get_by_role("heading", name="Attribution").evaluate(
            "(heading) => heading.closest('section').scrollIntoView()"
        )


def _draw(page: Page) -> None:
    """A three, by mouse."""
    pad = page.get_by_role("application", name="Drawing pad")
    box = pad.bounding_box()
    places = [(0.32, 0.2), (0.62, 0.2), (0.45, 0.45), (0.64, 0.62), (0.5, 0.82), (0.3, 0.78)]
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()
    page.get_by_role("heading", name="Taken for").wait_for(timeout=120_000)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
