"""`Embedded`: llmhub where no server runs: a workspace in this very process, on the same data directory.

It is a `Way` of the client's, so that whatever is asked gives the same with a server and without one: requests and answers are
the API's own (`routes.py` has those that a kernel needs), only that nothing goes over a socket.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from ...errors import NotFound
from ...identity import LOCAL, Principal
from ..http import to_json
from .routes import TABLE, Asked

if TYPE_CHECKING:
    from ...workspace import Workspace


class Embedded:
    """A `Way` to a workspace of its own, which is opened with the first request."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self._env = env
        self._workspace: Workspace | None = None
        self._opening: asyncio.Lock | None = None

    async def json(self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; None where there is none."""
        answer = await self.send(method, path, json=json, params=params)
        return answer.json() if answer.content else None

    async def send(self, method: str, path: str, *, silence: float | None = None, **what: Any) -> httpx.Response:
        """An answer, whole. Raises our errors as they are."""
        said = await self._answer(method, path, what)
        return httpx.Response(200, content=b"" if said is None else said if isinstance(said, bytes) else to_json(said))

    def stream(self, method: str, path: str, **what: Any) -> AbstractAsyncContextManager[httpx.Response]:
        """An answer that is read piece by piece."""
        return self._stream(method, path, what)

    async def address(self) -> str:
        """None: nothing listens."""
        return ""

    async def socket(self, path: str) -> None:
        """None: nothing listens."""

    async def aclose(self) -> None:
        """End what runs, with what was said stored."""
        if self._workspace is not None:
            workspace, self._workspace = self._workspace, None
            await workspace.aclose()

    @asynccontextmanager
    async def _stream(self, method: str, path: str, what: Mapping[str, Any]) -> AsyncGenerator[httpx.Response]:
        said: AsyncGenerator[bytes] = await self._answer(method, path, what)
        try:
            yield httpx.Response(200, content=_pieces(said))
        finally:
            await said.aclose()

    async def _answer(self, method: str, path: str, what: Mapping[str, Any]) -> Any:
        for verb, pattern, answer in TABLE:
            if verb == method and (found := re.fullmatch(pattern, path)):
                asked = Asked(await self._opened(), _principal(self._env), what)
                return await answer(asked, *map(unquote, found.groups()))
        raise NotFound(
            f"{path.partition('/')[0]!r} needs a server, and none runs here.",
            hint="Start one with `jupyter lab`, or set LLMHUB_SERVER (and LLMHUB_TOKEN) to the address of one that runs.",
        )

    async def _opened(self) -> Workspace:
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._workspace is None:
                module = await asyncio.to_thread(import_module, "llmhub.workspace")
                self._workspace = module.Workspace.open(env=self._env)
            workspace = self._workspace
        assert workspace is not None
        await workspace.refresh()
        return workspace


async def _pieces(said: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in said:
        yield piece


def _principal(env: Mapping[str, str] | None) -> Principal:
    """Who works here: on a hub by their name there, as their server knows them."""
    name = (os.environ if env is None else env).get("JUPYTERHUB_USER")
    return Principal(name, name) if name else LOCAL
