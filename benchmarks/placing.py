"""From an image dropped on the explorer's page to its place on every map and its feature maps.

    python benchmarks/placing.py STUDY MODEL [--data cifar10] [--images N]

Needs Chromium and the built front end. A server in this process has the network; each image is
dropped on the page, and the page notes by its own clock when the server has answered, when the star
stands on the map, and when the last feature map in view is painted, each in the frame after.
"""

import argparse
import base64
import io
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

import cutaway
from cutaway.views.server import serve

GOAL = 200.0
WARM = 3
SIZE = ViewportSize(width=1280, height=800)
PARTS = {"answer": "answered", "map": "on the map", "painted": "maps painted", "all": "all read"}
ROOM = "[data-room=place]"

WATCH = """() => {
  window.seen_ = {};
  const note = (name) => { window.seen_[name] = performance.now(); };
  const { fill, putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fill = function (...given) {
    if (this.canvas.classList.contains("above") && window.seen_.answer) note("map");
    return fill.apply(this, given);
  };
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    if (window.inView_?.has(this.canvas)) note("painted");
    return putImageData.apply(this, given);
  };
  const own = window.fetch;
  window.fetch = async (...given) => {
    const answer = await own(...given);
    if (String(given[0]).includes("api/place?") || String(given[0]).endsWith("api/place"))
      note("answer");
    return answer;
  };
}"""
DROP = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], "image.png", { type: "image/png" }));
  const room = document.querySelector("[data-room=place]");
  window.seen_ = {};
  window.inView_ = new Set([...room.querySelectorAll(".tiles canvas")].filter((canvas) => {
    const { top, bottom } = canvas.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  }));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  const began = performance.now();
  const zone = room.querySelector(".zone");
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
  const shown = { answer: 0, map: 0, painted: 0, all: 0 };
  for (let calm = 0; calm < 6; ) {
    const now = await frame();
    const busy = room.querySelector('[aria-busy="true"], .waiting');
    for (const name of ["answer", "map", "painted"]) {
      const at = window.seen_[name];
      if (at && at > (shown[`${name}_`] ?? 0)) {
        shown[`${name}_`] = at;
        shown[name] = name === "answer" ? at - began : performance.now() - began;
        calm = 0;
      }
    }
    if (window.seen_.painted && !busy) {
      if (!calm) shown.all = performance.now() - began;
      calm += 1;
    } else calm = 0;
    if (now - began > 4000) break;
  }
  return shown;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("model")
    parser.add_argument("--data", default="cifar10", help="whose training images are dropped")
    parser.add_argument("--images", type=int, default=40)
    options = parser.parse_args()
    study = cutaway.open_study(options.study)
    images = cutaway.load_data(options.data, split="train", limit=options.images + WARM).pixels
    encoded = [png(image) for image in images]
    print(f"{len(study.maps)} maps of {len(study.samples):,} samples; goal: {GOAL:.0f} ms")
    with serve(study, options.model) as serving, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        times, processor = measured(page, serving.url, encoded, first_maps(study))
        browser.close()
    print("milliseconds from the drop, median / worst of", len(times))
    for name, words in PARTS.items():
        taken = [one[name] for one in times]
        print(f"{words:13} {np.median(taken):6.0f} / {max(taken):.0f}")
    server, chromium = processor
    print(f"processor time an image: server {server:.0f} ms, Chromium {chromium:.0f} ms")
    return 0


def measured(
    page: Page, address: str, encoded: list[str], layer: str
) -> tuple[list[dict[str, Any]], list[float]]:
    page.goto(address)
    page.wait_for_selector("[data-ready]")
    page.evaluate("location.hash = '#view&rooms=network.place.place'")
    page.wait_for_selector(f"{ROOM} .zone")
    page.evaluate(WATCH)
    for image in encoded[:WARM]:
        page.evaluate(DROP, image)
        # The first image waits until every map has been read.
        page.wait_for_selector(f"{ROOM} .placed", timeout=180_000)
        page.locator(ROOM).get_by_role("heading", name=layer, exact=True).evaluate(
            "(heading) => heading.scrollIntoView()"
        )
        page.wait_for_selector(f"{ROOM} .tiles canvas")
    browser = psutil.Process().children(recursive=True)
    began = time.process_time(), spent(browser)
    times = [page.evaluate(DROP, image) for image in encoded[WARM:]]
    ended = time.process_time(), spent(browser)
    processor = [(end - start) / len(times) * 1000 for start, end in zip(began, ended, strict=True)]
    return times, processor


def spent(processes: list[psutil.Process]) -> float:
    """Seconds of the processor that these took so far."""
    times = [process.cpu_times() for process in processes if process.is_running()]
    return sum(each.user + each.system for each in times)


def first_maps(study: cutaway.Study) -> str:
    """The first layer of feature maps, which are scrolled into view."""
    shapes = study.layers.set_index("layer")["shape"].iloc[1:]
    return next(str(layer) for layer, shape in shapes.items() if len(shape) == 3)


def png(image: np.ndarray) -> str:
    held = io.BytesIO()
    Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image).save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode()


if __name__ == "__main__":
    sys.exit(main())
