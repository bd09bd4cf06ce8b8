"""A small Study of digits with its network, built once for every door of the explorer."""

import json
import socket
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from cutaway.data import Images, load_data
from cutaway.study import Study, build_study
from cutaway.views.explorer import Resources
from cutaway.views.server import serve
from tests.study.conftest import small_network


@dataclass(frozen=True)
class Explored:
    study: Study
    model: nn.Module
    images: Images
    folder: Path


@pytest.fixture(scope="session")
def explored(tmp_path_factory) -> Explored:
    folder = tmp_path_factory.mktemp("explored")
    model, images = small_network(), load_data("digits").select(np.arange(120))
    maps = {"pca": "*", "tsne": "pixels", "umap": "4"}
    study = build_study(model, images, folder / "digits.study", maps=maps)
    return Explored(study, model, images, folder)


@pytest.fixture(scope="session")
def resources(explored) -> Resources:
    return Resources(explored.study)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def detail(self) -> str:
        return json.loads(self.body)["detail"]


@dataclass
class Visitor:
    """Asks a server byte by byte as it is told, so that hostile requests reach it as they are."""

    port: int
    cookie: str = ""
    standard: dict[str, str] = field(default_factory=dict)

    def ask(self, target, method="GET", body=b"", headers=None, drop=(), more=()) -> Answer:
        host = f"127.0.0.1:{self.port}"
        sent = {"Host": host, "Cookie": self.cookie, "Connection": "close"}
        if method not in {"GET", "HEAD"}:
            sent |= {"Origin": f"http://{host}", "Content-Length": str(len(body))}
        sent |= headers or {}
        lines = [f"{key}: {value}" for key, value in sent.items() if key not in drop]
        lines += [f"{key}: {value}" for key, value in more]
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""])
        return self.send(head.encode("latin-1") + body)

    def send(self, request: bytes) -> Answer:
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=120)) as line:
            line.sendall(request)
            received = b""
            while part := line.recv(65536):
                received += part
        head, _, body = received.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        pairs = (entry.split(": ", 1) for entry in rest)
        return Answer(int(first.split()[1]), {key.lower(): value for key, value in pairs}, body)


@pytest.fixture(scope="session")
def server(explored):
    """The Study served with its network, and someone who has come in by the token."""
    with serve(explored.study, explored.model) as serving:
        visitor = Visitor(serving.port)
        entered = visitor.ask("/" + serving.url.partition("/?")[2].join(["?", ""]))
        visitor.cookie = entered.headers["set-cookie"].partition(";")[0]
        yield serving, visitor, entered
