"""A web server on this machine that can be told to fail."""

import contextlib
import re
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.asked[path].append(self.headers.get("Range"))
        queue = self.server.faults[path]
        fault = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else None
        with contextlib.suppress(ConnectionError):
            self._answer(path, fault)
        self.close_connection = self.close_connection or fault is not None

    def _answer(self, path, fault):
        file = self.server.root / path.lstrip("/")
        if isinstance(fault, int) or not file.is_file():
            self.send_response(fault or 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if fault == "away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if fault == "stall":
            time.sleep(1.5)
            return
        data = file.read_bytes()
        begin = 0
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if found and fault != "no range":
            begin = int(found[1])
            if begin >= len(data):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("ETag", f'"{time.monotonic_ns()}"' if fault == "changing" else '"same"')
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        body = data[begin:]
        if fault in {"half", "changing"}:
            body = body[: len(body) // 2]
        if fault == "drip":
            for at in range(0, len(body), 100):
                self.wfile.write(body[at : at + 100])
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(root):
    """Serves a folder; yields its URL and the server, whose `faults` name what goes wrong."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.root = root
    server.faults = defaultdict(list)
    server.asked = defaultdict(list)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server
    finally:
        server.shutdown()
        server.server_close()
