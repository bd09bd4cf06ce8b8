"""As much of the Hugging Face hub, on this machine, as its library asks of data sets."""

import contextlib
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

REVISION = "1" * 40
TOKEN = "hf_good"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path = unquote(self.path.partition("?")[0])
        found = re.fullmatch(r"(/api)?(?:/datasets|/models)?/((?:owner|timm)/[^/]+)(/.*)?", path)
        if not found:
            self.send(404)
        elif found[2].endswith("gated") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send(401, X_Error_Code="GatedRepo", X_Error_Message="restricted")
        elif found[1]:
            self.describe(found[2], found[3] or "", body)
        else:
            self.give(self.server.root / found[2] / found[3].split("/", 3)[3])

    do_HEAD = do_POST = do_GET  # noqa: N815 (the names that the library calls)

    def give(self, file):
        """A file, or the part of it that is asked for."""
        if not file.is_file():
            self.send(404, X_Error_Code="EntryNotFound", X_Repo_Commit=REVISION)
            return
        data = file.read_bytes()
        tag = f'"{hashlib.sha1(data).hexdigest()}"'
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        heads = {"X_Repo_Commit": REVISION, "ETag": tag, "Accept_Ranges": "bytes"}
        if not part:
            self.send(200, data, **heads)
            return
        first, last = int(part[1]), min(int(part[2] or len(data)), len(data) - 1)
        heads["Content_Range"] = f"bytes {first}-{last}/{len(data)}"
        self.send(206, data[first : last + 1], **heads)

    def describe(self, name, asked, body):
        """What the set is, what a folder of it holds, or what some of its paths are."""
        root = self.server.root / name
        kind, _, under = asked.strip("/").partition("/")
        folder = root / "/".join(under.split("/")[1:])
        if kind == "tree" and folder.is_dir():
            pattern = "**/*" if "recursive=true" in self.path.lower() else "*"
            self.send_json([entry(path, root) for path in sorted(folder.glob(pattern))])
        elif kind == "paths-info":
            wanted = [root / path for path in parse_qs(body).get("paths", [])]
            self.send_json([entry(path, root) for path in wanted if path.exists()])
        elif kind in {"", "revision"}:
            files = [path for path in sorted(root.rglob("*")) if path.is_file()]
            siblings = [{"rfilename": path.relative_to(root).as_posix()} for path in files]
            self.send_json({"id": name, "sha": REVISION, "tags": [], "siblings": siblings})
        else:
            self.send(404, X_Error_Code="EntryNotFound")

    def send_json(self, values):
        self.send(200, json.dumps(values).encode(), Content_Type="application/json")

    def send(self, status, body=b"", **heads):
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def entry(path, root):
    name = path.relative_to(root).as_posix()
    if path.is_dir():
        return {"type": "directory", "oid": "2" * 40, "size": 0, "path": name}
    data = path.read_bytes()
    oid = hashlib.sha1(data).hexdigest()
    return {"type": "file", "oid": oid, "size": len(data), "path": name}


@contextlib.contextmanager
def hub(root):
    """Serves `root`/owner/NAME as data sets; those called ...gated ask for the token."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.root = root
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
