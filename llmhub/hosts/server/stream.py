"""The one connection over which a page follows all its runs, and hears what other pages of the same person changed.

A client sends `{"watch": run_id, "after": N}` and `{"unwatch": run_id}`; it gets every event as a frame of its own, `{"changed":
{...}}` notices, and `{"error": {...}, "run_id"}` for what could not be done. A bad frame never closes the connection. `{"ping": N}`
is answered by `{"pong": N}`: a browser shows a page nothing of the protocol's own pings, and a dead connection says nothing. The
first frame is `{"hello": {"version"}}`: a page that comes back learns from it that the server was upgraded meanwhile.

Frames are written piece by piece for the whole connection, each piece when the socket has taken the one before: a page that does
not read holds one piece and a place in each run's log, and slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Final

from jupyter_server.auth.decorator import authorized, ws_authenticated
from pydantic import Field
from tornado.websocket import WebSocketClosedError

from ... import __version__, errors
from ...ids import is_id
from ...messages import Value
from ..http import invalid, parse, read_json, to_json, trace_of
from .operation import RESOURCE
from .socket import Socket

MOST_WATCHES: Final = 128
"""Runs that one page may follow at a time."""
LONGEST_FRAME: Final = 4096
"""Bytes of a frame from the client; every request fits into a tenth."""
_TOO_LONG_TO_READ: Final = 2**20
_PIECE: Final = 64 * 1024


class Request(Value):
    """What a page may say: one of the three."""

    watch: Annotated[str, Field(max_length=100)] | None = None
    unwatch: Annotated[str, Field(max_length=100)] | None = None
    ping: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    after: Annotated[int, Field(ge=0, lt=2**53)] = 0


class StreamHandler(Socket):
    """One page's connection."""

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._writing = asyncio.Lock()

    @ws_authenticated
    @authorized("read", resource=RESOURCE)  # pyright: ignore[reportUntypedFunctionDecorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """The handshake."""
        await self.shake_hands(*args, **kwargs)

    @property
    def max_message_size(self) -> int:
        """Beyond this tornado closes the connection before it reads on."""
        return _TOO_LONG_TO_READ

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin with our version, then the notices."""
        super().open(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self.set_nodelay(True)
        self._start("hello", lambda: self._write(to_json({"hello": {"version": __version__}})))
        self._start("", self._tell_changes)

    async def on_message(self, message: str | bytes) -> None:
        """Do what one frame asks."""
        run_id: str | None = None
        try:
            request = _read(message)
            if request.ping is not None:
                await self._write(to_json({"pong": request.ping}))
                return
            run_id = request.watch or request.unwatch or ""
            await self._end(run_id)
            if request.watch is not None:
                self._watch(run_id, request.after)
        except errors.LLMHubError as exc:
            await self._say_error(exc, run_id)

    def on_close(self) -> None:
        """The page is gone: let go of everything at once."""
        for task in self._tasks.values():
            task.cancel()

    # ---- what runs beside

    def _watch(self, run_id: str, after: int) -> None:
        if len(self._tasks) > MOST_WATCHES:
            raise errors.Conflict(
                f"One connection follows at most {MOST_WATCHES} runs.", hint="Send unwatch for those that are not shown."
            )
        self._start(run_id, lambda: self._follow(run_id, after))

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        task = self._tasks[name] = asyncio.create_task(self._guarded(name, work), name=f"llmhub stream {name}")
        task.add_done_callback(lambda done: self._tasks.pop(name, None) if self._tasks.get(name) is done else None)

    async def _end(self, run_id: str) -> None:
        task = self._tasks.pop(run_id, None) if run_id else None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _guarded(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except WebSocketClosedError:
            pass
        except Exception as exc:
            if not isinstance(exc, errors.LLMHubError):
                self.log.error("llmhub: following %s failed unexpectedly\n%s", name or "notices", trace_of(exc))
            await self._say_error(exc, name or None)

    async def _follow(self, run_id: str, after: int) -> None:
        if not is_id(run_id):
            raise errors.NotFound("There is no such run.", hint="Reload the conversation.")
        watching: Any = self.workspace.runs.watch(self.principal, run_id, after)
        try:
            async for frames in watching:
                await self._write(*(frame.data for frame in frames))
        finally:
            await watching.aclose()

    async def _tell_changes(self) -> None:
        principal_id = self.principal.id
        notices: Any = self.workspace.notices.subscribe(principal_id)
        try:
            async for notice in notices:
                await self._write(to_json({"changed": notice}))
        finally:
            await notices.aclose()

    async def _say_error(self, error: BaseException, run_id: str | None) -> None:
        with suppress(WebSocketClosedError):
            await self._write(to_json({"error": errors.words(error), "run_id": run_id}))

    async def _write(self, *messages: bytes) -> None:
        """Write what is there at once, up to a piece: to wait for the socket after every frame takes longer than to write it."""
        async with self._writing:
            under_way: list[Awaitable[None]] = []
            size = 0
            for message in messages:
                under_way.append(self.write_message(message))
                size += len(message)
                if size >= _PIECE:
                    await asyncio.gather(*under_way)
                    under_way, size = [], 0
            await asyncio.gather(*under_way)


def _read(message: str | bytes) -> Request:
    data = message.encode() if isinstance(message, str) else message
    if len(data) > LONGEST_FRAME:
        raise errors.TooLarge(
            f"The frame has {len(data):,} bytes; at most {LONGEST_FRAME:,} are taken.",
            hint='Send {"watch": run_id, "after": N} or {"unwatch": run_id}.',
            details={"size": len(data), "limit": LONGEST_FRAME},
        )
    request = parse(Request, read_json(data))
    if [bool(request.watch), bool(request.unwatch), request.ping is not None].count(True) != 1:
        raise invalid(("frame", "has one of watch, unwatch and ping"))
    return request
