"""`InPieces`: a route whose answer comes in pieces, as a provider says it.

The surprise: a client that leaves cancels the very task that answers it, which closes the connection to the provider at once;
and pieces of an answer that come in one turn of the event loop leave as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from tornado import web
from tornado.iostream import StreamClosedError

from ...errors import Interrupted, LLMHubError
from ...messages import FinishReason
from ...providers.base import Adapted, ModelRequest, ProviderEvent, closing
from .handler import Handler

AWAKE: Final = 15.0
"""Seconds without a word after which a sign of life is sent. It opens the stream: from then on errors come inside it."""
_PIECE: Final = 64 * 1024
"""Bytes that wait for a slow reader before the provider is let wait too."""


class Writer(Protocol):
    """Provider events → a foreign stream."""

    reason: FinishReason | None

    @property
    def awake(self) -> bytes:
        """A sign of life."""
        ...

    def take(self, event: ProviderEvent) -> bytes:
        """What an event means, if anything."""
        ...

    def end(self) -> bytes:
        """The end."""
        ...

    def fail(self, error: BaseException) -> bytes:
        """An error instead of the end."""
        ...

    def refused(self, error: LLMHubError) -> bool:
        """Whether the error is told by the reason for the end."""
        ...


class InPieces(Handler):
    """A route that asks a provider and passes on what it says."""

    awake = AWAKE
    media_type = "text/event-stream; charset=utf-8"

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        super().initialize()
        self._asking: asyncio.Task[Any] | None = None
        self._is_gone = False
        self.is_open = False
        self._pieces: list[bytes] = []
        self._unsent = 0
        self._sent: Awaitable[None] | None = None
        self._is_due = False

    def on_connection_close(self) -> None:
        """The client is gone: so is its question."""
        super().on_connection_close()
        self._is_gone = True
        if self._asking is not None:
            self._asking.cancel()

    async def stream(self, request: ModelRequest, writer: Writer) -> None:
        """The answer as it comes. An error before the first word is an answer of its own, with its own status."""
        beat = _Beat(self.awake, lambda: self._put(writer.awake))
        try:
            async with self.answering(request) as events:
                await self._pass_on(events, writer, request.model, beat)
                await self._drain()
        finally:
            beat.stop()
        self.end()

    async def _pass_on(self, events: AsyncIterator[ProviderEvent], writer: Writer, model: str, beat: _Beat) -> None:
        try:
            async for event in events:
                if isinstance(event, Adapted):
                    self.tell(event)
                elif piece := writer.take(event):
                    beat.is_heard = True
                    self._put(piece)
                    if self._unsent > _PIECE:
                        await self._drain()
            if writer.reason is None:
                raise without_end(model)
            self._put(writer.end())
        except LLMHubError as exc:
            if writer.refused(exc):
                self._put(writer.end())
            elif not self.is_open:
                raise
            else:
                self._put(writer.fail(exc))
        except StreamClosedError:
            raise
        except Exception as exc:
            if not self.is_open:
                raise
            self.log_exception(type(exc), exc, exc.__traceback__)
            self._put(writer.fail(exc))

    def events(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """What the provider says."""
        return self.workspace.provider.stream(request)

    @asynccontextmanager
    async def answering(self, request: ModelRequest) -> AsyncGenerator[AsyncIterator[ProviderEvent]]:
        """The provider's events, until the client leaves. Meanwhile the server is in use."""
        self._asking = asyncio.current_task()
        self.extension.door_answers += 1
        try:
            if self._is_gone:
                raise web.Finish
            await self.workspace.runs.settle()
            async with closing(self.events(request)) as events:
                yield events
        except asyncio.CancelledError:
            if not self._is_gone:
                raise
            assert self._asking is not None
            self._asking.uncancel()
            raise web.Finish from None
        except StreamClosedError:
            raise web.Finish from None
        finally:
            self._asking = None
            self.extension.door_answers -= 1
            self.extension.note_activity()

    # ---- writing

    def tell(self, event: Adapted) -> None:
        """What the model gets otherwise than it was asked for."""

    def _put(self, piece: bytes) -> None:
        """Keep a piece until the event loop turns: what came at once leaves at once."""
        if not self.is_open:
            self._open()
        self._pieces.append(piece)
        self._unsent += len(piece)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._send)

    def _open(self) -> None:
        self.is_open = True
        self.set_header("Content-Type", self.media_type)
        self.set_header("Cache-Control", "no-cache, no-transform")
        self.set_header("X-Accel-Buffering", "no")  # nginx would collect the stream and deliver it at the end
        connection: Any = self.request.connection
        connection.stream.set_nodelay(True)  # else a piece waits until the one before is acknowledged

    def _send(self) -> None:
        self._is_due = False
        pieces, self._pieces = self._pieces, []
        if pieces and not self._is_gone and not self.is_answered:
            self.say(b"".join(pieces))
            self._sent = self.flush()

    async def _drain(self) -> None:
        """Return when the socket has taken everything."""
        self._send()
        if self._sent is not None:
            await self._sent
        self._unsent = 0


class _Beat:
    """Calls `say` whenever nothing was heard for a while."""

    def __init__(self, seconds: float, say: Any) -> None:
        self.is_heard = False
        self._seconds = seconds
        self._say = say
        self._timer = asyncio.get_running_loop().call_later(seconds, self._strike)

    def stop(self) -> None:
        """No more."""
        self._timer.cancel()

    def _strike(self) -> None:
        if not self.is_heard:
            self._say()
        self.is_heard = False
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._strike)


def without_end(model: str) -> Interrupted:
    """The error of an answer that did not say that it was over."""
    return Interrupted("The answer stopped without an end.", hint="Try again.", model=model)
