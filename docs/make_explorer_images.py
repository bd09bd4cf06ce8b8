"""Photographs the explorer of the demo's Study for the README and docs/explorer.md.

Run it after `make demo`: python docs/make_explorer_images.py [DEMO_FOLDER]. It needs Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from cutaway import open_study
from cutaway.views.server import serve

IMAGES = Path(__file__).parent / "images"

VIEWS = {
    "explorer-light": (1440, 900, "light", "layer=13&method=tsne&sample=120"),
    "explorer-dark": (1440, 900, "dark", "layer=13&method=tsne&sample=120"),
    "explorer-compare": (1440, 900, "light", "layer=5&sample=120&compared=9"),
    "explorer-unit": (1440, 900, "light", "layer=5&unit=4&colour=unit"),
    "explorer-findings": (
        1440,
        900,
        "dark",
        "layer=13&method=tsne&rooms=findings.selection.findings",
    ),
    "explorer-new": (1440, 900, "light", "layer=13&method=tsne&rooms=network.place.place"),
    "explorer-phone": (360, 740, "dark", "layer=13&method=tsne&sample=120"),
}


def main(demo: Path) -> None:
    """Takes every picture into docs/images."""
    network = str(demo / "training" / "best.ckpt")
    with (
        serve(open_study(demo / "digits.study"), network, host="127.0.0.1", port=0) as serving,
        sync_playwright() as playwright,
    ):
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        cookies = _admitted(browser, serving.url)
        for name, (width, height, scheme, view) in VIEWS.items():
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
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


def _admitted(browser: Browser, url: str) -> list:
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
    elif name == "explorer-unit":
        page.locator("#unit").evaluate("(unit) => unit.scrollIntoView()")


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
    page.get_by_role("heading", name="Taken for").wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
