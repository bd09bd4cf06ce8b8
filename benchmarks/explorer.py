"""The explorer's map of a million points in Chromium without a graphics card.

    python benchmarks/explorer.py [--samples N] [--width W --height H] [--bundle web/dist]

Needs Chromium and the built bundle. A server in this process gives synthetic maps; every frame is
timed in the page while the mouse drags, the wheel turns and the points travel between layers.
"""

import argparse
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from playwright.sync_api import Page, ViewportSize, sync_playwright

GOALS = {"opens": 5.0, "frame": 100.0, "rest": 5.0}
LAYERS = 3
CLASSES = 10
SOFTWARE_GL = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
NO_GL = ["--disable-gpu", "--disable-software-rasterizer"]
DOORS = {"SwiftShader": SOFTWARE_GL, "no GL": NO_GL, "as it comes": []}
PAGE = b"""<!doctype html><meta charset="utf-8"><title>Cutaway</title>
<link rel="stylesheet" href="static/explorer.css">
<script type="module" src="static/explorer.js"></script>
<body><main id="cutaway-explorer" data-api="api/"></main></body>"""
RECORD = """() => {
  window.frames_ = [];
  let last = performance.now();
  const step = (now) => {
    window.frames_.push(now - last);
    last = now;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--bundle", type=Path, default=Path("web/dist"))
    options = parser.parse_args()
    print(f"{options.samples:,} points at {options.width}x{options.height}; goals: {GOALS}")
    print("median / slowest frame in ms")
    print("browser      drawn by  opens s  rest s       pan ms      zoom ms    travel ms")
    with served(options.samples, options.bundle) as address, sync_playwright() as playwright:
        for name, flags in DOORS.items():
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", *flags]
            )
            size = ViewportSize(width=options.width, height=options.height)
            print(f"{name:11}  {measured(browser.new_page(viewport=size), address)}", flush=True)
            browser.close()


def measured(page: Page, address: str) -> str:
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("[data-ready]", timeout=60_000)
    whole(page)
    opened = time.perf_counter() - start
    box = page.locator(".frame").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(RECORD)
    pan = frames(page, lambda: drag(page, *middle))
    start = time.perf_counter()
    whole(page)
    rest = time.perf_counter() - start
    zoom = frames(page, lambda: wheel(page, *middle))
    whole(page)
    page.keyboard.press("0")
    whole(page)
    page.locator(".frame").focus()
    travel = frames(page, lambda: travel_on(page))
    whole(page)
    kind = page.get_attribute(".frame", "data-kind")
    moves = "".join(f"{np.median(one):7.0f} /{max(one):4.0f}" for one in (pan, zoom, travel))
    return f"{kind:8} {opened:8.2f} {rest:7.2f} {moves}"


def whole(page: Page) -> None:
    page.wait_for_selector('.frame[data-whole="true"]', timeout=60_000)


def frames(page: Page, move: Any) -> list[float]:
    page.evaluate("window.frames_.length = 0")
    move()
    return sorted(page.evaluate("window.frames_"))


def drag(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 120 * np.sin(step / 6), y + 60 * np.cos(step / 6))
        page.wait_for_timeout(16)
    page.mouse.up()


def wheel(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    for step in range(60):
        page.mouse.wheel(0, -60 if step < 40 else 90)
        page.wait_for_timeout(16)


def travel_on(page: Page) -> None:
    page.keyboard.press("]")
    page.wait_for_timeout(1_300)


@contextmanager
def served(samples: int, bundle: Path) -> Iterator[str]:
    files = {"explorer.js": "text/javascript", "explorer.css": "text/css"}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            media, body = "application/octet-stream", None
            if path == "":
                media, body = "text/html", PAGE
            elif path.removeprefix("static/") in files:
                name = path.removeprefix("static/")
                media, body = files[name], (bundle / name).read_bytes()
            elif path.startswith("api/"):
                body = resource(path.removeprefix("api/"), samples)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", media)
            self.end_headers()
            self.wfile.write(body or b'{"detail": "The benchmark has no such resource."}')

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    resource("samples", samples)
    for layer in range(LAYERS):
        resource(f"map/{layer}/pca", samples)
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@cache
def resource(name: str, samples: int) -> bytes | None:
    if name == "study":
        return json.dumps(study(samples)).encode()
    if name == "samples":
        return stream(pa.table(table(samples)))
    if name.startswith("map/"):
        return stream(places(int(name.split("/")[1]), samples))
    return None


def table(samples: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    label = labels(samples)
    wrong = random.random(samples) < 0.1
    return {
        "id": np.arange(samples, dtype=np.int32),
        "split": pa.DictionaryArray.from_arrays(np.zeros(samples, np.int32), ["test"]),
        "label": label,
        "predicted": np.where(wrong, (label + 1) % CLASSES, label).astype(np.int16),
        "confidence": random.beta(5, 1, samples).astype(np.float32),
        "loss": random.exponential(1, samples).astype(np.float32),
    }


def labels(samples: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, CLASSES, samples, dtype=np.int16)


def places(layer: int, samples: int) -> pa.Table:
    random = np.random.default_rng(2 + layer)
    angle = 2 * np.pi * labels(samples) / CLASSES
    middles = np.stack([np.cos(angle), np.sin(angle)], 1) * (1 + layer) / LAYERS
    points = np.clip(middles + random.normal(0, 0.25, (samples, 2)), -2, 2)
    x, y = ((points.T + 2) / 4 * 65535).astype(np.uint16)
    trust = random.integers(0, 256, samples, dtype=np.uint8)
    held = pa.table({"x": x, "y": y, "trust": trust})
    return held.replace_schema_metadata({"bounds": "[-2, -2, 2, 2]"})


def stream(held: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, held.schema) as writer:
        writer.write_table(held)
    return sink.getvalue().to_pybytes()


def study(samples: int) -> dict[str, Any]:
    layers = [
        {"layer": f"layer{number}", "type": "Linear", "shape": [2], "parameters": 0}
        for number in range(LAYERS)
    ]
    quality = dict.fromkeys(("trustworthiness", "continuity", "neighbours_kept", "shepard"), 0.9)
    names = [str(number) for number in range(CLASSES)]
    return {
        "protocol": 1, "version": "0", "door": "server", "title": "A million points",
        "data": {
            "name": "synthetic", "split": "test", "splits": ["test"],
            "class_names": names, "samples": samples, "labelled": True,
        },
        "model": {"name": "none", "parameters": 0},
        "layers": layers,
        "maps": [{"layer": number, "method": "pca", **quality} for number in range(LAYERS)],
        "findings": [], "thumbnails": None, "kept": [], "filters": [],
        "columns": [{"name": name, "type": "number"} for name in ("id", "label", "predicted")],
        "live": {"model": False, "place": False, "draw": False},
        "omitted": [], "calibration": None, "attribution": None, "has": {},
    }  # fmt: skip


if __name__ == "__main__":
    main()
