"""The explorer's pages around a Study's resources, with the policies of web/PROTOCOL.md."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cutaway import Study
from cutaway.views.explorer import AbsentError, Resources

LIVE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LIVE_PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cutaway</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="static/explorer.css">
<script type="module" src="static/explorer.js"></script></head>
<body><main id="cutaway-explorer" data-api="api/"></main></body></html>"""
MEDIA = {"explorer.js": "text/javascript", "explorer.css": "text/css"}


@contextmanager
def served(study: Study, bundle: Path) -> Iterator[str]:
    resources = Resources(study)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            status, media, body = 200, "text/html", LIVE_PAGE
            if name.startswith("static/"):
                media = MEDIA[name.removeprefix("static/")]
                body = (bundle / name.removeprefix("static/")).read_bytes()
            elif name:
                status, media, body = self.resource(name.removeprefix("api/"))
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Security-Policy", LIVE_POLICY)
            self.end_headers()
            self.wfile.write(body)

        def resource(self, name: str) -> tuple[int, str, bytes]:
            try:
                found = resources.get(name)
            except AbsentError:
                return 404, "application/json", b'{"detail": "This Study does not hold it."}'
            return 200, found.media, found.body

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def offline_file(study: Study, bundle: Path, file: Path) -> Path:
    resources = Resources(study, "report")
    blocks = []
    for name in resources.names():
        try:
            body = resources.get(name).body
        except AbsentError:
            continue
        text = base64.b64encode(body).decode()
        blocks.append(
            f'<script type="application/octet-stream" data-resource="{name}">{text}</script>'
        )
    style = (bundle / "explorer.css").read_text("utf-8")
    script = (bundle / "explorer.js").read_text("utf-8")
    policy = (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    file.write_text(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cutaway</title>
<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style></head>
<body><div id="cutaway-explorer"></div>{"".join(blocks)}
<script type="module">{script}</script></body></html>""",
        "utf-8",
    )
    return file
