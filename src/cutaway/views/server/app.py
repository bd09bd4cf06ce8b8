"""The routes: a page, its bundle, the resources of a Study, and placing a new image."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from cutaway.bounded import BoundedCache
from cutaway.errors import InputError
from cutaway.study.new_image import MOST_BYTES, RefusedImageError
from cutaway.views.explorer import AbsentError, Resource, Resources
from cutaway.views.explorer.bundle import Bundle
from cutaway.views.explorer.placing import Placing
from cutaway.views.explorer.resource import JSON
from cutaway.views.server.page import page

_AT_ONCE = 4
_REFUSALS = {"large": 413, "format": 415, "unusable": 422}
_CACHED_BYTES, _CACHED = 96 * 2**20, 512

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def make_app(
    resources: Resources, placing: Placing | None, bundle: Bundle | None, omitted: list[str]
) -> Starlette:
    """The application, without the guard that must stand before it.

    Args:
        resources: Of the Study that is shown.
        placing: What new images are placed by, or None without the network.
        bundle: The front end, or None where it was not built.
        omitted: What this door says that it leaves out.
    """
    serving = _Serving(resources, placing, bundle, omitted)
    app = Starlette(
        routes=[
            Route("/", serving.page, methods=["GET"]),
            Route("/static/explorer.js", serving.script, methods=["GET"]),
            Route("/static/explorer.css", serving.style, methods=["GET"]),
            Route("/api/place", serving.place, methods=["POST"]),
            Route("/api/placed/{name:path}", serving.placed, methods=["GET"]),
            Route("/api/{name:path}", serving.resource, methods=["GET"]),
        ],
        exception_handlers={404: _no_route, 405: _no_method},
    )
    app.router.redirect_slashes = False
    return app


class _Serving:
    def __init__(
        self,
        resources: Resources,
        placing: Placing | None,
        bundle: Bundle | None,
        omitted: list[str],
    ) -> None:
        self._resources = resources
        self._placing = placing
        self._bundle = bundle
        self._omitted = omitted
        self._made = BoundedCache[Resource](_CACHED_BYTES, _CACHED)
        self._limiter = CapacityLimiter(_AT_ONCE)

    async def page(self, _: Request) -> Response:
        title = self._resources.overview()["title"]
        return Response(page(title, built=self._bundle is not None), media_type="text/html")

    async def script(self, _: Request) -> Response:
        return self._static("script", "text/javascript")

    async def style(self, _: Request) -> Response:
        return self._static("style", "text/css")

    def _static(self, part: str, media: str) -> Response:
        if self._bundle is None:
            return _detail(404, "The front end was not built.")
        return Response(getattr(self._bundle, part), media_type=media)

    async def resource(self, request: Request) -> Response:
        name = request.path_params["name"]
        return await self._answer(lambda: self._cached(name))

    def _cached(self, name: str) -> Resource:
        found = self._made.get(name)
        if found is None:
            if name == "study":
                body = json.dumps(self._resources.overview(self._omitted), allow_nan=False)
                found = Resource(body.encode(), JSON)
            else:
                found = self._resources.get(name)
            self._made.put(name, found, len(found.body))
        return found

    async def placed(self, request: Request) -> Response:
        if self._placing is None:
            return _detail(404, "The network is not at hand.")
        placing, name = self._placing, request.path_params["name"]
        return await self._answer(lambda: placing.get(name))

    async def place(self, request: Request) -> Response:
        if self._placing is None:
            return _detail(404, "The network is not at hand; start again with --model CHECKPOINT.")
        body = await _bounded_body(request)
        if body is None:
            return _detail(413, f"An image may have {MOST_BYTES // 2**20} MB at most.")
        placing, drawn = self._placing, request.query_params.get("drawn") == "1"
        return await self._answer(lambda: placing.place(body, drawn=drawn))

    async def _answer(self, make: Callable[[], Resource]) -> Response:
        try:
            found = await to_thread.run_sync(make, limiter=self._limiter)
        except AbsentError as absent:
            return _detail(404, str(absent))
        except RefusedImageError as refused:
            return _detail(_REFUSALS[refused.kind], str(refused))
        except InputError as damaged:
            return _detail(404, str(damaged))
        return Response(found.body, media_type=found.media)


async def _bounded_body(request: Request) -> bytes | None:
    """The body, or None where it is too large, which is known before it is all here."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > MOST_BYTES:
        return None
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                return None
            parts.append(part)
    except ClientDisconnect:
        # Nobody is there to read the answer; any will do.
        return None
    return b"".join(parts)


async def _no_route(_request: Request, _error: Exception) -> Response:
    return _detail(404, "There is no such page.")


async def _no_method(_request: Request, error: Exception) -> Response:
    response = _detail(405, "This method is not for this page.")
    allowed = getattr(error, "headers", None) or {}
    response.headers.update(allowed)
    return response


def _detail(status: int, detail: str) -> Response:
    return Response(json.dumps({"detail": detail}), status_code=status, media_type=JSON)
