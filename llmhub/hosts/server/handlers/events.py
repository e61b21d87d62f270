"""The events of one run as Server-Sent Events: replayed, then live, closed after `run.finished`.

Whoever reads slowly is written to slowly: nothing is taken from the run until the socket has taken what came before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from tornado.iostream import StreamClosedError

from ....agents.log import Frame
from ....events import Event
from ...bodies.runs import EventsQuery
from ...http import invalid
from ..handler import Handler
from ..operation import reads

AWAKE: Final = 15.0
"""Seconds of silence after which a comment keeps proxies awake."""
_PIECE: Final = 64 * 1024


class EventsHandler(Handler):
    """One watcher of one run."""

    awake = AWAKE

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        super().initialize()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @reads("A run's events behind number `after`", query=EventsQuery, answer=Event, errors=(404,), media_type="text/event-stream")
    async def get(self, run_id: str, query: EventsQuery) -> None:
        """`Last-Event-ID` works like `after`: a browser that connects again sends it by itself."""
        await self.workspace.runs.check(self.principal, run_id)
        watching = self.workspace.runs.watch(self.principal, run_id, max(query.after, self._last_event_id()))
        self._open()
        try:
            await self.flush()
            await self._follow(watching)
            self.end()
        except StreamClosedError:
            pass

    def on_connection_close(self) -> None:
        """The reader is gone: let go of the run at once."""
        super().on_connection_close()
        if not self._gone.done():
            self._gone.set_result(None)

    def _last_event_id(self) -> int:
        text = self.request.headers.get("Last-Event-ID", "").strip()
        if not text:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise invalid(("Last-Event-ID", "is not the number of an event"))
        return int(text)

    def _open(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache, no-transform")
        self.set_header("X-Accel-Buffering", "no")  # nginx would collect the stream and deliver it at the end
        connection: Any = self.request.connection
        connection.stream.set_nodelay(True)  # else an event waits until the one before is acknowledged: 25 ms, measured

    async def _follow(self, watching: AsyncIterator[Sequence[Frame]]) -> None:
        coming: asyncio.Future[Sequence[Frame] | None] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(_next(watching))
                await asyncio.wait({coming, self._gone}, timeout=self.awake, return_when=asyncio.FIRST_COMPLETED)
                if self._gone.done():
                    return
                if not coming.done():
                    self.say(b": awake\n\n")
                    await self.flush()
                    continue
                frames, coming = coming.result(), None
                if frames is None:
                    return
                await self._write(frames)
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait({coming})
            closing: Any = watching
            await closing.aclose()

    async def _write(self, frames: Sequence[Frame]) -> None:
        """A long replay goes out piece by piece, so that a slow reader costs one piece of memory."""
        size = 0
        for frame in frames:
            self.say(b"id: %d\nevent: %b\ndata: %b\n\n" % (frame.seq, frame.type.encode(), frame.data))
            size += len(frame.data)
            if size >= _PIECE:
                await self.flush()
                size = 0
        await self.flush()


async def _next(watching: AsyncIterator[Sequence[Frame]]) -> Sequence[Frame] | None:
    return await anext(watching, None)
