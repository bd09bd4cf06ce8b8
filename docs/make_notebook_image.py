"""Photographs the explorer in a notebook for docs/explorer.md.

Run it after `make demo`: python -m docs.make_notebook_image [DEMO_FOLDER]. It needs Chromium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.notebook import Notebook, jupyterlab

WRONG = "view.selection = study.samples.query('label != predicted')\nview.selection.head(4)"
IMAGE = Path(__file__).parent / "images" / "explorer-notebook.png"


def main(demo: Path) -> None:
    """Shows a layer, and in the cell below it what selects the wrong predictions."""
    study, checkpoint = Path("demo/digits.study"), Path("demo/training/best.ckpt")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(Path(folder), study, checkpoint) as address,
        sync_playwright() as playwright,
    ):
        (Path(folder) / "work" / "demo").symlink_to(demo.resolve())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        notebook = Notebook(browser, address)
        notebook.page.set_viewport_size({"width": 1440, "height": 1200})
        notebook.show("view&layer=13&method=tsne&sample=120")
        notebook.write(WRONG)
        notebook.page.wait_for_timeout(1500)
        notebook.page.screenshot(path=IMAGE)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
