"""The explorer's server as others meet it: a real uvicorn on loopback, asked byte by byte."""

import io
import json
import os
import re
import secrets
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from cutaway.errors import InputError
from cutaway.views.explorer import Resources
from cutaway.views.server import serve
from tests.attacks.hostile import NAMES
from tests.study.conftest import small_network

ROUTES = {
    "/": {"GET", "HEAD"},
    "/static/explorer.js": {"GET", "HEAD"},
    "/static/explorer.css": {"GET", "HEAD"},
    "/api/study": {"GET", "HEAD"},
    "/api/map/0/pca": {"GET", "HEAD"},
    "/api/thumbnails/0": {"GET", "HEAD"},
    "/api/place": {"POST"},
    "/api/placed/none/image": {"GET", "HEAD"},
    "/nowhere": set(),
    "/api/map/0/..%2f..%2f..%2fstudy.json": {"GET", "HEAD"},
    "/static/../../study.json": set(),
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]
# A bundle may not be built where tests run.
MAY_BE_ABSENT = {"/static/explorer.js", "/static/explorer.css", "/api/placed/none/image"}


def assert_protected(answer):
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.status < 500


def picture(image, form="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=form)
    return buffer.getvalue()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", ROUTES)
def test_every_route_and_method(server, target, method):
    _, visitor, _ = server
    answer = visitor.ask(target, method)
    assert_protected(answer)
    if target == "/api/place" and method == "POST":
        assert answer.status == 415  # an empty body is no image
    elif method not in ROUTES[target]:
        assert answer.status in {404, 405}
    elif target in MAY_BE_ABSENT or ".." in target:
        assert answer.status in {200, 404}
    else:
        assert answer.status == 200
    stranger = replace(visitor, cookie="")
    refused = stranger.ask(target, method)
    assert_protected(refused)
    assert refused.status == 401


def test_no_route_is_missing_in_this_matrix(explored):
    from cutaway.views.server.app import make_app

    for route in make_app(Resources(explored.study), None, None, []).routes:
        asked = [target for target in ROUTES if route.path_regex.match(target)]
        assert asked, route.path
        assert any(route.methods == ROUTES[target] for target in asked)


def test_what_is_asked_for_is_never_a_path(server):
    _, visitor, _ = server
    for name in (
        *NAMES,
        "study.json",
        "samples.parquet",
        "..",
        "/etc/passwd",
        "file:///etc/passwd",
    ):
        for kind in ("", "map/0/", "image/", "activation/0/", "placed/"):
            answer = visitor.ask(f"/api/{kind}{quote(name, safe='')}")
            assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
            assert_protected(answer)


def test_secrets_are_compared_in_constant_time(server, monkeypatch):
    serving, visitor, _ = server
    compared, compare = [], secrets.compare_digest
    monkeypatch.setattr(
        secrets, "compare_digest", lambda *both: compared.append(both) or compare(*both)
    )
    token, (name, _, session) = serving.url.partition("=")[2], visitor.cookie.partition("=")
    assert replace(visitor, cookie="").ask("/?token=wrong").status == 401
    assert replace(visitor, cookie=f"{name}=wrong").ask("/").status == 401
    assert compared == [(b"wrong", token.encode()), (b"wrong", session.encode())]


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(server):
    serving, visitor, entered = server
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", serving.url)
    assert entered.status == 303
    assert entered.headers["location"] == "/"
    assert {"HttpOnly", "SameSite=Strict"} <= set(entered.headers["set-cookie"].split("; "))
    token = serving.url.partition("=")[2]
    assert token not in entered.headers["set-cookie"]
    stranger = replace(visitor, cookie="")
    for wrong in ("", "x", token[:-1], token + "x", f"{token}&token={token}", "%ff", "é"):
        assert stranger.ask(f"/?token={wrong}".encode().decode("latin-1")).status in {400, 401}
    assert stranger.ask(f"/api/study?token={token}").status == 401
    for cookie in ("", "cutaway=1", visitor.cookie[:-1], f"cutaway-{serving.port}=", "a\x01=;;="):
        assert replace(visitor, cookie=cookie).ask("/api/study").status in {400, 401}


@pytest.mark.parametrize(
    "host",
    ["evil.com", "127.0.0.1.evil.com", "127.0.0.1", "", "null", "127.0.0.1:1", "evil.com:{port}",
     "127.0.0.1.evil.com:{port}", "127.0.0.1:{port}.evil.com", "0.0.0.0:{port}",
     "2130706433:{port}"],
)  # fmt: skip
def test_a_foreign_host_is_refused(server, host):
    serving, visitor, _ = server
    named = host.format(port=serving.port)
    for target in ("/", "/api/study", "/" + serving.url.partition("/")[2].partition("/")[2]):
        answer = visitor.ask(target, headers={"Host": named})
        assert answer.status == 400
        assert_protected(answer)


def test_no_host_and_two_hosts_are_refused(server):
    serving, visitor, _ = server
    own = f"127.0.0.1:{serving.port}"
    for answer in (
        visitor.ask("/", drop=("Host",)),
        visitor.ask("/", more=[("Host", own)]),
        visitor.ask("/", more=[("Host", "evil.com")]),
        visitor.send(f"GET / HTTP/1.0\r\nCookie: {visitor.cookie}\r\n\r\n".encode()),
        visitor.send(b"no HTTP\r\n\r\n"),
    ):
        assert answer.status == 400
        assert_protected(answer)
    assert visitor.ask("/", headers={"Host": f"localhost:{serving.port}"}).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "origin",
    ["http://evil.com", "http://127.0.0.1.evil.com:{port}", "http://127.0.0.1.evil.com", "null", "",
     "https://127.0.0.1:{port}", "http://127.0.0.1", "http://localhost:{port}", "evil.com"],
)  # fmt: skip
def test_a_foreign_origin_is_refused(server, origin, method):
    serving, visitor, _ = server
    target = "/api/study" if method == "GET" else "/api/place"
    answer = visitor.ask(target, method, headers={"Origin": origin.format(port=serving.port)})
    assert answer.status == 403
    assert_protected(answer)


def test_a_post_without_or_with_two_origins_and_a_foreign_site_are_refused(server):
    serving, visitor, _ = server
    own = f"http://127.0.0.1:{serving.port}"
    assert visitor.ask("/api/place", "POST", drop=("Origin",)).status == 403
    assert visitor.ask("/api/place", "POST", more=[("Origin", own)]).status == 403
    assert visitor.ask("/api/study", headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert visitor.ask("/api/study", headers={"Sec-Fetch-Site": "same-origin"}).status == 200


def test_what_is_placed_lands_on_every_map_with_its_trust(server, explored):
    _, visitor, _ = server
    image = explored.images.display(np.array([5]))[0, ..., 0]
    for form in ("PNG", "WEBP"):
        body = io.BytesIO()
        Image.fromarray(image).save(body, format=form, lossless=True)
        answer = visitor.ask("/api/place", "POST", body.getvalue())
        assert answer.status == 200, answer.body
    found = json.loads(answer.body)
    assert found["predicted"] == explored.study.samples["predicted"][5]
    assert sum(found["probabilities"]) == pytest.approx(1, abs=1e-4)
    layers = explored.study.layers["layer"]
    for place in found["places"]:
        table = explored.study.map(layers[place["layer"]], place["method"])
        here = table.loc[5, ["x", "y"]].to_numpy(float)
        away = np.hypot(place["x"] - here[0], place["y"] - here[1])
        assert away < 0.15 * np.ptp(table[["x", "y"]].to_numpy()), place
        assert 0 <= place["trust"] <= 1
    assert len(found["places"]) == len(explored.study.maps)
    first = visitor.ask(f"/api/placed/{found['token']}/activation/1")
    assert pa.ipc.open_stream(first.body).schema.metadata[b"shape"] == b"[6, 6, 6]"
    near = visitor.ask(f"/api/placed/{found['token']}/neighbours/0")
    nearest = pa.ipc.open_stream(near.body).read_all().to_pandas()
    assert nearest.query("rank == 0")["id"].item() == 5
    assert set(nearest["layer"]) == {0}
    assert visitor.ask(f"/api/placed/{found['token']}/neighbours/999").status == 404
    assert visitor.ask(f"/api/placed/{found['token']}/../../study").status == 404


def test_a_drawing_is_brought_to_the_form_of_the_data(server):
    _, visitor, _ = server
    canvas = np.full((280, 280), 255, dtype=np.uint8)
    canvas[60:90, 190:200] = 0  # a short stroke, dark on light, far from the middle
    found = json.loads(visitor.ask("/api/place?drawn=1", "POST", picture(canvas)).body)
    shown = visitor.ask(f"/api/placed/{found['token']}/image")
    sign = np.asarray(Image.open(io.BytesIO(shown.body)))
    assert sign.shape == (8, 8)
    assert sign.max() > 200
    assert not sign[:, [0, 1, 6, 7]].any()
    assert len(found["done"]) == 2
    assert visitor.ask("/api/place?drawn=1", "POST", picture(canvas * 0)).status == 422


def test_the_feature_maps_of_a_sample_that_was_not_kept_are_computed(server, explored):
    _, visitor, _ = server
    other = next(i for i in range(120) if i not in explored.study.kept)
    answer = visitor.ask(f"/api/activation/1/{other}")
    values = pa.ipc.open_stream(answer.body).read_all()["values"].to_numpy().reshape(6, 6, 6)
    own = explored.model[0](explored_input(explored, other)).detach().numpy()[0]
    assert np.allclose(values, own, atol=1e-5)


def explored_input(explored, sample):
    from cutaway.data import InputTransform

    transform = InputTransform.from_dict(explored.study.record["transform"])
    return transform(explored.images.tensor([sample]))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        (picture(np.zeros((4, 4), np.uint8), "GIF"), 415),
        (picture(np.zeros((4, 4), np.uint8), "TIFF"), 415),
        (picture(np.zeros((40, 40), np.uint8))[:45], 422),
        (picture(np.zeros((5000, 4000), np.uint8)), 413),
        (picture(np.zeros((3, 5, 3), np.uint8), "JPEG"), 200),
    ],
)
def test_what_is_no_allowed_image_is_refused(server, body, status):
    _, visitor, _ = server
    answer = visitor.ask("/api/place", "POST", body)
    assert answer.status == status
    assert_protected(answer)


def test_a_body_without_end_takes_no_memory_and_the_page_goes_on(server):
    serving, visitor, _ = server
    before = _resident()
    head = (
        f"POST /api/place HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\n"
        f"Cookie: {visitor.cookie}\r\n"
        f"Origin: http://127.0.0.1:{serving.port}\r\nConnection: close\r\n"
    )
    told = visitor.send(f"{head}Content-Length: {10**9}\r\n\r\n".encode() + b"x" * 4096)
    assert told.status == 413
    megabyte = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(300):
                line.sendall(megabyte)
        except OSError:
            pass  # it has hung up, as it may
    for target in (
        "/api/place",
        "/api/study",
    ):  # vanishes in the middle of a body, and of an answer
        with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as line:
            line.sendall(
                f"{head}Content-Length: 5000\r\n\r\n".replace("/api/place", target).encode()
            )
    assert _resident() - before < 64 * 2**20
    assert visitor.ask("/api/study").status == 200


def _resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_another_network_than_the_study_s_is_refused(explored):
    with pytest.raises(InputError, match="expected the same weights"):
        serve(explored.study, small_network(seed=1))


@pytest.mark.parametrize(("host", "port"), [("evil.com", 0), ("127.0.0.1", 70_000), ("8.8.8.8", 0)])
def test_an_address_that_cannot_be_had_is_named(explored, host, port):
    with pytest.raises(InputError, match="expected"):
        serve(explored.study, host=host, port=port)
